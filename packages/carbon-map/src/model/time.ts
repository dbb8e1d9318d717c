/** A point in time: milliseconds since the Unix epoch, UTC. Text forms (RFC 3339) exist only at the edges. */
export type Instant = number;

/** A length of time in milliseconds. */
export type Millis = number;

export const SECOND: Millis = 1_000;
export const MINUTE: Millis = 60_000;
export const HOUR: Millis = 60 * MINUTE;
export const DAY: Millis = 24 * HOUR;

/** The start of the hour that holds `at`. */
export function startOfHour(at: Instant): Instant {
  return Math.floor(at / HOUR) * HOUR;
}

const INSTANT = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/i;

/**
 * Reads an RFC 3339 instant; a blank for the `T` and absent seconds are taken too. The zone is required,
 * because a local time is not an instant. Null for everything else, dates that do not exist (`2022-02-30`) included.
 */
export function parseInstant(text: string): Instant | null {
  const parts = INSTANT.exec(text);
  if (parts === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = parts.slice(1, 6).map(Number);
  const second = Number(parts[6] ?? 0);
  const wall = Date.UTC(year, month - 1, day, hour, minute, second);
  const back = new Date(wall);
  const exists =
    back.getUTCMonth() === month - 1 && back.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  return exists ? wall - offsetOf(parts[7] ?? 'Z') : null;
}

function offsetOf(zone: string): Millis {
  if (zone === 'Z' || zone === 'z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone.startsWith('-') ? -minutes : minutes) * MINUTE;
}

/** Time, injected everywhere: tests and the demo own theirs, and nothing sleeps. */
export interface Clock {
  now(): Instant;
  /** Runs `task` once after `delay`; returns the way to cancel it. */
  after(delay: Millis, task: () => void): () => void;
}

/** The longest delay of a timer of the platform; one beyond it would run out at once. */
const LONGEST_TIMER: Millis = 2 ** 31 - 1;

/** The machine's own time. Its timers do not keep a process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delay, task) {
    let timer: NodeJS.Timeout;
    const wait = (left: Millis): void => {
      const then = left > LONGEST_TIMER ? () => wait(left - LONGEST_TIMER) : task;
      timer = setTimeout(then, Math.min(left, LONGEST_TIMER));
      timer.unref();
    };
    wait(delay);
    return () => clearTimeout(timer);
  },
};
