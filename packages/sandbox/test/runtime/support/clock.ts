import type { Clock } from '../../../src/index.ts';

/** Time that stands still until a test moves it. */
export interface ManualClock extends Clock {
  /** The instant of the next task, or undefined when none waits. */
  next(): number | undefined;
  /** Moves to `instant`, running what is due on the way. */
  runUntil(instant: number): void;
}

const START = Date.parse('2026-03-01T00:00:00Z');

export function createManualClock(): ManualClock {
  let now = START;
  let tasks: { readonly at: number; readonly task: () => void }[] = [];
  const next = (): number | undefined =>
    tasks.length === 0 ? undefined : Math.min(...tasks.map((entry) => entry.at));
  return {
    now: () => now,
    after(delayMs, task) {
      tasks.push({ at: now + delayMs, task });
    },
    next,
    runUntil(instant) {
      for (let due = next(); due !== undefined && due <= instant; due = next()) {
        now = due;
        const ready = tasks.filter((entry) => entry.at <= now);
        tasks = tasks.filter((entry) => entry.at > now);
        for (const { task } of ready) task();
      }
      now = instant;
    },
  };
}
