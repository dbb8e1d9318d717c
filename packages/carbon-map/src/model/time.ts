/** A point in time: milliseconds since the Unix epoch, UTC. Text forms (RFC 3339) exist only at the edges. */
export type Instant = number;

/** A length of time in milliseconds. */
export type Millis = number;

export const MINUTE: Millis = 60_000;
export const HOUR: Millis = 60 * MINUTE;
export const DAY: Millis = 24 * HOUR;

/** Time, injected everywhere: tests and the demo own theirs, and nothing sleeps. */
export interface Clock {
  now(): Instant;
  /** Runs `task` once after `delay`; returns the way to cancel it. */
  after(delay: Millis, task: () => void): () => void;
}

/** The machine's own time. Its timers do not keep a process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delay, task) {
    const timer = setTimeout(task, delay);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
