import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  MANAGED_CLUSTER,
  MANAGED_CLUSTER_SET,
  MANAGED_CLUSTER_SET_BINDING,
  PLACEMENT,
  PLACEMENT_DECISION,
} from '../../../src/ocm/resources.ts';
import { servers } from '../../runtime/support/servers.ts';
import { clusterSet, setBinding } from '../support/objects.ts';
import { startWorld, type World } from '../support/world.ts';

const SECOND = 1_000;
const EXACT = { mode: 'Exact', configurations: [] };
const names = Array.from({ length: 105 }, (_, index) => `n${String(index + 1).padStart(3, '0')}`);

describe.each(servers)('Placements on $name', (server) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(server);
  });
  afterAll(() => world.stop());

  const satisfied = async (namespace: string, name: string): Promise<string> => {
    const { status } = await world.placement(namespace, name);
    const { status: value, reason, message } = status.conditions[1];
    return `${value} ${reason}: ${message}`;
  };

  it('write what OCM writes: a decision with its labels and owner, and the status', async () => {
    const namespace = await world.namespace();
    await world.place(namespace, 'whole', { numberOfClusters: 2 });
    const placement = await world.placement(namespace, 'whole');
    const [decision, ...others] = await world.decisions(namespace, 'whole');
    expect(others).toEqual([]);
    expect(decision).toMatchObject({
      apiVersion: 'cluster.open-cluster-management.io/v1beta1',
      kind: 'PlacementDecision',
      metadata: {
        name: 'whole-decision-1',
        labels: {
          'cluster.open-cluster-management.io/placement': 'whole',
          'cluster.open-cluster-management.io/decision-group-index': '0',
          'cluster.open-cluster-management.io/decision-group-name': '',
        },
        ownerReferences: [
          {
            kind: 'Placement',
            name: 'whole',
            uid: placement.metadata.uid,
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
      },
      status: {
        decisions: [
          { clusterName: 'c1', reason: '' },
          { clusterName: 'c2', reason: '' },
        ],
      },
    });
    expect(placement.status).toMatchObject({
      numberOfSelectedClusters: 2,
      decisionGroups: [
        { decisionGroupIndex: 0, decisionGroupName: '', decisions: ['whole-decision-1'], clusterCount: 2 },
      ],
      conditions: [
        {
          type: 'PlacementMisconfigured',
          status: 'False',
          reason: 'Succeedconfigured',
          message: 'Placement configurations check pass',
        },
        {
          type: 'PlacementSatisfied',
          status: 'True',
          reason: 'AllDecisionsScheduled',
          message: 'All cluster decisions scheduled',
        },
      ],
    });
  });

  it('write nothing when nothing changes', async () => {
    const namespace = await world.namespace();
    await world.place(namespace, 'quiet', { numberOfClusters: 2 });
    const before = world.ocm.writes();
    await world.api.patch(PLACEMENT, namespace, 'quiet', { metadata: { annotations: { note: 'one' } } });
    await world.advance(1_800_000);
    expect(world.ocm.writes()).toBe(before);
  });

  it('say why they are not satisfied', async () => {
    const namespace = await world.namespace();
    const bare = `${namespace}-bare`;
    await world.api.create(
      { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false },
      {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: bare },
      },
    );
    await world.api.create(MANAGED_CLUSTER_SET, clusterSet('nobody'));
    await world.api.create(MANAGED_CLUSTER_SET_BINDING, setBinding(namespace, 'nobody'));
    await world.place(bare, 'unbound', {});
    // As OCM, which patches against a zero of its own: the count appears with the first cluster, and stays.
    expect((await world.placement(bare, 'unbound')).status).not.toHaveProperty('numberOfSelectedClusters');
    expect(await satisfied(bare, 'unbound')).toBe(
      'False NoManagedClusterSetBindings: No valid ManagedClusterSetBindings found in placement namespace',
    );
    await world.place(namespace, 'elsewhere', { clusterSets: ['some', 'where'] });
    expect(await satisfied(namespace, 'elsewhere')).toBe(
      'False NoIntersection: None of ManagedClusterSets [some,where] is bound to placement namespace',
    );
    await world.place(namespace, 'deserted', { clusterSets: ['nobody'] });
    expect(await satisfied(namespace, 'deserted')).toBe(
      'False AllManagedClusterSetsEmpty: All ManagedClusterSets [nobody] have no member ManagedCluster',
    );
    const selector = { labelSelector: { matchLabels: { no: 'such' } } };
    await world.place(namespace, 'picky', { predicates: [{ requiredClusterSelector: selector }] });
    expect(await satisfied(namespace, 'picky')).toBe(
      'False NoManagedClusterMatched: No ManagedCluster matches any of the cluster predicate',
    );
    expect(await world.place(namespace, 'greedy', { numberOfClusters: 5 })).toBe('c1 c2 c3');
    expect(await satisfied(namespace, 'greedy')).toBe(
      'False NotAllDecisionsScheduled: 2 cluster decisions unscheduled',
    );
  });

  it('keep a cluster whose taint they bear for some seconds, and look again by themselves', async () => {
    const namespace = await world.namespace();
    const tolerations = [{ key: 'drain', operator: 'Exists', tolerationSeconds: 90 }];
    const spec = { numberOfClusters: 1, prioritizerPolicy: EXACT, tolerations };
    expect(await world.place(namespace, 'bears', spec)).toBe('c1');
    const timeAdded = new Date(world.clock.now()).toISOString();
    const taints = [{ key: 'drain', effect: 'NoSelect', timeAdded }];
    await world.api.patch(MANAGED_CLUSTER, undefined, 'c1', { spec: { taints } });
    await world.advance(89 * SECOND);
    expect(await world.decided(namespace, 'bears')).toBe('c1');
    await world.advance(SECOND);
    expect(await world.decided(namespace, 'bears')).toBe('c2');
    await world.api.patch(MANAGED_CLUSTER, undefined, 'c1', { spec: { taints: null } });
  });

  it('put decisions right that somebody else changed, and take along what is too much', async () => {
    const namespace = await world.namespace();
    await world.place(namespace, 'mended', { numberOfClusters: 1, prioritizerPolicy: EXACT });
    await world.api.patchStatus(PLACEMENT_DECISION, namespace, 'mended-decision-1', {
      status: { decisions: [{ clusterName: 'c2', reason: '' }] },
    });
    await world.api.create(PLACEMENT_DECISION, {
      apiVersion: 'cluster.open-cluster-management.io/v1beta1',
      kind: 'PlacementDecision',
      metadata: {
        name: 'mended-decision-7',
        namespace,
        labels: { 'cluster.open-cluster-management.io/placement': 'mended' },
      },
    });
    await world.settled();
    expect(await world.decisions(namespace, 'mended')).toHaveLength(1);
    // In mode Exact without Steady what was decided counts for nothing.
    expect(await world.decided(namespace, 'mended')).toBe('c1');
  });

  it('hold 100 clusters in an object, and groups in objects of their own', async () => {
    const wide = await startWorld(server, {
      clusters: names.map((name, index) => ({
        name,
        labels: { fleet: 'all', ...(index < 3 ? { canary: 'yes' } : {}) },
      })),
    });
    try {
      const namespace = await wide.namespace();
      expect(await wide.place(namespace, 'wide', {})).toBe(names.join(' '));
      const counts = async (name: string): Promise<readonly string[]> =>
        (await wide.decisions(namespace, name)).map(
          ({ metadata, status }) =>
            `${metadata.name} ${metadata.labels?.['cluster.open-cluster-management.io/decision-group-index']} ${status.decisions.length}`,
        );
      expect(await counts('wide')).toEqual(['wide-decision-1 0 100', 'wide-decision-2 0 5']);
      const canary = { labelSelector: { matchLabels: { canary: 'yes' } } };
      await wide.place(namespace, 'grouped', {
        decisionStrategy: {
          groupStrategy: {
            decisionGroups: [{ groupName: 'canary', groupClusterSelector: canary }],
            clustersPerDecisionGroup: 101,
          },
        },
      });
      expect(await counts('grouped')).toEqual([
        'grouped-decision-1 0 3',
        'grouped-decision-2 1 100',
        'grouped-decision-3 1 1',
        'grouped-decision-4 2 1',
      ]);
      const { status } = await wide.placement(namespace, 'grouped');
      expect(status.decisionGroups).toMatchObject([
        { decisionGroupIndex: 0, decisionGroupName: 'canary', clusterCount: 3 },
        { decisionGroupIndex: 1, decisionGroupName: '', clusterCount: 101 },
        { decisionGroupIndex: 2, clusterCount: 1, decisions: ['grouped-decision-4'] },
      ]);
      await wide.api.patch(PLACEMENT, namespace, 'wide', { spec: { numberOfClusters: 2 } });
      await wide.settled();
      expect(await counts('wide')).toEqual(['wide-decision-1 0 2']);
    } finally {
      await wide.stop();
    }
  });

  it('follow changes of sets, bindings and labels', async () => {
    const namespace = await world.namespace();
    await world.api.create(MANAGED_CLUSTER_SET, clusterSet('moving', { moving: 'yes' }));
    expect(await world.place(namespace, 'follows', { clusterSets: ['moving'] })).toBe('');
    await world.api.create(MANAGED_CLUSTER_SET_BINDING, setBinding(namespace, 'moving'));
    await world.api.patch(MANAGED_CLUSTER, undefined, 'c2', { metadata: { labels: { moving: 'yes' } } });
    await world.settled();
    expect(await world.decided(namespace, 'follows')).toBe('c2');
    await world.api.patch(MANAGED_CLUSTER, undefined, 'c2', { metadata: { labels: { moving: null } } });
    await world.api.patch(MANAGED_CLUSTER, undefined, 'c3', { metadata: { labels: { moving: 'yes' } } });
    await world.settled();
    expect(await world.decided(namespace, 'follows')).toBe('c3');
    await world.api.remove(MANAGED_CLUSTER_SET_BINDING, namespace, 'moving');
    await world.settled();
    expect(await world.decided(namespace, 'follows')).toBe('');
  });

  it('let go of a cluster that is being deleted', async () => {
    const namespace = await world.namespace();
    expect(await world.place(namespace, 'leaves', { numberOfClusters: 1, prioritizerPolicy: EXACT })).toBe(
      'c1',
    );
    const finalizers = ['example.com/slow'];
    await world.api.patch(MANAGED_CLUSTER, undefined, 'c1', { metadata: { finalizers } });
    await world.api.remove(MANAGED_CLUSTER, undefined, 'c1');
    await world.settled();
    expect(await world.decided(namespace, 'leaves')).toBe('c2');
    await world.api.patch(MANAGED_CLUSTER, undefined, 'c1', { metadata: { finalizers: null } });
    await world.settled();
    expect(await world.decided(namespace, 'leaves')).toBe('c2');
  });
});
