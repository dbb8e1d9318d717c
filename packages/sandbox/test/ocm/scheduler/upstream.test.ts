import { describe, expect, it } from 'vitest';
import { schedule } from '../../../src/ocm/scheduler/schedule.ts';
import type { ManagedCluster, PlacementSpec } from '../../../src/ocm/types.ts';
import { around, cluster, scoreObject } from '../support/clusters.ts';
import { addOn, builtIn, placement } from '../support/objects.ts';

/** Inputs and results that OCM v1.3 states of its own scheduler in `pkg/placement`: sums of three clusters. */
function sums(
  spec: PlacementSpec,
  clusters: readonly ManagedCluster[],
  surroundings = around(),
): readonly [readonly number[], readonly string[], number] {
  const result = schedule({
    ...surroundings,
    placement: placement('test', 'test', spec),
    clusters,
    cluster: (name) => clusters.find(({ metadata }) => metadata.name === name),
  });
  return [
    clusters.map(({ metadata }) => result.scores.get(metadata.name) ?? Number.NaN),
    result.selected.map(({ metadata }) => metadata.name),
    result.unscheduled,
  ];
}

const names = ['cluster1', 'cluster2', 'cluster3'];
const plain = names.map((name) => cluster(name));
const sized = (
  resource: 'cpu' | 'memory',
  capacity: string,
  ...allocatable: readonly string[]
): ManagedCluster[] =>
  names.map((name, index) =>
    cluster(name, {
      status: { allocatable: { [resource]: allocatable[index] ?? '' }, capacity: { [resource]: capacity } },
    }),
  );
const exactly = (name: string): PlacementSpec => ({
  prioritizerPolicy: { mode: 'Exact', configurations: [builtIn(name, 1)] },
});
const demo = [30, 40, 50].map((value, index) => scoreObject(names[index] ?? '', 'demo', { demo: value }));

describe('what OCM states of its own scheduler', () => {
  it.each<[string, Record<string, number>, readonly number[]]>([
    ['without decisions', {}, [100, 100, 100]],
    ['with one of another Placement', { cluster1: 1 }, [-100, 100, 100]],
    ['with two of others', { cluster1: 2, cluster2: 1, cluster3: 1 }, [-100, 0, 0]],
  ])('Balance, %s', (_name, usage, expected) => {
    expect(sums(exactly('Balance'), plain, around({ usage }))[0]).toEqual(expected);
  });

  it.each([
    ['memory', '100', ['20', '60', '100'], [-100, 0, 100]],
    ['memory', '100', ['50', '50', '50'], [100, 100, 100]],
    ['memory', '100', ['0', '0', '0'], [100, 100, 100]],
    ['cpu', '10', ['10', '6', '2'], [100, 0, -100]],
    ['cpu', '10', ['0', '0', '0'], [100, 100, 100]],
  ] as const)('allocatable %s of %s: %j', (resource, capacity, allocatable, expected) => {
    const name = resource === 'cpu' ? 'ResourceAllocatableCPU' : 'ResourceAllocatableMemory';
    expect(sums(exactly(name), sized(resource, capacity, ...allocatable))[0]).toEqual(expected);
  });

  it('a Placement whose decisions are all made keeps them', () => {
    expect(sums({ numberOfClusters: 2 }, plain, around({ decided: ['cluster1', 'cluster2'] }))).toEqual([
      [200, 200, 100],
      ['cluster1', 'cluster2'],
      0,
    ]);
  });

  it('one that asks for more than there are says how many are missing', () => {
    expect(sums({ numberOfClusters: 3 }, plain.slice(0, 1))).toEqual([[100], ['cluster1'], 2]);
  });

  it('Additive with Balance 3, allocatable memory 1 and an add-on 1', () => {
    const configurations = [
      builtIn('Balance', 3),
      builtIn('ResourceAllocatableMemory', 1),
      addOn('demo', 'demo', 1),
    ];
    const spec = { numberOfClusters: 2, prioritizerPolicy: { mode: 'Additive', configurations } };
    expect(sums(spec, sized('memory', '100', '100', '50', '0'), around({ scores: demo }))).toEqual([
      [430, 340, 250],
      ['cluster1', 'cluster2'],
      0,
    ]);
  });

  it('taints without a time are borne by an equal toleration', () => {
    const tainted = [
      cluster('cluster1', {
        taints: [{ key: 'key1', value: 'value1', effect: 'NoSelect', timeAdded: null }],
      }),
      cluster('cluster2', {
        taints: [{ key: 'key2', value: 'value2', effect: 'NoSelect', timeAdded: null }],
      }),
      cluster('cluster3'),
    ];
    const tolerations = [{ key: 'key1', value: 'value1', operator: 'Equal' }];
    const [, selected, unscheduled] = sums({ numberOfClusters: 3, tolerations }, tainted);
    expect([selected, unscheduled]).toEqual([['cluster1', 'cluster3'], 1]);
  });
});
