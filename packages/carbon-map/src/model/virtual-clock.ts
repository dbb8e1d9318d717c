import type { Clock, Instant, Millis } from './time.ts';

/** A clock that stands still until it is told to move: for simulations, the demo and tests. */
export interface VirtualClock extends Clock {
  /** Moves to `at` (never back) and runs what falls due on the way, in order of time. */
  advanceTo(at: Instant): void;
  advance(by: Millis): void;
}

/** A {@link VirtualClock} that starts at `start`. */
export function createVirtualClock(start: Instant): VirtualClock {
  let now = start;
  let sequence = 0;
  const timers = new Map<number, { due: Instant; task: () => void }>();

  function nextDue(until: Instant): number | undefined {
    let best: number | undefined;
    let bestDue = until;
    for (const [id, { due }] of timers) {
      // Ids ascend, so that of two timers due together the older one runs first.
      if (due < bestDue || (due === bestDue && best === undefined)) [best, bestDue] = [id, due];
    }
    return best;
  }

  function advanceTo(at: Instant): void {
    for (let id = nextDue(at); id !== undefined; id = nextDue(at)) {
      const timer = timers.get(id);
      timers.delete(id);
      if (timer === undefined) continue;
      now = Math.max(now, timer.due);
      timer.task();
    }
    now = Math.max(now, at);
  }

  return {
    now: () => now,
    after(delay, task) {
      const id = ++sequence;
      timers.set(id, { due: now + Math.max(0, delay), task });
      return () => void timers.delete(id);
    },
    advanceTo,
    advance: (by) => advanceTo(now + by),
  };
}
