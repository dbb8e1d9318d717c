import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  assign,
  replicasChanged,
  strategyOf,
  UnschedulableError,
} from '../../../src/karmada/scheduler/assign.ts';
import type { BindingSpec, Cluster, Placement, TargetCluster } from '../../../src/karmada/types.ts';

function cluster(name: string, free = 100): Cluster {
  return {
    apiVersion: 'cluster.karmada.io/v1alpha1',
    kind: 'Cluster',
    metadata: { name },
    spec: { syncMode: 'Push' },
    status: { resourceSummary: { allocatable: { pods: String(free), cpu: '1000' } } },
  };
}

function spec(replicas: number, placement: Placement, clusters?: readonly TargetCluster[]): BindingSpec {
  return {
    resource: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', namespace: 'ns' },
    replicas,
    replicaRequirements: {},
    placement,
    ...(clusters === undefined ? {} : { clusters }),
  };
}

const dynamic: Placement = {
  replicaScheduling: {
    replicaSchedulingType: 'Divided',
    replicaDivisionPreference: 'Weighted',
    weightPreference: { dynamicWeight: 'AvailableReplicas' },
  },
};
const aggregated: Placement = {
  replicaScheduling: { replicaSchedulingType: 'Divided', replicaDivisionPreference: 'Aggregated' },
};
const [a, b, c] = [cluster('a', 30), cluster('b', 20), cluster('c', 10)];
const all = [a, b, c];

describe('the strategy of a binding', () => {
  it.each([
    ['Duplicated', {}],
    ['Duplicated', { replicaScheduling: { replicaSchedulingType: 'Duplicated' } }],
    ['StaticWeight', { replicaScheduling: {} }],
    ['StaticWeight', { replicaScheduling: { replicaSchedulingType: 'Divided' } }],
    ['DynamicWeight', dynamic],
    ['Aggregated', aggregated],
  ] as const)('is %s for %j', (expected, placement) => {
    expect(strategyOf(spec(3, placement))).toBe(expected);
  });

  it('is none for what has no replicas by kind, but not for a workload scaled to zero', () => {
    const { replicas: _none, replicaRequirements: _nothing, ...plain } = spec(0, dynamic);
    expect(strategyOf(plain)).toBe('NonWorkload');
    expect(strategyOf(spec(0, dynamic))).toBe('DynamicWeight');
  });
});

describe('assignment', () => {
  it('gives all replicas to every candidate when they are duplicated', () => {
    expect(assign(all, spec(3, {}), false)).toEqual([
      { name: 'a', replicas: 3 },
      { name: 'b', replicas: 3 },
      { name: 'c', replicas: 3 },
    ]);
  });

  it('keeps clusters without replicas only with empty workload propagation', () => {
    const one: Placement = {
      replicaScheduling: {
        weightPreference: { staticWeightList: [{ targetCluster: { clusterNames: ['b'] }, weight: 1 }] },
      },
    };
    expect(assign(all, spec(2, one), false)).toEqual([{ name: 'b', replicas: 2 }]);
    expect(assign(all, spec(2, one), true)).toEqual([
      { name: 'a', replicas: 0 },
      { name: 'b', replicas: 2 },
      { name: 'c', replicas: 0 },
    ]);
  });

  it('does not look at capacity for static weights', () => {
    const result = assign([cluster('full', 0), b], spec(10, { replicaScheduling: {} }), false);
    expect(result).toEqual([
      { name: 'b', replicas: 5 },
      { name: 'full', replicas: 5 },
    ]);
  });

  it('divides by room at first, and leaves what is placed when more is asked for', () => {
    expect(assign(all, spec(12, dynamic), false)).toEqual([
      { name: 'a', replicas: 6 },
      { name: 'b', replicas: 4 },
      { name: 'c', replicas: 2 },
    ]);
    const held = [{ name: 'c', replicas: 9 }];
    const grown = assign(all, spec(15, dynamic, held), false);
    expect(grown).toEqual([
      { name: 'a', replicas: 3 },
      { name: 'b', replicas: 2 },
      { name: 'c', replicas: 10 },
    ]);
  });

  it('shrinks a division by room in proportion', () => {
    const held = [
      { name: 'a', replicas: 8 },
      { name: 'c', replicas: 4 },
    ];
    expect(assign(all, spec(6, dynamic, held), false)).toEqual([
      { name: 'a', replicas: 4 },
      { name: 'c', replicas: 2 },
    ]);
  });

  it('uses as few clusters as it can when aggregated, those in use first', () => {
    expect(assign(all, spec(20, aggregated), false)).toEqual([{ name: 'a', replicas: 20 }]);
    const held = [{ name: 'c', replicas: 2 }];
    expect(assign(all, spec(6, aggregated, held), false)).toEqual([{ name: 'c', replicas: 6 }]);
  });

  it('refuses a division by room for which there is none', () => {
    expect(() => assign(all, spec(61, dynamic), false)).toThrow(UnschedulableError);
  });

  it('counts what a replica asks for', () => {
    const heavy = { ...spec(4, dynamic), replicaRequirements: { resourceRequest: { cpu: '500' } } };
    expect(assign([cluster('x'), cluster('y')], heavy, false)).toEqual([
      { name: 'x', replicas: 2 },
      { name: 'y', replicas: 2 },
    ]);
    const five = { ...heavy, replicas: 5 };
    expect(() => assign([cluster('x'), cluster('y')], five, false)).toThrow('are not enough');
  });

  it('never assigns other than the replicas asked for, whatever was held before', () => {
    const held = fc
      .subarray(['a', 'b', 'c', 'gone'])
      .chain((names) =>
        fc.tuple(
          ...names.map((name) =>
            fc.record({ name: fc.constant(name), replicas: fc.integer({ min: 1, max: 9 }) }),
          ),
        ),
      );
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 25 }),
        fc.constantFrom(dynamic, aggregated, { replicaScheduling: {} }),
        held,
        (replicas, placement, clusters) => {
          const result = assign(all, spec(replicas, placement, clusters), false);
          expect(result.reduce((sum, target) => sum + (target.replicas ?? 0), 0)).toBe(replicas);
          expect(result.every((target) => ['a', 'b', 'c'].includes(target.name))).toBe(true);
        },
      ),
    );
  });
});

describe('a change of replicas', () => {
  const binding = (value: BindingSpec) => ({
    apiVersion: 'work.karmada.io/v1alpha2',
    kind: 'ResourceBinding',
    metadata: { name: 'web-deployment', namespace: 'ns' },
    spec: value,
  });

  it('is a sum that differs where replicas are divided, a number that differs where they are duplicated', () => {
    const held = [
      { name: 'a', replicas: 2 },
      { name: 'b', replicas: 1 },
    ];
    expect(replicasChanged(binding(spec(3, dynamic, held)))).toBe(false);
    expect(replicasChanged(binding(spec(4, dynamic, held)))).toBe(true);
    expect(replicasChanged(binding(spec(2, {}, held)))).toBe(true);
    expect(replicasChanged(binding(spec(2, {}, [{ name: 'a', replicas: 2 }])))).toBe(false);
  });
});
