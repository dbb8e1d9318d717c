import type { Instant } from '@windvane/carbon-map';
import type { PlacementView } from '../planes/plane.ts';
import type { MoveRecord } from '../status/carbon-placement.ts';

/** A move that ended, with the workload in whose status it was first seen. */
export interface EndedMove {
  readonly placement: PlacementView;
  readonly move: MoveRecord;
}

/** Moves remembered as counted; the status keeps ten per workload, so that far older ones cannot come back. */
const REMEMBERED = 10_000;

/**
 * Finds the moves that ended since the last look, of those that ended after `since`: a restart must not count old
 * ones again. The workloads of one unit share a decision and are one move.
 */
export function createMoveCounter(
  since: Instant,
): (placements: readonly PlacementView[]) => readonly EndedMove[] {
  const seen = new Set<string>();
  return (placements) => {
    const ended: EndedMove[] = [];
    for (const placement of placements) {
      for (const move of placement.moves) {
        const at = move.finishedAt === null ? Number.NaN : Date.parse(move.finishedAt);
        const key = `${placement.hub} ${move.decision} ${move.startedAt}`;
        if (!(at >= since) || move.result === null || seen.has(key)) continue;
        seen.add(key);
        ended.push({ placement, move });
      }
    }
    for (const key of seen) {
      if (seen.size <= REMEMBERED) break;
      seen.delete(key);
    }
    return ended;
  };
}
