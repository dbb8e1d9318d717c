import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { MANIFEST_WORK } from '../../../src/ocm/resources.ts';
import type { ManifestWork, WorkSpec } from '../../../src/ocm/types.ts';
import type { Seen } from '../../runtime/support/api.ts';
import { servers } from '../../runtime/support/servers.ts';
import { deployment } from '../support/objects.ts';
import { startWorld, type World } from '../support/world.ts';

const MINUTE = 60_000;

function work(spec: WorkSpec): ManifestWork {
  const { apiVersion, kind } = MANIFEST_WORK;
  return { apiVersion, kind, metadata: { name: 'w', namespace: 'c1' }, spec };
}

describe.each(servers)('work agents on $name', (server) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(server);
  });
  afterEach(async () => {
    world.ocm.setWorkPlan(() => ({}));
    if ((await world.api.find(MANIFEST_WORK, 'c1', 'w')) !== undefined) {
      await world.api.remove(MANIFEST_WORK, 'c1', 'w');
    }
    await world.settled();
  });
  afterAll(() => world.stop());

  const create = async (
    spec: WorkSpec = { workload: { manifests: [deployment('default', 'd')] } },
  ): Promise<void> => {
    await world.api.create(MANIFEST_WORK, work(spec));
    await world.settled();
  };
  const get = (): Promise<Seen> => world.api.get(MANIFEST_WORK, 'c1', 'w');
  const conditions = async (): Promise<readonly string[]> =>
    ((await get()).status?.conditions ?? []).map(
      ({ type, status, reason }: Record<string, string>) => `${type} ${status} ${reason}`,
    );

  it('apply and report per manifest', async () => {
    await create();
    const { metadata, status } = await get();
    expect(metadata.finalizers).toEqual(['cluster.open-cluster-management.io/manifest-work-cleanup']);
    expect(status.resourceStatus.manifests).toMatchObject([
      {
        resourceMeta: {
          ordinal: 0,
          group: 'apps',
          version: 'v1',
          kind: 'Deployment',
          resource: 'deployments',
          name: 'd',
          namespace: 'default',
        },
        conditions: [
          { type: 'Applied', status: 'True', reason: 'AppliedManifestComplete' },
          { type: 'Available', status: 'True', reason: 'ResourceAvailable' },
          { type: 'StatusFeedbackSynced', status: 'True', reason: 'NoStatusFeedbackSynced' },
        ],
      },
    ]);
  });

  it('call available what exists, whether or not its pods are ready; feedback tells that', async () => {
    world.ocm.setWorkPlan(() => ({ readyAfter: MINUTE }));
    await create({
      workload: { manifests: [deployment('default', 'd', 3)] },
      manifestConfigs: [
        {
          resourceIdentifier: { group: 'apps', resource: 'deployments', name: 'd', namespace: 'default' },
          feedbackRules: [
            { type: 'WellKnownStatus' },
            {
              type: 'JSONPaths',
              jsonPaths: [{ name: 'image', path: '.spec.template.spec.containers[0].image' }],
            },
          ],
        },
      ],
    });
    const values = async (): Promise<object> => {
      const { status } = await get();
      const list: { name: string; fieldValue: { integer?: number; string?: string } }[] =
        status.resourceStatus.manifests[0].statusFeedback.values;
      return Object.fromEntries(
        list.map(({ name, fieldValue }) => [name, fieldValue.integer ?? fieldValue.string]),
      );
    };
    expect(await conditions()).toContain('Available True ResourcesAvailable');
    expect(await values()).toEqual({ ReadyReplicas: 0, Replicas: 3, AvailableReplicas: 0, image: 'train:1' });
    await world.advance(MINUTE);
    expect(await values()).toEqual({ ReadyReplicas: 3, Replicas: 3, AvailableReplicas: 3, image: 'train:1' });
  });

  it('may be slow, or never come to it', async () => {
    world.ocm.setWorkPlan(() => ({ applyAfter: MINUTE }));
    await create();
    expect(await conditions()).toEqual([]);
    await world.advance(MINUTE);
    expect(await conditions()).toContain('Available True ResourcesAvailable');
    world.ocm.setWorkPlan(() => ({ applyAfter: null }));
    const manifests = [deployment('default', 'd', 5)];
    await world.api.patch(MANIFEST_WORK, 'c1', 'w', { spec: { workload: { manifests } } });
    await world.advance(60 * MINUTE);
    expect((await get()).status.conditions).toMatchObject([
      { observedGeneration: 1 },
      { observedGeneration: 1 },
    ]);
  });

  it('may fail, and then nothing is there', async () => {
    world.ocm.setWorkPlan(() => ({ failure: 'no matches for kind "Deployment"' }));
    await create();
    expect(await conditions()).toEqual([
      'Applied False AppliedManifestWorkFailed',
      'Available False ResourcesNotAvailable',
    ]);
    const { status } = await get();
    expect(status.resourceStatus.manifests[0].conditions[0].message).toBe(
      'Failed to apply manifest: no matches for kind "Deployment"',
    );
    expect(world.ocm.clusters.list('c1')).toEqual([]);
  });

  it('do nothing while their cluster is cut off, and all of it afterwards', async () => {
    world.ocm.disconnect('c1');
    await create();
    expect((await get()).metadata.finalizers).toBeUndefined();
    world.ocm.connect('c1');
    await world.settled();
    expect(await conditions()).toContain('Applied True AppliedManifestWorkComplete');
    world.ocm.disconnect('c1');
    await world.api.remove(MANIFEST_WORK, 'c1', 'w');
    await world.settled();
    // What ran goes on running.
    expect(world.ocm.clusters.list('c1')).toHaveLength(1);
    expect((await get()).metadata.deletionTimestamp).toBeDefined();
    world.ocm.connect('c1');
    await world.settled();
    expect(world.ocm.clusters.list('c1')).toEqual([]);
    expect(await world.api.find(MANIFEST_WORK, 'c1', 'w')).toBeUndefined();
  });

  it('make conditions of rules, and take them back with the rule', async () => {
    const identifier = { group: 'apps', resource: 'deployments', name: 'd', namespace: 'default' };
    const rule = (expression: string) => ({
      type: 'CEL' as const,
      condition: 'Degraded',
      celExpressions: [expression],
    });
    const spec = (expression: string) => ({
      workload: { manifests: [deployment('default', 'd')] },
      manifestConfigs: [{ resourceIdentifier: identifier, conditionRules: [rule(expression)] }],
    });
    await create(spec('hasConditions(object.status)'));
    expect(await conditions()).toContain('Degraded False ConditionRulesAggregated');
    await world.api.patch(MANIFEST_WORK, 'c1', 'w', { spec: spec('object.nothing > 1') });
    await world.settled();
    const { status } = await get();
    expect(status.resourceStatus.manifests[0].conditions).toContainEqual(
      expect.objectContaining({ type: 'Degraded', status: 'False', reason: 'ConditionRuleExpressionError' }),
    );
    await world.api.patch(MANIFEST_WORK, 'c1', 'w', { spec: { manifestConfigs: null } });
    await world.settled();
    expect(await conditions()).toEqual([
      'Applied True AppliedManifestWorkComplete',
      'Available True ResourcesAvailable',
    ]);
  });

  it('leave behind what is to be orphaned', async () => {
    await create({
      workload: { manifests: [deployment('default', 'd')] },
      deleteOption: { propagationPolicy: 'Orphan' },
    });
    await world.api.remove(MANIFEST_WORK, 'c1', 'w');
    await world.settled();
    expect(await world.api.find(MANIFEST_WORK, 'c1', 'w')).toBeUndefined();
    expect(world.ocm.clusters.list('c1')).toHaveLength(1);
  });
});
