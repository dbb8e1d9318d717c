import type { ScoreWrite } from '../scores/board.ts';
import { BEST_REST, STEADY_BAND } from '../steering.ts';
import { all } from './evidence.ts';
import type { StepRecord } from './step-record.ts';

/** A newcomer comes before all that are not chosen, so that a leaver cannot be let go from lower than this. */
const LOWEST_LEAVING = BEST_REST + 1 - STEADY_BAND;

/** Score by which a leaver is let go: that of the one that comes for it, or near it. */
export function leavingScore(newcomersScore: number): number {
  return Math.max(newcomersScore, LOWEST_LEAVING);
}

/**
 * The scores of a move with a surge. Somebody may put the number back at any moment, and OCM may see scores and number in
 * another order than they were written. So no score here leads another by more than Steady outweighs: of two clusters
 * the one that holds the work keeps it, and only the number lets a cluster go.
 */
export interface SurgeScores {
  readonly arriving: readonly ScoreWrite[];
  readonly leaving: readonly ScoreWrite[];
  /** Of leavers that stay after all: above the newcomers again. */
  readonly returning: readonly ScoreWrite[];
}

export function surgeScores({ enter, leave }: StepRecord): SurgeScores {
  const values = Object.values(leave).filter((value) => value >= LOWEST_LEAVING);
  const least = Math.min(BEST_REST, ...values);
  const arriving = least + STEADY_BAND;
  return {
    arriving: all(Object.keys(enter), arriving),
    // One that may not be chosen any more gets the last of its score when it is gone.
    leaving: Object.entries(leave).map(([cluster, value]) => ({
      cluster,
      value: value >= LOWEST_LEAVING ? value : least,
    })),
    returning: all(Object.keys(leave), arriving + STEADY_BAND),
  };
}
