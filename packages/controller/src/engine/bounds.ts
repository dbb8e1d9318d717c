import type { JudgedCluster } from './options.ts';
import type { PlacementProblem, WorkloadSize } from './problem.ts';

/** Replicas of one workload, one entry per judged cluster. */
export interface WorkloadBounds {
  readonly workload: WorkloadSize;
  /** What stands, scaled to `replicas` when the plane reports another sum; all zero before the first placement. */
  readonly current: readonly number[];
  readonly lower: readonly number[];
  readonly upper: readonly number[];
  /** The plane reports another sum than `replicas`. */
  readonly scaled: boolean;
  /** Nothing stands yet. */
  readonly initial: boolean;
  /** Most replicas that one step may move. */
  readonly maxMoved: number;
}

/** Derives, for every workload, how many replicas each cluster must keep and may hold. */
export function workloadBounds(
  problem: PlacementProblem,
  clusters: readonly JudgedCluster[],
): WorkloadBounds[] {
  const total = problem.workloads.reduce((sum, workload) => sum + workload.replicas, 0);
  return problem.workloads.map((workload) => {
    const current = standing(workload, clusters);
    const initial = current.every((replicas) => replicas === 0);
    const part = total === 0 ? 0 : workload.replicas / total;
    const lower = clusters.map((cluster, index) => floorOf(problem, cluster, current[index] ?? 0));
    const upper = relaxed(
      workload.replicas,
      clusters,
      current,
      clusters.map((cluster, index) => ceilingOf(workload, cluster, current[index] ?? 0, part)),
    );
    return {
      workload,
      current,
      scaled: clusters.some(({ name }, index) => (workload.current[name] ?? 0) !== current[index]),
      initial,
      lower: lower.map((floor, index) => Math.min(floor, upper[index] ?? 0)),
      upper,
      maxMoved: initial ? workload.replicas : mostMoved(problem, workload.replicas),
    };
  });
}

function mostMoved(problem: PlacementProblem, replicas: number): number {
  return Math.max(1, Math.floor(problem.limits.maxStep * replicas + 1e-9));
}

function standing(workload: WorkloadSize, clusters: readonly JudgedCluster[]): number[] {
  const reported = clusters.map((cluster) => Math.max(0, workload.current[cluster.name] ?? 0));
  const sum = reported.reduce((a, b) => a + b, 0);
  if (sum === workload.replicas || sum === 0) return reported;
  return roundShares(
    reported.map((replicas) => replicas / sum),
    workload.replicas,
    reported.map(() => 0),
    reported.map((replicas) => (replicas > 0 ? workload.replicas : 0)),
  );
}

function floorOf(problem: PlacementProblem, cluster: JudgedCluster, current: number): number {
  if (cluster.role === 'fixed') return current;
  if (cluster.role === 'leave') return 0;
  return Math.min(current, problem.limits.minReplicas);
}

function ceilingOf(workload: WorkloadSize, cluster: JudgedCluster, current: number, part: number): number {
  if (cluster.role === 'fixed') return current;
  if (cluster.role === 'leave') return 0;
  const { maxShare, headroomReplicas } = cluster.option;
  const cap = maxShare <= 0 ? 0 : Math.max(1, Math.floor(maxShare * workload.replicas + 1e-9));
  if (headroomReplicas === null) return Math.min(cap, workload.replicas);
  // The headroom is the unit's: each workload may take its part of it.
  return Math.min(cap, workload.replicas, current + Math.max(0, Math.floor(headroomReplicas * part + 1e-9)));
}

/**
 * What no cluster may take stays where it is: first in the clusters that may be fed, then in those to be left. Only a
 * first placement goes beyond a max-share, because selecting nothing would be worse.
 */
function relaxed(
  replicas: number,
  clusters: readonly JudgedCluster[],
  current: readonly number[],
  upper: readonly number[],
): number[] {
  let result = [...upper];
  const missing = () => replicas - result.reduce((a, b) => a + b, 0);
  for (const role of ['feed', 'leave'] as const) {
    if (missing() <= 0) return result;
    result = result.map((cap, index) =>
      clusters[index]?.role === role ? Math.max(cap, current[index] ?? 0) : cap,
    );
  }
  if (missing() <= 0) return result;
  return result.map((cap, index) => (clusters[index]?.role === 'feed' ? Math.max(cap, replicas) : cap));
}

/**
 * Integers between the bounds, summing to `replicas`, as close to the shares as can be: each replica goes to the
 * cluster that lacks most. Ties go to the earlier entry.
 */
export function roundShares(
  shares: readonly number[],
  replicas: number,
  lower: readonly number[],
  upper: readonly number[],
): number[] {
  const result = lower.map((floor, index) =>
    Math.max(floor, Math.min(upper[index] ?? 0, Math.floor((shares[index] ?? 0) * replicas + 1e-9))),
  );
  let left = replicas - result.reduce((a, b) => a + b, 0);
  while (left !== 0) {
    const sign = Math.sign(left);
    let chosen = -1;
    let most = Number.NEGATIVE_INFINITY;
    for (let index = 0; index < result.length; index++) {
      const held = result[index] ?? 0;
      const possible = sign > 0 ? held < (upper[index] ?? 0) : held > (lower[index] ?? 0);
      const lack = sign * ((shares[index] ?? 0) * replicas - held);
      if (possible && lack > most + 1e-9) {
        most = lack;
        chosen = index;
      }
    }
    if (chosen < 0) return result;
    result[chosen] = (result[chosen] ?? 0) + sign;
    left -= sign;
  }
  return result;
}
