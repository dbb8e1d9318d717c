import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  MANAGED_CLUSTER,
  MANIFEST_WORK,
  MANIFEST_WORK_REPLICA_SET,
  PLACEMENT,
} from '../../../src/ocm/resources.ts';
import type { ManifestWorkReplicaSet, WorkSpec } from '../../../src/ocm/types.ts';
import type { Seen } from '../../runtime/support/api.ts';
import { servers } from '../../runtime/support/servers.ts';
import { deployment, replicaSet } from '../support/objects.ts';
import { startWorld, type World } from '../support/world.ts';

const EXACT = { mode: 'Exact', configurations: [] };
const MINUTE = 60_000;

/** Progressing as long as not all pods are ready: without such a rule OCM never knows. */
const progressing = (name: string): WorkSpec => ({
  workload: { manifests: [deployment('default', name)] },
  manifestConfigs: [
    {
      resourceIdentifier: { group: 'apps', resource: 'deployments', namespace: 'default', name },
      conditionRules: [
        {
          type: 'CEL',
          condition: 'Progressing',
          celExpressions: ['object.status.readyReplicas < object.spec.replicas'],
          messageExpression: '"ready: " + string(object.status.readyReplicas)',
        },
      ],
    },
  ],
});

describe.each(servers)('ManifestWorkReplicaSets on $name', (server) => {
  let world: World;
  let namespace: string;
  beforeAll(async () => {
    world = await startWorld(server);
  });
  beforeEach(async () => {
    namespace = await world.namespace();
  });
  afterEach(async () => {
    world.ocm.setWorkPlan(() => ({}));
    if ((await world.api.find(MANIFEST_WORK_REPLICA_SET, namespace, 'train')) !== undefined) {
      await world.api.remove(MANIFEST_WORK_REPLICA_SET, namespace, 'train');
    }
    await world.settled();
  });
  afterAll(() => world.stop());

  const placed = async (numberOfClusters: number, set: ManifestWorkReplicaSet): Promise<void> => {
    await world.place(namespace, 'train', { numberOfClusters, prioritizerPolicy: EXACT });
    await world.api.create(MANIFEST_WORK_REPLICA_SET, set);
    await world.settled();
  };
  const get = (): Promise<Seen> => world.api.get(MANIFEST_WORK_REPLICA_SET, namespace, 'train');
  const clusters = async (): Promise<readonly string[]> =>
    Object.keys(await world.works(namespace, 'train')).sort();
  const reasons = async (): Promise<object> => {
    const { status } = await get();
    return Object.fromEntries(
      status.conditions.map(({ type, reason }: { type: string; reason: string }) => [type, reason]),
    );
  };

  it('make a work in each chosen cluster, labelled, and sum up', async () => {
    const set = replicaSet(namespace, 'train', 'train');
    await placed(2, { ...set, metadata: { ...set.metadata, labels: { team: 'ml' } } });
    const works = await world.works(namespace, 'train');
    expect(Object.keys(works).sort()).toEqual(['c1', 'c2']);
    expect(works['c1']?.metadata.name).toMatch(/^train[a-z0-9]{5}$/);
    expect(works['c1']?.metadata.labels).toEqual({
      team: 'ml',
      'work.open-cluster-management.io/manifestworkreplicaset': `${namespace}.train`,
      'work.open-cluster-management.io/placementname': 'train',
    });
    const { metadata, status } = await get();
    expect(metadata.finalizers).toEqual(['work.open-cluster-management.io/manifest-work-cleanup']);
    expect(status.summary).toMatchObject({ total: 2, applied: 2, available: 2, progressing: 0, degraded: 0 });
    expect(status.placementSummary).toMatchObject([
      { name: 'train', availableDecisionGroups: '1 (2 / 2 clusters applied)', summary: { total: 2 } },
    ]);
    // Nothing says Progressing, so the rollout is never complete.
    expect(await reasons()).toEqual({
      PlacementVerified: 'AsExpected',
      PlacementRolledOut: 'Progressing',
      ManifestworkApplied: 'AsExpected',
    });
  });

  it('complete once a rule says that nothing progresses any more', async () => {
    world.ocm.setWorkPlan(() => ({ readyAfter: MINUTE }));
    await placed(2, replicaSet(namespace, 'train', 'train', { template: progressing('train') }));
    expect(await reasons()).toMatchObject({
      PlacementRolledOut: 'Progressing',
      ManifestworkApplied: 'Processing',
    });
    await world.advance(MINUTE);
    expect(await reasons()).toMatchObject({
      PlacementRolledOut: 'Complete',
      ManifestworkApplied: 'AsExpected',
    });
    const works = await world.works(namespace, 'train');
    expect(works['c1']?.status.conditions).toContainEqual(
      expect.objectContaining({
        type: 'Progressing',
        status: 'False',
        reason: 'ConditionRulesAggregated',
        message: 'ready: 2',
        observedGeneration: 1,
      }),
    );
  });

  it('take away at once what is not chosen any more, though the newcomer is not there yet', async () => {
    await placed(1, replicaSet(namespace, 'train', 'train'));
    world.ocm.setWorkPlan(({ cluster }) => (cluster === 'c2' ? { applyAfter: 5 * MINUTE } : {}));
    const taints = [{ key: 'out', effect: 'NoSelect', timeAdded: '2026-03-01T00:00:00Z' }];
    await world.api.patch(MANAGED_CLUSTER, undefined, 'c1', { spec: { taints } });
    await world.settled();
    expect(await clusters()).toEqual(['c2']);
    expect(world.ocm.clusters.places(namespace, 'train')).toMatchObject({ applied: [], ready: [] });
    await world.advance(5 * MINUTE);
    expect(world.ocm.clusters.history(namespace, 'train').map(({ ready }) => ready)).toEqual([
      ['c1'],
      [],
      ['c2'],
    ]);
    await world.api.patch(MANAGED_CLUSTER, undefined, 'c1', { spec: { taints: null } });
  });

  it('surge without a dip when the newcomer comes first', async () => {
    world.ocm.setWorkPlan(({ cluster }) => (cluster === 'c1' ? {} : { readyAfter: MINUTE }));
    await placed(1, replicaSet(namespace, 'train', 'train'));
    await world.api.patch(PLACEMENT, namespace, 'train', { spec: { numberOfClusters: 2 } });
    await world.settled();
    expect(world.ocm.clusters.places(namespace, 'train')).toMatchObject({
      applied: ['c1', 'c2'],
      ready: ['c1'],
    });
    await world.advance(MINUTE);
    expect(world.ocm.clusters.places(namespace, 'train').ready).toEqual(['c1', 'c2']);
  });

  it('progress one by one', async () => {
    world.ocm.setWorkPlan(() => ({ readyAfter: MINUTE }));
    const strategy = { type: 'Progressive' as const, progressive: { maxConcurrency: 1 } };
    await placed(3, replicaSet(namespace, 'train', 'train', { template: progressing('train'), strategy }));
    expect(await clusters()).toEqual(['c1']);
    await world.advance(MINUTE);
    expect(await clusters()).toEqual(['c1', 'c2']);
    await world.advance(2 * MINUTE);
    expect(await clusters()).toEqual(['c1', 'c2', 'c3']);
    expect((await get()).status.placementSummary[0].availableDecisionGroups).toBe(
      '1 (3 / 3 clusters applied)',
    );
  });

  it('bring a changed template to the works', async () => {
    await placed(2, replicaSet(namespace, 'train', 'train'));
    world.ocm.setWorkPlan(() => ({ readyAfter: 5 * MINUTE }));
    const manifests = [deployment('default', 'train', 7)];
    await world.api.patch(MANIFEST_WORK_REPLICA_SET, namespace, 'train', {
      spec: { manifestWorkTemplate: { workload: { manifests } } },
    });
    await world.settled();
    const works = await world.works(namespace, 'train');
    expect(works['c2']?.metadata.generation).toBe(2);
    expect(works['c2']?.status.conditions).toMatchObject([
      { type: 'Applied', observedGeneration: 2 },
      { type: 'Available', observedGeneration: 2 },
    ]);
    // A rolling update leaves pods that are ready until new ones are.
    expect(world.ocm.clusters.places(namespace, 'train').ready).toEqual(['c1', 'c2']);
    expect(world.ocm.clusters.list('c1')).toMatchObject([{ spec: { replicas: 7 } }]);
  });

  it('say that their Placement is missing, or chooses nobody', async () => {
    await world.api.create(MANIFEST_WORK_REPLICA_SET, replicaSet(namespace, 'train', 'train'));
    await world.settled();
    expect(await reasons()).toEqual({ PlacementVerified: 'PlacementDecisionNotFound' });
    await world.place(namespace, 'train', { numberOfClusters: 0 });
    expect(await reasons()).toMatchObject({ PlacementVerified: 'PlacementDecisionEmpty' });
  });

  it('make a work again that somebody deleted', async () => {
    await placed(1, replicaSet(namespace, 'train', 'train'));
    const [before] = Object.values(await world.works(namespace, 'train'));
    await world.api.remove(MANIFEST_WORK, 'c1', before?.metadata.name ?? '');
    await world.settled();
    const [after] = Object.values(await world.works(namespace, 'train'));
    expect(after?.metadata.uid).not.toBe(before?.metadata.uid);
    expect(world.ocm.clusters.places(namespace, 'train').ready).toEqual(['c1']);
  });

  it.each(['Background', 'Foreground'] as const)(
    'take their works along, %s',
    async (cascadeDeletionPolicy) => {
      await placed(2, replicaSet(namespace, 'train', 'train', { spec: { cascadeDeletionPolicy } }));
      world.ocm.setWorkPlan(() => ({ removeAfter: MINUTE }));
      await world.api.remove(MANIFEST_WORK_REPLICA_SET, namespace, 'train');
      await world.settled();
      const left = await world.api.find(MANIFEST_WORK_REPLICA_SET, namespace, 'train');
      expect(left === undefined).toBe(cascadeDeletionPolicy === 'Background');
      await world.advance(MINUTE);
      expect(await world.api.find(MANIFEST_WORK_REPLICA_SET, namespace, 'train')).toBeUndefined();
      expect(await clusters()).toEqual([]);
      expect(world.ocm.clusters.list('c1')).toEqual([]);
    },
  );
});
