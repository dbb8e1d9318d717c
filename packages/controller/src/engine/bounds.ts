import { classOf, type SharedBounds } from './class.ts';
import type { JudgedCluster } from './options.ts';
import type { PlacementProblem, WorkloadSize } from './problem.ts';
import { same, zeros } from './vectors.ts';

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
  /** What `lower` and `upper` were taken from when other units have the very same ones. */
  readonly shared: SharedBounds | null;
}

/** Derives, for every workload, how many replicas each cluster must keep and may hold. */
export function workloadBounds(
  problem: PlacementProblem,
  clusters: readonly JudgedCluster[],
): WorkloadBounds[] {
  let total = 0;
  for (const workload of problem.workloads) total += workload.replicas;
  return problem.workloads.map((workload) => {
    const part = total === 0 ? 0 : workload.replicas / total;
    const reported = reportedBy(workload, clusters);
    const current = standing(workload, reported);
    const initial = current.every((replicas) => replicas === 0);
    const shared = sharedBounds(problem, workload, clusters);
    const { lower, upper } = shared ?? ownBounds(problem, workload, clusters, current, part);
    return {
      workload,
      current,
      scaled: current !== reported && !same(current, reported),
      initial,
      lower,
      upper,
      maxMoved: initial ? workload.replicas : mostMoved(problem, workload.replicas),
      shared,
    };
  });
}

/** @param part of the unit that this workload is, 0..1. */
function ownBounds(
  problem: PlacementProblem,
  workload: WorkloadSize,
  clusters: readonly JudgedCluster[],
  current: readonly number[],
  part: number,
): { readonly lower: readonly number[]; readonly upper: readonly number[] } {
  const lower = zeros(clusters.length);
  let upper = zeros(clusters.length);
  let room = 0;
  for (let index = 0; index < clusters.length; index++) {
    const cluster = clusters[index];
    if (cluster === undefined) continue;
    const held = current[index] ?? 0;
    const ceiling = ceilingOf(workload, cluster, held, part);
    lower[index] = floorOf(problem, cluster, held);
    upper[index] = ceiling;
    room += ceiling;
  }
  if (room < workload.replicas) upper = relaxed(workload.replicas, clusters, current, upper);
  for (let index = 0; index < lower.length; index++) {
    lower[index] = Math.min(lower[index] ?? 0, upper[index] ?? 0);
  }
  return { lower, upper };
}

/** Bounds that do not depend on where the workload stands; null when they do. */
function sharedBounds(
  problem: PlacementProblem,
  workload: WorkloadSize,
  clusters: readonly JudgedCluster[],
): SharedBounds | null {
  const { uniform, bounds } = classOf(clusters);
  if (!uniform || problem.limits.minReplicas > 0) return null;
  const { replicas } = workload;
  let shared = bounds.get(replicas);
  if (shared === undefined) {
    const lower = zeros(clusters.length);
    const upper = clusters.map((cluster) => ceilingOf(workload, cluster, 0, 1));
    const part = (bound: number) => (replicas === 0 ? 0 : bound / replicas);
    shared = { lower, upper, lowerShares: lower.map(part), upperShares: upper.map(part) };
    bounds.set(replicas, shared);
  }
  let room = 0;
  for (const ceiling of shared.upper) room += ceiling;
  return room < replicas ? null : shared;
}

function mostMoved(problem: PlacementProblem, replicas: number): number {
  return Math.max(1, Math.floor(problem.limits.maxStep * replicas + 1e-9));
}

/** What the plane reports, in the order of the judged clusters; others are not counted. */
function reportedBy({ current }: WorkloadSize, clusters: readonly JudgedCluster[]): number[] {
  const { indexOf } = classOf(clusters);
  const reported = zeros(clusters.length);
  for (const name of Object.keys(current)) {
    const index = indexOf.get(name);
    if (index !== undefined) reported[index] = current[name] ?? 0;
  }
  return reported;
}

function standing({ replicas }: WorkloadSize, reported: readonly number[]): readonly number[] {
  let sum = 0;
  let sound = true;
  for (const held of reported) {
    sum += Math.max(0, held);
    if (held < 0) sound = false;
  }
  const held = sound ? reported : reported.map((each) => Math.max(0, each));
  if (sum === replicas || sum === 0) return held;
  return roundShares(
    held.map((each) => each / sum),
    replicas,
    zeros(held.length),
    held.map((each) => (each > 0 ? replicas : 0)),
  );
}

function floorOf(problem: PlacementProblem, cluster: JudgedCluster, current: number): number {
  if (cluster.role === 'fixed') return current;
  if (cluster.role === 'leave') return 0;
  return Math.min(current, problem.limits.minReplicas);
}

/** Replicas of so many that a cluster may hold by its max-share: one at least, unless it is 0. */
export function mostByShare(maxShare: number, replicas: number): number {
  return maxShare <= 0 ? 0 : Math.max(1, Math.floor(maxShare * replicas + 1e-9));
}

function ceilingOf(workload: WorkloadSize, cluster: JudgedCluster, current: number, part: number): number {
  if (cluster.role === 'fixed') return current;
  if (cluster.role === 'leave') return 0;
  const { maxShare, headroomReplicas } = cluster.option;
  const cap = mostByShare(maxShare, workload.replicas);
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
  const result = zeros(lower.length);
  let left = replicas;
  for (let index = 0; index < result.length; index++) {
    const wanted = Math.floor((shares[index] ?? 0) * replicas + 1e-9);
    const rounded = Math.max(lower[index] ?? 0, Math.min(upper[index] ?? 0, wanted));
    result[index] = rounded;
    left -= rounded;
  }
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
