import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROPAGATION_POLICY } from '../../../src/karmada/resources.ts';
import { CONFIG_MAP, CRON_JOB, DAEMON_SET, DEPLOYMENT, STATEFUL_SET } from '../../runtime/support/api.ts';
import { servers } from '../../runtime/support/servers.ts';
import {
  configMap,
  cronJob,
  daemonSet,
  deployment,
  divided,
  policy,
  selecting,
  statefulSet,
  weightPatch,
  weights,
} from '../support/objects.ts';
import { startWorld, type World } from '../support/world.ts';

describe.each(servers)('weights, as measured, on $name', (server) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(server);
  }, 120_000);
  afterAll(() => world.stop());

  /** A Deployment under a policy with these weights, settled. */
  const placed = async (replicas: number, placement: object): Promise<string> => {
    const namespace = await world.namespace();
    const web = deployment(namespace, 'web', replicas);
    await world.api.create(PROPAGATION_POLICY, policy(namespace, 'web', selecting(web), placement));
    await world.api.create(DEPLOYMENT, web);
    await world.settled();
    return namespace;
  };

  const patch = async (namespace: string, change: object): Promise<void> => {
    await world.api.patch(PROPAGATION_POLICY, namespace, 'web', change);
    await world.settled();
  };

  it.each([0, -1, 1.5])('rejects a weight of %d', async (weight) => {
    await expect(placed(1, divided(weights(['m1', weight])))).rejects.toMatchObject({ code: 422 });
  });

  it('accepts a weight of 100000', async () => {
    const namespace = await placed(3, divided(weights(['m1', 100_000], ['m2', 1])));
    expect(await world.schedule(namespace, 'web-deployment')).toBe('m1:3');
  });

  it.each([
    [1, 'm1:1'],
    [2, 'm1:1 m2:1'],
    [3, 'm1:1 m2:1 m3:1'],
    [5, 'm1:2 m2:2 m3:1'],
    [7, 'm1:4 m2:2 m3:1'],
  ])('divides %d replicas by 5:3:2 into %s', async (replicas, expected) => {
    const namespace = await placed(replicas, divided(weights(['m1', 5], ['m2', 3], ['m3', 2])));
    expect(await world.schedule(namespace, 'web-deployment')).toBe(expected);
  });

  it('leaves a cluster with a zero share out of the binding', async () => {
    const namespace = await placed(10, divided(weights(['m1', 1000], ['m2', 1000], ['m3', 1])));
    expect(await world.schedule(namespace, 'web-deployment')).toBe('m1:5 m2:5');
  });

  it.each([
    ['an empty list', divided([])],
    ['no weightPreference', divided(undefined)],
    [
      'only clusters outside the affinity',
      divided(weights(['elsewhere', 7]), { clusterAffinity: { clusterNames: ['m1', 'm2', 'm3'] } }),
    ],
  ])('splits evenly for %s', async (_what, placement) => {
    const namespace = await placed(9, placement);
    expect(await world.schedule(namespace, 'web-deployment')).toBe('m1:3 m2:3 m3:3');
  });

  it('takes the largest of several entries for a cluster and ignores unknown names', async () => {
    const list = weights(['m1', 1], ['m1', 3], ['m2', 1], ['nowhere', 50]);
    const namespace = await placed(4, divided(list));
    expect(await world.schedule(namespace, 'web-deployment')).toBe('m1:3 m2:1');
  });

  it('deletes the Work of a cluster that is missing from the list', async () => {
    const namespace = await placed(10, divided(weights(['m1', 5], ['m2', 3], ['m3', 2])));
    expect(await world.work('m3', namespace, 'web')).toBeDefined();
    await patch(namespace, weightPatch(['m1', 1], ['m2', 1]));
    expect(await world.schedule(namespace, 'web-deployment')).toBe('m1:5 m2:5');
    expect(await world.work('m3', namespace, 'web')).toBeUndefined();
    expect(world.karmada.members.get('m3', 'Deployment', namespace, 'web')).toBeUndefined();
  });

  it.each([
    ['ten times the weights', weightPatch(['m1', 50], ['m2', 30], ['m3', 20])],
    ['another order of the list', weightPatch(['m3', 2], ['m1', 5], ['m2', 3])],
  ])('schedules again for %s: generation + 1, same split', async (_what, change) => {
    const namespace = await placed(10, divided(weights(['m1', 5], ['m2', 3], ['m3', 2])));
    const before = await world.binding(namespace, 'web-deployment');
    await patch(namespace, change);
    const after = await world.binding(namespace, 'web-deployment');
    expect(after.metadata.generation).toBe((before.metadata.generation ?? 0) + 1);
    expect(after.spec.clusters).toEqual(before.spec.clusters);
    expect(after.status.schedulerObservedGeneration).toBe(after.metadata.generation);
  });

  it('does nothing for an identical patch, not even to resourceVersions', async () => {
    const namespace = await placed(10, divided(weights(['m1', 5], ['m2', 3], ['m3', 2])));
    const before = await world.binding(namespace, 'web-deployment');
    const policyBefore = await world.api.get(PROPAGATION_POLICY, namespace, 'web');
    await patch(namespace, weightPatch(['m1', 5], ['m2', 3], ['m3', 2]));
    const policyAfter = await world.api.get(PROPAGATION_POLICY, namespace, 'web');
    expect(policyAfter.metadata.resourceVersion).toBe(policyBefore.metadata.resourceVersion);
    const after = await world.binding(namespace, 'web-deployment');
    expect(after.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  });

  it('says that it is done by the observed generation and the applied placement', async () => {
    const namespace = await placed(10, divided(weights(['m1', 5], ['m2', 3], ['m3', 2])));
    world.karmada.stopScheduler();
    await patch(namespace, weightPatch(['m1', 1], ['m2', 1], ['m3', 8]));
    const waiting = await world.binding(namespace, 'web-deployment');
    const scheduled = waiting.status.conditions.find((entry: { type: string }) => entry.type === 'Scheduled');
    expect(scheduled.status).toBe('True');
    expect(waiting.status.schedulerObservedGeneration).toBeLessThan(waiting.metadata.generation ?? 0);
    expect(await world.schedule(namespace, 'web-deployment')).toBe('m1:5 m2:3 m3:2');

    world.karmada.startScheduler();
    await world.settled();
    const done = await world.binding(namespace, 'web-deployment');
    expect(await world.schedule(namespace, 'web-deployment')).toBe('m1:1 m2:1 m3:8');
    expect(done.status.schedulerObservedGeneration).toBe(done.metadata.generation);
    const applied = JSON.parse(done.metadata.annotations?.['policy.karmada.io/applied-placement'] ?? '');
    expect(applied).toEqual(done.spec.placement);
  });

  it('empties the binding and deletes in all members for a template with no replicas', async () => {
    const namespace = await placed(10, divided(weights(['m1', 5], ['m2', 3], ['m3', 2])));
    await world.api.patch(DEPLOYMENT, namespace, 'web', { spec: { replicas: 0 } });
    await world.settled();
    expect(await world.schedule(namespace, 'web-deployment')).toBe('');
    expect(world.karmada.members.totals(namespace, 'web').clusters).toEqual({});
  });

  it('spreads an even total by names, up or down by the parity of the UID', async () => {
    const namespace = await placed(4, divided(undefined));
    expect(['m1:2 m2:1 m3:1', 'm1:1 m2:1 m3:2']).toContain(await world.schedule(namespace, 'web-deployment'));
  });

  it('keeps the split under dynamicWeight, whatever the static list says', async () => {
    const namespace = await placed(10, divided(weights(['m1', 5], ['m2', 3], ['m3', 2])));
    const dynamic = { weightPreference: { dynamicWeight: 'AvailableReplicas' } };
    await patch(namespace, { spec: { placement: { replicaScheduling: dynamic } } });
    expect(await world.schedule(namespace, 'web-deployment')).toBe('m1:5 m2:3 m3:2');
    await patch(namespace, weightPatch(['m1', 1], ['m2', 1], ['m3', 8]));
    const { spec } = await world.api.get(PROPAGATION_POLICY, namespace, 'web');
    expect(spec.placement.replicaScheduling.weightPreference.dynamicWeight).toBe('AvailableReplicas');
    expect(await world.schedule(namespace, 'web-deployment')).toBe('m1:5 m2:3 m3:2');
  });

  it('ignores spread constraints with static weights', async () => {
    const constrained = divided(weights(['m1', 5], ['m2', 3], ['m3', 2]), {
      spreadConstraints: [{ spreadByField: 'cluster', minGroups: 1, maxGroups: 1 }],
    });
    const namespace = await placed(10, constrained);
    expect(await world.schedule(namespace, 'web-deployment')).toBe('m1:5 m2:3 m3:2');
  });

  it('divides StatefulSets like Deployments', async () => {
    const namespace = await world.namespace();
    const db = statefulSet(namespace, 'db', 4);
    const placement = divided(weights(['m1', 3], ['m2', 1]));
    await world.api.create(PROPAGATION_POLICY, policy(namespace, 'db', selecting(db), placement));
    await world.api.create(STATEFUL_SET, db);
    await world.settled();
    expect(await world.schedule(namespace, 'db-statefulset')).toBe('m1:3 m2:1');
    const { status } = await world.api.get(STATEFUL_SET, namespace, 'db');
    expect(status).toMatchObject({ replicas: 4, availableReplicas: 4 });
  });

  it('sends what has no replicas to all candidates, whatever the weights', async () => {
    const namespace = await world.namespace();
    const objects = [
      [CRON_JOB, cronJob(namespace, 'nightly')],
      [DAEMON_SET, daemonSet(namespace, 'agent')],
      [CONFIG_MAP, configMap(namespace, 'settings')],
    ] as const;
    const selectors = selecting(...objects.map(([, object]) => object));
    const placement = divided(weights(['m1', 1]));
    await world.api.create(PROPAGATION_POLICY, policy(namespace, 'all', selectors, placement));
    for (const [resource, object] of objects) await world.api.create(resource, object);
    await world.settled();
    for (const name of ['nightly-cronjob', 'agent-daemonset', 'settings-configmap']) {
      expect(await world.schedule(namespace, name)).toBe('m1 m2 m3');
    }
    for (const cluster of ['m1', 'm2', 'm3']) {
      const copy = world.karmada.members.get(cluster, 'ConfigMap', namespace, 'settings');
      expect(copy).toMatchObject({ data: { key: 'value' } });
    }
  });
});
