import type { JudgedCluster } from './options.ts';

/** What all units with the same judged clusters share, so that it is worked out once for thousands of them. */
interface ClusterClass {
  /** Position of every cluster by its name. */
  readonly indexOf: ReadonlyMap<string, number>;
  /** Positions from the cheapest to the dearest on average; clusters that are to be left come last. */
  readonly cheapestFirst: readonly number[];
  /** Cost of one replica over the first so many hours, by position. */
  readonly sumsOver: (hours: number) => Float64Array;
  /** Positions of the clusters that may be fed. */
  readonly feed: readonly number[];
  /** What an hour of work done twice costs at each position now; never negative. */
  readonly redone: Float64Array;
  /** Nothing but a unit's size and floor bounds it: no cluster is fixed, and no room is known. */
  readonly uniform: boolean;
  /** Bounds of units without a floor, by replicas; only for a uniform class. */
  readonly bounds: Map<number, SharedBounds>;
}

/** Bounds that all units of a class and size share. */
export interface SharedBounds {
  readonly lower: readonly number[];
  readonly upper: readonly number[];
  /** The same in shares of the replicas. */
  readonly lowerShares: readonly number[];
  readonly upperShares: readonly number[];
}

const memory = new WeakMap<readonly JudgedCluster[], ClusterClass>();

/** The shared part of a class; remembered for as long as the list of judged clusters lives. */
export function classOf(clusters: readonly JudgedCluster[]): ClusterClass {
  let known = memory.get(clusters);
  if (known === undefined) {
    const positions = clusters.map((_, index) => index);
    known = {
      indexOf: new Map(clusters.map(({ name }, index) => [name, index])),
      cheapestFirst: positions.toSorted((a, b) => rankKey(clusters[a]) - rankKey(clusters[b]) || a - b),
      sumsOver: sumsOf(clusters),
      feed: positions.filter((index) => clusters[index]?.role === 'feed'),
      redone: Float64Array.from(clusters, ({ costs }) => Math.max(0, costs[0] ?? 0)),
      uniform: clusters.every(({ role, option }) => role !== 'fixed' && option.headroomReplicas === null),
      bounds: new Map(),
    };
    memory.set(clusters, known);
  }
  return known;
}

function rankKey(cluster: JudgedCluster | undefined): number {
  return cluster?.role === 'leave'
    ? Number.MAX_VALUE
    : Math.min(cluster?.meanCost ?? 0, Number.MAX_VALUE / 2);
}

function sumsOf(clusters: readonly JudgedCluster[]): ClusterClass['sumsOver'] {
  const known: Float64Array[] = [];
  return (hours) => {
    known[hours] ??= Float64Array.from(clusters, ({ costs }) => {
      let sum = 0;
      for (let hour = 0; hour < costs.length && hour < hours; hour++) sum += costs[hour] ?? 0;
      return sum;
    });
    return known[hours];
  };
}
