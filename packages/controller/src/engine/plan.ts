import type { JudgedCluster } from './options.ts';

/** What a planner is asked: shares of one unit, one entry per judged cluster. */
export interface PlanQuestion {
  readonly clusters: readonly JudgedCluster[];
  /** Shares now; all zero before the first placement. */
  readonly current: readonly number[];
  readonly lower: readonly number[];
  readonly upper: readonly number[];
}

/**
 * Fills the cheapest clusters up to their bounds, judged by the mean over the horizon. Equals go to the cluster that
 * already holds more, then to the earlier entry.
 */
export function cheapestFirst(question: PlanQuestion): number[] {
  const { clusters, current, lower, upper } = question;
  const target = [...lower];
  let left = 1 - target.reduce((a, b) => a + b, 0);
  const order = clusters
    .map((_, index) => index)
    .sort(
      (a, b) =>
        meanCost(clusters[a]) - meanCost(clusters[b]) || (current[b] ?? 0) - (current[a] ?? 0) || a - b,
    );
  for (const index of order) {
    const more = Math.min(left, (upper[index] ?? 0) - (target[index] ?? 0));
    if (more <= 0) continue;
    target[index] = (target[index] ?? 0) + more;
    left -= more;
  }
  return target;
}

/** Mean cost of a cluster over the horizon; infinite without data, so that it comes last. */
export function meanCost(cluster: JudgedCluster | undefined): number {
  if (cluster === undefined || cluster.costs.length === 0) return Number.POSITIVE_INFINITY;
  return cluster.costs.reduce((a, b) => a + b, 0) / cluster.costs.length;
}
