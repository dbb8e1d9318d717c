import type { JudgedCluster } from './options.ts';

/** What all units with the same judged clusters share, so that it is worked out once for thousands of them. */
interface ClusterClass {
  /** Position of every cluster by its name. */
  readonly indexOf: ReadonlyMap<string, number>;
  /** Positions from the cheapest to the dearest on average; clusters that are to be left come last. */
  readonly cheapestFirst: readonly number[];
  /** `sums[position][hours]`: cost of one replica over the first so many hours. */
  readonly sums: readonly Float64Array[];
  /** Positions of the clusters that may be fed. */
  readonly feed: readonly number[];
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
      sums: clusters.map(({ costs }) => sumsOf(costs)),
      feed: positions.filter((index) => clusters[index]?.role === 'feed'),
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

function sumsOf(costs: Float64Array): Float64Array {
  const sums = new Float64Array(costs.length + 1);
  for (let hour = 0; hour < costs.length; hour++) sums[hour + 1] = (sums[hour] ?? 0) + (costs[hour] ?? 0);
  return sums;
}
