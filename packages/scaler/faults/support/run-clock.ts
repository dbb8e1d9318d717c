import type { Clock, Instant } from '@windvane/carbon-map';

/** A clock that stands where it is put. */
export interface RunClock extends Clock {
  /** When something is due next. */
  next(): Instant | undefined;
  runUntil(at: Instant): void;
}

export function createRunClock(start: Instant): RunClock {
  let now = start;
  const tasks = new Set<{ readonly at: Instant; readonly task: () => void }>();
  const next = (): Instant | undefined => {
    let first: Instant | undefined;
    for (const { at } of tasks) if (first === undefined || at < first) first = at;
    return first;
  };
  return {
    now: () => now,
    after(delay, task) {
      const entry = { at: now + Math.max(0, delay), task };
      tasks.add(entry);
      return () => void tasks.delete(entry);
    },
    next,
    runUntil(at) {
      for (let due = next(); due !== undefined && due <= at; due = next()) {
        now = due;
        for (const entry of [...tasks].filter((each) => each.at <= now)) {
          tasks.delete(entry);
          entry.task();
        }
      }
      now = at;
    },
  };
}
