import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CLUSTER,
  CLUSTER_PROPAGATION_POLICY,
  PROPAGATION_POLICY,
  RESOURCE_BINDING,
} from '../../../src/karmada/resources.ts';
import { DEPLOYMENT } from '../../runtime/support/api.ts';
import { servers } from '../../runtime/support/servers.ts';
import {
  clusterPolicy,
  deployment,
  divided,
  policy,
  selecting,
  weightPatch,
  weights,
} from '../support/objects.ts';
import { startWorld, type World } from '../support/world.ts';

describe.each(servers)('affinity, policies and claims, as measured, on $name', (server) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(server);
  }, 120_000);
  afterAll(() => world.stop());

  const placed = async (replicas: number, placement: object, rest: object = {}): Promise<string> => {
    const namespace = await world.namespace();
    const web = deployment(namespace, 'web', replicas);
    await world.api.create(PROPAGATION_POLICY, policy(namespace, 'web', selecting(web), placement, rest));
    await world.api.create(DEPLOYMENT, web);
    await world.settled();
    return namespace;
  };

  const change = async (namespace: string, placement: object): Promise<void> => {
    await world.api.patch(PROPAGATION_POLICY, namespace, 'web', { spec: { placement } });
    await world.settled();
  };

  const even = weights(['m1', 1], ['m2', 1], ['m3', 1]);

  it('renormalises the weights when clusterNames become fewer', async () => {
    const namespace = await placed(9, divided(even));
    await change(namespace, { clusterAffinity: { clusterNames: ['m1', 'm2'] } });
    expect(['m1:5 m2:4', 'm1:4 m2:5']).toContain(await world.schedule(namespace, 'web-deployment'));
  });

  it('empties the binding and deletes everywhere when no cluster matches', async () => {
    const namespace = await placed(9, divided(even));
    await change(namespace, { clusterAffinity: { clusterNames: ['nowhere'] } });
    const { spec, status } = await world.binding(namespace, 'web-deployment');
    expect(spec.clusters ?? []).toEqual([]);
    const scheduled = status.conditions.find((entry: { type: string }) => entry.type === 'Scheduled');
    expect(scheduled).toMatchObject({ status: 'False', reason: 'NoClusterFit' });
    expect(world.karmada.members.totals(namespace, 'web').clusters).toEqual({});
    await change(namespace, { clusterAffinity: { clusterNames: ['m1'] } });
    expect(await world.schedule(namespace, 'web-deployment')).toBe('m1:9');
  });

  it('takes an empty list of names for all clusters', async () => {
    const namespace = await placed(9, divided(even, { clusterAffinity: { clusterNames: [] } }));
    expect(await world.schedule(namespace, 'web-deployment')).toBe('m1:3 m2:3 m3:3');
  });

  it('stays in the group of clusterAffinities that it is in when they are put in another order', async () => {
    const first = { affinityName: 'first', clusterNames: ['m1'] };
    const second = { affinityName: 'second', clusterNames: ['m2'] };
    const namespace = await placed(2, divided(undefined, { clusterAffinities: [first, second] }));
    expect(await world.schedule(namespace, 'web-deployment')).toBe('m1:2');
    await change(namespace, { clusterAffinities: [second, first] });
    expect(await world.schedule(namespace, 'web-deployment')).toBe('m1:2');
  });

  it('moves no divided workload when labels of clusters change', async () => {
    const green = { clusterAffinity: { labelSelector: { matchLabels: { grid: 'green' } } } };
    await world.api.patch(CLUSTER, undefined, 'm1', { metadata: { labels: { grid: 'green' } } });
    await world.settled();
    const namespace = await placed(4, divided(undefined, green));
    expect(await world.schedule(namespace, 'web-deployment')).toBe('m1:4');
    await world.api.patch(CLUSTER, undefined, 'm1', { metadata: { labels: { grid: null } } });
    await world.api.patch(CLUSTER, undefined, 'm2', { metadata: { labels: { grid: 'green' } } });
    await world.settled();
    expect(await world.schedule(namespace, 'web-deployment')).toBe('m1:4');
    await world.api.patch(CLUSTER, undefined, 'm2', { metadata: { labels: { grid: null } } });
    await world.settled();
  });

  it('fills in what Karmada fills in: permanent id, finalizer, Weighted', async () => {
    const placement = { replicaScheduling: { replicaSchedulingType: 'Divided' } };
    const namespace = await placed(3, placement);
    const { metadata, spec } = await world.api.get(PROPAGATION_POLICY, namespace, 'web');
    expect(metadata.labels?.['propagationpolicy.karmada.io/permanent-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(metadata.finalizers).toEqual(['karmada.io/propagation-policy-controller']);
    expect(spec.placement.replicaScheduling.replicaDivisionPreference).toBe('Weighted');
    expect(await world.schedule(namespace, 'web-deployment')).toBe('m1:1 m2:1 m3:1');
  });

  it('claims template and binding by label and annotations', async () => {
    const namespace = await placed(3, divided(even));
    const { metadata } = await world.api.get(PROPAGATION_POLICY, namespace, 'web');
    const id = metadata.labels?.['propagationpolicy.karmada.io/permanent-id'];
    for (const [resource, name] of [
      [DEPLOYMENT, 'web'],
      [RESOURCE_BINDING, 'web-deployment'],
    ] as const) {
      const claimed = await world.api.get(resource, namespace, name);
      expect(claimed.metadata.labels).toMatchObject({ 'propagationpolicy.karmada.io/permanent-id': id });
      expect(claimed.metadata.annotations).toMatchObject({
        'propagationpolicy.karmada.io/namespace': namespace,
        'propagationpolicy.karmada.io/name': 'web',
      });
    }
  });

  it('leaves binding and workload when the policy is deleted, and takes only the claim away', async () => {
    const namespace = await placed(3, divided(even));
    await world.api.remove(PROPAGATION_POLICY, namespace, 'web');
    await world.settled();
    expect(await world.api.find(PROPAGATION_POLICY, namespace, 'web')).toBeUndefined();
    const { metadata } = await world.api.get(DEPLOYMENT, namespace, 'web');
    expect(metadata.labels?.['propagationpolicy.karmada.io/permanent-id']).toBeUndefined();
    expect(metadata.annotations?.['propagationpolicy.karmada.io/name']).toBeUndefined();
    expect(await world.schedule(namespace, 'web-deployment')).toBe('m1:1 m2:1 m3:1');
    expect(world.karmada.members.totals(namespace, 'web').replicas).toBe(3);
  });

  it('gives a template to nobody else once it is claimed', async () => {
    const namespace = await placed(3, divided(weights(['m1', 1])));
    const web = deployment(namespace, 'web', 3);
    const rival = policy(namespace, 'rival', selecting(web), divided(weights(['m2', 1])), { priority: 100 });
    await world.api.create(PROPAGATION_POLICY, rival);
    await world.settled();
    expect(await world.schedule(namespace, 'web-deployment')).toBe('m1:3');
    await world.api.remove(PROPAGATION_POLICY, namespace, 'web');
    await world.settled();
    expect(await world.schedule(namespace, 'web-deployment')).toBe('m2:3');
  });

  it('moves by a ClusterPropagationPolicy, and a later PropagationPolicy does not take over', async () => {
    const namespace = await world.namespace();
    const web = deployment(namespace, 'web', 10);
    const selectors = selecting(web).map((selector) => ({ ...selector, namespace }));
    const name = `cluster-${namespace}`;
    const placement = divided(weights(['m1', 5], ['m2', 3], ['m3', 2]));
    await world.api.create(CLUSTER_PROPAGATION_POLICY, clusterPolicy(name, selectors, placement));
    await world.api.create(DEPLOYMENT, web);
    await world.settled();
    expect(await world.schedule(namespace, 'web-deployment')).toBe('m1:5 m2:3 m3:2');
    const flipped = weightPatch(['m1', 1], ['m2', 1], ['m3', 8]);
    await world.api.patch(CLUSTER_PROPAGATION_POLICY, undefined, name, flipped);
    await world.settled();
    expect(await world.schedule(namespace, 'web-deployment')).toBe('m1:1 m2:1 m3:8');
    const later = policy(namespace, 'later', selecting(web), divided(weights(['m1', 1])));
    await world.api.create(PROPAGATION_POLICY, later);
    await world.settled();
    expect(await world.schedule(namespace, 'web-deployment')).toBe('m1:1 m2:1 m3:8');
    const { metadata } = await world.api.get(DEPLOYMENT, namespace, 'web');
    expect(metadata.annotations).toMatchObject({ 'clusterpropagationpolicy.karmada.io/name': name });
    await world.api.remove(CLUSTER_PROPAGATION_POLICY, undefined, name);
    await world.settled();
  });

  it('freezes members while dispatching is suspended, and lets them jump afterwards', async () => {
    const namespace = await placed(10, divided(weights(['m1', 5], ['m2', 3], ['m3', 2])));
    const suspend = (value: boolean | null) =>
      world.api.patch(PROPAGATION_POLICY, namespace, 'web', {
        spec: { suspension: value === null ? null : { dispatching: value } },
      });
    await suspend(true);
    await world.api.patch(PROPAGATION_POLICY, namespace, 'web', weightPatch(['m1', 1], ['m2', 1], ['m3', 8]));
    await world.settled();
    expect(await world.schedule(namespace, 'web-deployment')).toBe('m1:1 m2:1 m3:8');
    expect(world.karmada.members.totals(namespace, 'web').clusters).toMatchObject({
      m1: { replicas: 5 },
      m3: { replicas: 2 },
    });
    await suspend(null);
    await world.settled();
    expect(world.karmada.members.totals(namespace, 'web').clusters).toMatchObject({
      m1: { replicas: 1 },
      m3: { replicas: 8 },
    });
  });
});
