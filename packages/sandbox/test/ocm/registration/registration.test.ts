import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  MANAGED_CLUSTER,
  MANAGED_CLUSTER_SET,
  MANAGED_CLUSTER_SET_BINDING,
} from '../../../src/ocm/resources.ts';
import { NAMESPACE } from '../../../src/runtime/client/resource.ts';
import { servers } from '../../runtime/support/servers.ts';
import { cluster } from '../support/clusters.ts';
import { clusterSet, setBinding } from '../support/objects.ts';
import { startWorld, type World } from '../support/world.ts';

const SECOND = 1_000;
const EXCLUSIVE = 'cluster.open-cluster-management.io/clusterset';

describe.each(servers)('registration on $name', (server) => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld(server);
  });
  afterEach(() => world.stop());

  const taintsOf = async (name: string): Promise<readonly string[]> => {
    const { spec } = await world.api.get(MANAGED_CLUSTER, undefined, name);
    return (spec.taints ?? []).map(
      (taint: { key: string; effect: string }) => `${taint.key}:${taint.effect}`,
    );
  };
  const availability = async (name: string): Promise<string> => {
    const { status } = await world.api.get(MANAGED_CLUSTER, undefined, name);
    const found = status.conditions.find(
      ({ type }: { type: string }) => type === 'ManagedClusterConditionAvailable',
    );
    return `${found.status} ${found.reason}`;
  };
  const bound = async (namespace: string, set: string): Promise<string> => {
    const { status } = await world.api.get(MANAGED_CLUSTER_SET_BINDING, namespace, set);
    return `${status.conditions[0].status} ${status.conditions[0].reason}`;
  };

  it('joins its clusters: accepted, joined, available, without taints, with a namespace', async () => {
    const { spec, status } = await world.api.get(MANAGED_CLUSTER, undefined, 'c1');
    expect(spec).toMatchObject({ hubAcceptsClient: true, leaseDurationSeconds: 60 });
    expect(spec.taints).toBeUndefined();
    expect(status.conditions.map(({ type }: { type: string }) => type)).toEqual([
      'HubAcceptedManagedCluster',
      'ManagedClusterJoined',
      'ManagedClusterConditionAvailable',
    ]);
    expect(status).toMatchObject({ capacity: { cpu: '1000' }, version: { kubernetes: 'v1.36.2' } });
    expect((await world.api.get(NAMESPACE, undefined, 'c1')).metadata.labels).toMatchObject({
      'open-cluster-management.io/cluster-name': 'c1',
    });
  });

  it('an API server that does not answer makes a cluster unavailable, and back', async () => {
    const namespace = await world.namespace();
    expect(await world.place(namespace, 'p', { numberOfClusters: 2 })).toBe('c1 c2');
    world.ocm.setAvailable('c1', false);
    await world.settled();
    expect(await availability('c1')).toBe('False ManagedClusterKubeAPIServerUnavailable');
    expect(await taintsOf('c1')).toEqual(['cluster.open-cluster-management.io/unavailable:NoSelect']);
    expect(await world.decided(namespace, 'p')).toBe('c2 c3');
    world.ocm.setAvailable('c1', true);
    await world.settled();
    expect(await taintsOf('c1')).toEqual([]);
    expect(await world.decided(namespace, 'p')).toBe('c2 c3');
  });

  it('a cluster that is cut off becomes unreachable when its lease is out: after five times 60 s', async () => {
    world.ocm.disconnect('c2');
    await world.advance(299 * SECOND);
    expect(await availability('c2')).toBe('True ManagedClusterAvailable');
    await world.advance(SECOND);
    expect(await availability('c2')).toBe('Unknown ManagedClusterLeaseUpdateStopped');
    expect(await taintsOf('c2')).toEqual(['cluster.open-cluster-management.io/unreachable:NoSelect']);
    world.ocm.connect('c2');
    await world.settled();
    expect(await availability('c2')).toBe('True ManagedClusterAvailable');
    expect(await taintsOf('c2')).toEqual([]);
  });

  it('a short absence is not noticed', async () => {
    world.ocm.disconnect('c2');
    await world.advance(200 * SECOND);
    world.ocm.connect('c2');
    world.ocm.disconnect('c2');
    await world.advance(200 * SECOND);
    expect(await availability('c2')).toBe('True ManagedClusterAvailable');
    await world.advance(100 * SECOND);
    expect(await availability('c2')).toBe('Unknown ManagedClusterLeaseUpdateStopped');
  });

  it('the taints of others stay, and a cluster that nobody answers for is unreachable', async () => {
    const taint = { key: 'gpu', effect: 'NoSelect' as const, timeAdded: '2026-03-01T00:00:00Z' };
    await world.api.create(MANAGED_CLUSTER, cluster('ghost', { taints: [taint] }));
    await world.settled();
    expect(await taintsOf('ghost')).toEqual([
      'gpu:NoSelect',
      'cluster.open-cluster-management.io/unreachable:NoSelect',
    ]);
  });

  it('a set says whether it is empty, by selector and by exclusive label', async () => {
    const empty = async (name: string): Promise<string> => {
      const { status } = await world.api.get(MANAGED_CLUSTER_SET, undefined, name);
      return `${status.conditions[0].status} ${status.conditions[0].message}`;
    };
    expect(await empty('all')).toBe('False 3 ManagedClusters selected');
    await world.api.create(MANAGED_CLUSTER_SET, clusterSet('own'));
    await world.settled();
    expect(await empty('own')).toBe('True No ManagedCluster selected');
    await world.api.patch(MANAGED_CLUSTER, undefined, 'c3', { metadata: { labels: { [EXCLUSIVE]: 'own' } } });
    await world.settled();
    expect(await empty('own')).toBe('False 1 ManagedClusters selected');
  });

  it('a binding is bound while its set exists', async () => {
    const namespace = await world.namespace();
    await world.api.create(MANAGED_CLUSTER_SET_BINDING, setBinding(namespace, 'later'));
    await world.settled();
    expect([await bound(namespace, 'all'), await bound(namespace, 'later')]).toEqual([
      'True ClusterSetBound',
      'False ClusterSetNotFound',
    ]);
    await world.api.create(MANAGED_CLUSTER_SET, clusterSet('later'));
    await world.settled();
    expect(await bound(namespace, 'later')).toBe('True ClusterSetBound');
    await world.api.remove(MANAGED_CLUSTER_SET, undefined, 'later');
    await world.settled();
    expect(await bound(namespace, 'later')).toBe('False ClusterSetNotFound');
  });
});
