import { type Clock, createVirtualClock, type Instant, type Millis } from '@windvane/carbon-map';

/** The clock of a machine: what it shows may be set, while its timers go on as they were. */
export interface WallClock extends Clock {
  /** The time as it really is. */
  trueTime(): Instant;
  /** Time passes. */
  advance(by: Millis): void;
  /** Somebody sets the clock ahead, or back. */
  jump(by: Millis): void;
}

export function createWallClock(start: Instant): WallClock {
  const real = createVirtualClock(start);
  let error: Millis = 0;
  return {
    now: () => real.now() + error,
    after: (delay, task) => real.after(delay, task),
    trueTime: () => real.now(),
    advance: (by) => real.advance(by),
    jump(by) {
      error += by;
    },
  };
}
