import { DAY, type Instant } from '@windvane/carbon-map';
import type { UnitHistory } from '../../engine/problem.ts';
import type { Remembered } from '../../status/schema.ts';

/** What the unit did lately: from the statuses of its workloads, the longest memory wins. */
export function historyOf(
  statuses: Iterable<Remembered>,
  movingTo: UnitHistory['movingTo'],
  now: Instant,
): UnitHistory {
  let lastMoveAt: Instant | null = null;
  let movesLastDay = 0;
  for (const remembered of statuses) {
    for (const move of remembered.moves) {
      if (move.finishedAt === null) continue;
      lastMoveAt = Math.max(lastMoveAt ?? 0, Date.parse(move.finishedAt));
    }
    const lately = remembered.moveStarts.filter((start) => Date.parse(start) > now - DAY);
    movesLastDay = Math.max(movesLastDay, lately.length);
  }
  return { lastMoveAt, movesLastDay, movingTo };
}
