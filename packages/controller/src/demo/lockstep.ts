import type { Clock, Instant, Millis } from '@windvane/carbon-map';

/** A clock that moves only when everything that the last moment set off has come to rest. */
export interface LockstepClock extends Clock {
  /**
   * Moves to `at`, stopping at every timer on the way: the timers due at one moment run in the order in which they
   * were set, then `settle` is awaited.
   */
  runTo(at: Instant, settle: () => Promise<void>): Promise<void>;
}

interface Timer {
  readonly due: Instant;
  readonly task: () => void;
}

/**
 * The demo's time. It stands still while work is done, so that the result does not depend on how fast the machine is.
 * @param grain timers that fall due within this time of each other run together, which saves most of the waiting
 */
export function createLockstepClock(start: Instant, grain: Millis): LockstepClock {
  let now = start;
  /** A map keeps its order, and that is the order in which timers were set. */
  const timers = new Map<number, Timer>();
  let ids = 0;

  const nextDue = (): Instant => {
    let next = Number.POSITIVE_INFINITY;
    for (const { due } of timers.values()) next = Math.min(next, due);
    return next;
  };

  function runDue(): void {
    const due = [...timers].filter(([, timer]) => timer.due <= now).toSorted(([, a], [, b]) => a.due - b.due);
    for (const [id, timer] of due) {
      // One timer may have cancelled another that was due with it.
      if (timers.delete(id)) timer.task();
    }
  }

  return {
    now: () => now,
    after(delay, task) {
      ids += 1;
      const id = ids;
      timers.set(id, { due: now + Math.max(0, delay), task });
      return () => {
        timers.delete(id);
      };
    },
    async runTo(at, settle) {
      while (now < at) {
        now = Math.min(at, Math.max(now + grain, nextDue()));
        runDue();
        await settle();
      }
    },
  };
}
