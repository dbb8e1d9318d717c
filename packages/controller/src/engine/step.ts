import { roundShares, type WorkloadBounds } from './bounds.ts';
import { classOf } from './class.ts';
import { divideSeats } from './division/webster.ts';
import type { JudgedCluster } from './options.ts';
import { same, zeros } from './vectors.ts';

/** The next step of a unit: weights and what the plane makes of them. */
export interface Step {
  /** Per judged cluster; 0 where nothing shall stand. */
  readonly weights: readonly number[];
  /** Replicas per workload and judged cluster. */
  readonly next: readonly (readonly number[])[];
}

/** Parts of the way to the target that are tried when one list of weights has to suit several workloads. */
const PARTS = [1, 0.75, 0.5, 0.35, 0.25, 0.15, 0.1, 0.05];

/**
 * The whole way: what the target means in replicas of every workload. Several workloads share one list of weights: where
 * no bound forbids it their goals are what that list makes of them, so that they can all be reached at once.
 */
export function targetReplicas(
  target: readonly number[],
  bounds: readonly WorkloadBounds[],
): readonly (readonly number[])[] {
  const rounded = bounds.map((each) => roundShares(target, each.workload.replicas, each.lower, each.upper));
  if (bounds.length === 1) return rounded;
  const divided = divisionsBy(thousandths(target, rounded), bounds);
  const again = divisionsBy(thousandths(target, divided), bounds);
  const reachable =
    bounds.every((each, index) => within(divided[index] ?? [], each)) &&
    divided.every((division, index) => same(division, again[index] ?? []));
  return reachable ? divided : rounded;
}

function divisionsBy(weights: readonly number[], bounds: readonly WorkloadBounds[]): (readonly number[])[] {
  return bounds.map(({ workload }) => divideSeats(weights, workload.replicas, workload.uid));
}

function within(division: readonly number[], { lower, upper, workload }: WorkloadBounds): boolean {
  return (
    sum(division) === workload.replicas &&
    division.every((replicas, index) => replicas >= (lower[index] ?? 0) && replicas <= (upper[index] ?? 0))
  );
}

/**
 * Finds weights whose division brings the unit nearer to its goals without breaking a limit of any workload. Null when
 * there are none. Every step is nearer than the one before, so that a move has an end.
 */
export function nextStep(
  clusters: readonly JudgedCluster[],
  bounds: readonly WorkloadBounds[],
  target: readonly number[],
  goals: readonly (readonly number[])[],
): Step | null {
  const next = bounds.map((each, index) => towards(each, goals[index] ?? [], clusters));
  for (const weights of candidates(bounds, target, next, goals)) {
    const divisions = divisionsBy(weights, bounds);
    const exact = divisions.every((division, index) => same(division, next[index] ?? []));
    if (exact || (bounds.length > 1 && admissible(divisions, bounds, goals)))
      return { weights, next: divisions };
  }
  return null;
}

/** Candidate weights, best first: shares in thousandths, then the integer vectors themselves. */
function* candidates(
  bounds: readonly WorkloadBounds[],
  target: readonly number[],
  next: readonly (readonly number[])[],
  goals: readonly (readonly number[])[],
): Generator<readonly number[]> {
  if (next.every((vector, index) => same(vector, goals[index] ?? []))) yield thousandths(target, next);
  yield thousandths(shares(next), next);
  for (const vector of next.toSorted((a, b) => sum(b) - sum(a))) yield vector;
  if (bounds.length === 1) return;
  const from = shares(bounds.map((each) => each.current));
  for (const part of PARTS) {
    const between = from.map((share, index) => share + part * ((target[index] ?? 0) - share));
    yield thousandths(between, null);
  }
}

/** As far towards the goal as one step may go: off the dirtiest, onto the cleanest first. */
function towards(
  bounds: WorkloadBounds,
  goal: readonly number[],
  clusters: readonly JudgedCluster[],
): readonly number[] {
  if (bounds.initial) return goal;
  const next = [...bounds.current];
  const losers: number[] = [];
  const gainers: number[] = [];
  for (const index of classOf(clusters).cheapestFirst) {
    const lack = (goal[index] ?? 0) - (next[index] ?? 0);
    if (lack > 0) gainers.push(index);
    else if (lack < 0) losers.push(index);
  }
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
    if (left === 0) break;
  }
  return next;
}

/** A division that a unit of several workloads may take: nobody's limit is broken, and it is nearer to the goals. */
function admissible(
  divisions: readonly (readonly number[])[],
  bounds: readonly WorkloadBounds[],
  goals: readonly (readonly number[])[],
): boolean {
  let nearer = 0;
  for (const [which, { current, lower, upper, maxMoved, workload }] of bounds.entries()) {
    const division = divisions[which] ?? [];
    if (sum(division) !== workload.replicas) return false;
    let moved = 0;
    for (const [index, replicas] of division.entries()) {
      const held = current[index] ?? 0;
      if (replicas < Math.min(held, lower[index] ?? 0)) return false;
      if (replicas > held && replicas > (upper[index] ?? 0)) return false;
      moved += Math.max(0, replicas - held);
      const goal = goals[which]?.[index] ?? 0;
      nearer += Math.abs(held - goal) - Math.abs(replicas - goal);
    }
    if (moved > maxMoved) return false;
  }
  return nearer > 0;
}

/** Share of the whole unit in every cluster. */
export function shares(vectors: readonly (readonly number[])[]): number[] {
  const [first = [], ...others] = vectors;
  const result = first.slice();
  for (const vector of others) {
    for (let index = 0; index < result.length; index++) {
      result[index] = (result[index] ?? 0) + (vector[index] ?? 0);
    }
  }
  const total = sum(result);
  if (total === 0) return zeros(result.length);
  for (let index = 0; index < result.length; index++) result[index] = (result[index] ?? 0) / total;
  return result;
}

/** Shares as weights of at least 1; clusters that hold nothing in any of `holding` get 0. */
export function thousandths(
  parts: readonly number[],
  holding: readonly (readonly number[])[] | null,
): number[] {
  const weights = zeros(parts.length);
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index] ?? 0;
    let holds = holding === null && part > 0.0005;
    if (holding !== null) for (const vector of holding) if ((vector[index] ?? 0) > 0) holds = true;
    if (holds) weights[index] = Math.max(1, Math.round(part * 1000));
  }
  return weights;
}

function sum(vector: readonly number[]): number {
  let total = 0;
  for (const value of vector) total += value;
  return total;
}
