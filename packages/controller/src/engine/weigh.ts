import { classOf } from './class.ts';
import type { HeldBy } from './decision.ts';
import type { JudgedCluster } from './options.ts';
import type { PlacementProblem } from './problem.ts';

const HOUR_MS = 3_600_000;

/** What a move from the present shares to the target is worth. */
export interface Worth {
  /** Relative gain over what stands, 0..1; 0 when it cannot be judged. */
  readonly gain: number;
  /** Hours on which it was judged. */
  readonly hours: number;
  /** Saving over those hours, in the objective's unit times hours. */
  readonly saved: number;
  /** What the work done twice costs, in the same unit. */
  readonly lost: number;
}

/** Weighs a move over some hours: the expected saving against the work that is done twice at the destination. */
export function worthOf(
  problem: PlacementProblem,
  clusters: readonly JudgedCluster[],
  current: readonly number[],
  target: readonly number[],
  hours: number,
): Worth {
  const { sumsOver, redone } = classOf(clusters);
  const sums = sumsOver(hours);
  const moveHours = problem.limits.moveCost / HOUR_MS;
  let stay = 0;
  let go = 0;
  let lost = 0;
  for (let index = 0; index < clusters.length; index++) {
    const from = current[index] ?? 0;
    const to = target[index] ?? 0;
    if (from === 0 && to === 0) continue;
    const total = sums[index] ?? 0;
    stay += from * total;
    go += to * total;
    if (to > from) lost += (to - from) * (redone[index] ?? 0) * moveHours;
  }
  return { gain: stay > 0 ? Math.max(0, (stay - go) / stay) : 0, hours, saved: stay - go, lost };
}

/** The limit in time that says not now to any new move; null when none does. */
export function tooSoon(problem: PlacementProblem): HeldBy | null {
  const { limits, history, at } = problem;
  if (history.lastMoveAt !== null && at - history.lastMoveAt < limits.cooldown) return 'cooldown';
  if (history.movesLastDay >= limits.maxMovesPerDay) return 'max-moves-per-day';
  return null;
}
