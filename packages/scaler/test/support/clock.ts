import type { Clock } from '@windvane/carbon-map';

/** Time that stands still until a test moves it. */
export interface TestClock extends Clock {
  set(at: number): void;
}

export function testClock(start: number): TestClock {
  let now = start;
  let tasks: { readonly at: number; readonly task: () => void }[] = [];
  return {
    now: () => now,
    after(delay, task) {
      const entry = { at: now + delay, task };
      tasks.push(entry);
      return () => {
        tasks = tasks.filter((other) => other !== entry);
      };
    },
    set(at) {
      for (;;) {
        const due = tasks.filter((entry) => entry.at <= at).sort((a, b) => a.at - b.at)[0];
        if (due === undefined) break;
        tasks = tasks.filter((other) => other !== due);
        now = Math.max(now, due.at);
        due.task();
      }
      now = at;
    },
  };
}
