import { DAY, type Instant, type Millis } from '@windvane/carbon-map';

/** How long the end of an open stretch is believed to be in everybody's history. */
const ANCHOR_LASTS: Millis = 14 * DAY;

/** Where a held stretch stands in the turns of waiting and running that `maxDelay` sets. */
export interface DelayTurn {
  /** The longest delay has passed: run now. */
  readonly due: boolean;
  /** Start of the present wait or run. */
  readonly since: Instant;
  /** Its end. */
  readonly until: Instant;
}

/**
 * The turn of work that is held: `maxDelay` of waiting, `minRun` of running, and so on, counted from `heldSince`, or from
 * the creation of the object where history does not tell. History is bounded, so that the first count must end some day:
 * it does with a run, after which the second one begins, and no wait is ever longer than `maxDelay`.
 * @param heldSince end of the last open stretch
 */
export function delayTurn(
  now: Instant,
  heldSince: Instant | null,
  createdAt: Instant,
  { maxDelay, minRun }: { readonly maxDelay: Millis; readonly minRun: Millis },
): DelayTurn {
  const anchor = Math.max(heldSince ?? createdAt, createdAt);
  if (anchor > createdAt && now - anchor >= ANCHOR_LASTS) {
    const handover = anchor + ANCHOR_LASTS;
    if (now < handover + minRun) return { due: true, since: handover, until: handover + minRun };
    return turnFrom(createdAt, now, maxDelay, minRun);
  }
  return turnFrom(anchor, now, maxDelay, minRun);
}

function turnFrom(anchor: Instant, now: Instant, maxDelay: Millis, minRun: Millis): DelayTurn {
  const turn = maxDelay + minRun;
  // A clock that was set back puts the anchor into the future: its wait has just begun then.
  const start = anchor + Math.max(0, Math.floor((now - anchor) / turn)) * turn;
  const due = now - start >= maxDelay;
  return due
    ? { due, since: start + maxDelay, until: start + turn }
    : { due, since: start, until: start + maxDelay };
}
