import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  MANAGED_CLUSTER,
  MANIFEST_WORK_REPLICA_SET,
  PLACEMENT,
  PLACEMENT_DECISION,
} from '../../../src/ocm/resources.ts';
import { servers } from '../../runtime/support/servers.ts';
import { replicaSet } from '../support/objects.ts';
import { startWorld, type World } from '../support/world.ts';

const DISABLED = { 'cluster.open-cluster-management.io/experimental-scheduling-disable': 'true' };

describe.each(servers)('clusters and consumers, as measured, on $name', (server) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(server);
  });
  afterAll(() => world.stop());

  it('ManagedClusterConditionAvailable False alone changes nothing; a NoSelect taint does', async () => {
    const namespace = await world.namespace();
    expect(await world.place(namespace, 'steadfast', { numberOfClusters: 1 })).toBe('c1');
    // As measured: the placement controller alone, without the one that puts taints.
    world.ocm.stopRegistration();
    world.ocm.setAvailable('c1', false);
    await world.settled();
    const down = await world.api.get(MANAGED_CLUSTER, undefined, 'c1');
    expect(down.status.conditions).toContainEqual(
      expect.objectContaining({ type: 'ManagedClusterConditionAvailable', status: 'False' }),
    );
    expect(await world.decided(namespace, 'steadfast')).toBe('c1');
    const taints = [{ key: 'out', effect: 'NoSelect', timeAdded: '2026-03-01T00:00:00Z' }];
    await world.api.patch(MANAGED_CLUSTER, undefined, 'c1', { spec: { taints } });
    await world.settled();
    expect(await world.decided(namespace, 'steadfast')).toBe('c2');
    await world.api.patch(MANAGED_CLUSTER, undefined, 'c1', { spec: { taints: null } });
    world.ocm.setAvailable('c1', true);
    world.ocm.startRegistration();
    await world.settled();
  });

  it('a Placement whose scheduling is disabled is left to others, whom ManifestWorkReplicaSets follow', async () => {
    const namespace = await world.namespace();
    // Without Steady, OCM would go back to c1 at once.
    const prioritizerPolicy = { mode: 'Exact', configurations: [] };
    await world.place(namespace, 'handed-over', { numberOfClusters: 1, prioritizerPolicy });
    await world.api.create(MANIFEST_WORK_REPLICA_SET, replicaSet(namespace, 'handed-over', 'handed-over'));
    await world.settled();
    expect(world.ocm.clusters.places(namespace, 'handed-over').applied).toEqual(['c1']);
    await world.api.patch(PLACEMENT, namespace, 'handed-over', { metadata: { annotations: DISABLED } });
    const [decision] = await world.decisions(namespace, 'handed-over');
    await world.api.patchStatus(PLACEMENT_DECISION, namespace, decision?.metadata.name ?? '', {
      status: { decisions: [{ clusterName: 'c3', reason: 'ours' }] },
    });
    await world.settled();
    expect(await world.decided(namespace, 'handed-over')).toBe('c3');
    expect(world.ocm.clusters.places(namespace, 'handed-over').applied).toEqual(['c3']);
    await world.api.patch(PLACEMENT, namespace, 'handed-over', {
      metadata: { annotations: Object.fromEntries(Object.keys(DISABLED).map((key) => [key, null])) },
    });
    await world.settled();
    expect(await world.decided(namespace, 'handed-over')).toBe('c1');
  });

  it('the ManifestWorks go when a Placement becomes Misconfigured', async () => {
    const namespace = await world.namespace();
    await world.place(namespace, 'emptied', { numberOfClusters: 2 });
    await world.api.create(MANIFEST_WORK_REPLICA_SET, replicaSet(namespace, 'emptied', 'emptied'));
    await world.settled();
    expect(world.ocm.clusters.places(namespace, 'emptied').ready).toHaveLength(2);
    await world.api.patch(PLACEMENT, namespace, 'emptied', {
      spec: { prioritizerPolicy: { mode: 'Precise' } },
    });
    await world.settled();
    expect(await world.works(namespace, 'emptied')).toEqual({});
    expect(world.ocm.clusters.places(namespace, 'emptied').applied).toEqual([]);
  });

  it('without its feature gate a ManifestWorkReplicaSet does nothing and says nothing', async () => {
    const gated = await startWorld(server, { manifestWorkReplicaSet: false });
    try {
      const namespace = await gated.namespace();
      await gated.place(namespace, 'silent', { numberOfClusters: 1 });
      const set = replicaSet(namespace, 'silent', 'silent');
      await gated.api.create(MANIFEST_WORK_REPLICA_SET, set);
      await gated.settled();
      expect(await gated.works(namespace, 'silent')).toEqual({});
      const after = await gated.api.get(MANIFEST_WORK_REPLICA_SET, namespace, 'silent');
      expect([after.status, after.metadata.finalizers]).toEqual([undefined, undefined]);
    } finally {
      await gated.stop();
    }
  });
});
