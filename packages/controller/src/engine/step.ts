import { roundShares, type WorkloadBounds } from './bounds.ts';
import { divide } from './division/webster.ts';
import { type JudgedCluster } from './options.ts';

/** The next step of a unit: weights and what the plane makes of them. */
export interface Step {
  readonly weights: Readonly<Record<string, number>>;
  /** Replicas per workload and judged cluster. */
  readonly next: readonly (readonly number[])[];
}

/** Parts of the way to the target that are tried when one list of weights has to suit several workloads. */
const PARTS = [1, 0.75, 0.5, 0.35, 0.25, 0.15, 0.1, 0.05];

/** The whole way: what the target means in replicas of every workload. */
export function targetReplicas(target: readonly number[], bounds: readonly WorkloadBounds[]): number[][] {
  return bounds.map((each) => roundShares(target, each.workload.replicas, each.lower, each.upper));
}

/**
 * Finds weights whose division moves every workload towards its goal without breaking a limit of any of them.
 * Null when there are none.
 */
export function nextStep(
  clusters: readonly JudgedCluster[],
  bounds: readonly WorkloadBounds[],
  target: readonly number[],
  goals: readonly (readonly number[])[],
): Step | null {
  const next = bounds.map((each, index) => towards(each, goals[index] ?? [], clusters));
  for (const weights of candidates(clusters, bounds, target, next, goals)) {
    const divisions = bounds.map((each) => divisionOf(weights, each, clusters));
    const exact = divisions.every((division, index) => same(division, next[index] ?? []));
    if (exact || (bounds.length > 1 && admissible(divisions, bounds))) return { weights, next: divisions };
  }
  return null;
}

/** Candidate weights, best first: shares in thousandths, then the integer vectors themselves. */
function* candidates(
  clusters: readonly JudgedCluster[],
  bounds: readonly WorkloadBounds[],
  target: readonly number[],
  next: readonly (readonly number[])[],
  goals: readonly (readonly number[])[],
): Generator<Record<string, number>> {
  if (next.every((vector, index) => same(vector, goals[index] ?? []))) {
    yield thousandths(clusters, target, next);
  }
  const from = shares(bounds.map((each) => each.current));
  const to = shares(next);
  yield thousandths(clusters, to, next);
  for (const vector of next.toSorted((a, b) => sum(b) - sum(a))) yield integers(clusters, vector);
  if (bounds.length === 1) return;
  for (const part of PARTS) {
    const between = clusters.map((_, i) => (from[i] ?? 0) + part * ((target[i] ?? 0) - (from[i] ?? 0)));
    yield thousandths(clusters, between, null);
  }
}

/** As far towards the goal as one step may go: off the dirtiest, onto the cleanest first. */
function towards(
  bounds: WorkloadBounds,
  goal: readonly number[],
  clusters: readonly JudgedCluster[],
): number[] {
  if (bounds.initial) return [...goal];
  const next = [...bounds.current];
  const byCost = (a: number, b: number) => rankKey(clusters, a) - rankKey(clusters, b) || a - b;
  const changing = clusters.map((_, index) => index).filter((index) => next[index] !== goal[index]);
  const losers = changing.filter((index) => (next[index] ?? 0) > (goal[index] ?? 0)).sort(byCost);
  const gainers = changing.filter((index) => (next[index] ?? 0) < (goal[index] ?? 0)).sort(byCost);
  let left = bounds.maxMoved;
  for (const from of losers.toReversed()) {
    for (const to of gainers) {
      const surplus = (next[from] ?? 0) - (goal[from] ?? 0);
      const lack = (goal[to] ?? 0) - (next[to] ?? 0);
      const moved = Math.min(surplus, lack, left);
      next[from] = (next[from] ?? 0) - moved;
      next[to] = (next[to] ?? 0) + moved;
      left -= moved;
    }
  }
  return next;
}

/** Clusters that are to be left come last, whatever they cost. */
function rankKey(clusters: readonly JudgedCluster[], index: number): number {
  const cluster = clusters[index];
  return cluster?.role === 'leave'
    ? Number.MAX_VALUE
    : Math.min(cluster?.meanCost ?? 0, Number.MAX_VALUE / 2);
}

/** A division that a unit of several workloads may take: nobody's limit is broken and somebody moves. */
function admissible(divisions: readonly (readonly number[])[], bounds: readonly WorkloadBounds[]): boolean {
  let changed = false;
  for (const [which, { current, lower, upper, maxMoved, workload }] of bounds.entries()) {
    const division = divisions[which] ?? [];
    if (sum(division) !== workload.replicas) return false;
    let moved = 0;
    for (const [index, replicas] of division.entries()) {
      const held = current[index] ?? 0;
      if (replicas < Math.min(held, lower[index] ?? 0)) return false;
      if (replicas > held && replicas > (upper[index] ?? 0)) return false;
      moved += Math.max(0, replicas - held);
    }
    if (moved > maxMoved) return false;
    if (moved > 0) changed = true;
  }
  return changed;
}

function divisionOf(
  weights: Readonly<Record<string, number>>,
  bounds: WorkloadBounds,
  clusters: readonly JudgedCluster[],
): number[] {
  const division = divide(weights, bounds.workload.replicas, bounds.workload.uid);
  return clusters.map((cluster) => division[cluster.name] ?? 0);
}

/** Share of the whole unit in every cluster. */
export function shares(vectors: readonly (readonly number[])[]): number[] {
  const total = vectors.reduce((all, vector) => all + sum(vector), 0);
  const width = vectors[0]?.length ?? 0;
  return Array.from({ length: width }, (_, index) =>
    total === 0 ? 0 : vectors.reduce((all, vector) => all + (vector[index] ?? 0), 0) / total,
  );
}

/** Shares as weights of at least 1; clusters that hold nothing in any of `holding` are left out. */
export function thousandths(
  clusters: readonly JudgedCluster[],
  parts: readonly number[],
  holding: readonly (readonly number[])[] | null,
): Record<string, number> {
  const weights: Record<string, number> = {};
  for (const [index, cluster] of clusters.entries()) {
    const part = parts[index] ?? 0;
    let holds = holding === null && part > 0.0005;
    if (holding !== null) for (const vector of holding) if ((vector[index] ?? 0) > 0) holds = true;
    if (holds) weights[cluster.name] = Math.max(1, Math.round(part * 1000));
  }
  return weights;
}

function integers(clusters: readonly JudgedCluster[], vector: readonly number[]): Record<string, number> {
  const weights: Record<string, number> = {};
  for (const [index, cluster] of clusters.entries()) {
    const replicas = vector[index] ?? 0;
    if (replicas > 0) weights[cluster.name] = replicas;
  }
  return weights;
}

export function same(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}

function sum(vector: readonly number[]): number {
  return vector.reduce((a, b) => a + b, 0);
}
