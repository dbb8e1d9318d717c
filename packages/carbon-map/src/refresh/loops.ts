import type { Clock, Millis } from '../model/time.ts';

/** Tasks that run again and again until they are stopped. */
export interface Loops {
  /** Runs `task` now, and again after the time that it returns; a throw is told and waits for `otherwise`. */
  run(task: () => Promise<Millis>, otherwise: Millis): void;
  stop(): void;
}

export function createLoops(clock: Clock, onError: (error: unknown) => void): Loops {
  const timers = new Set<() => void>();
  let generation = 0;
  return {
    run(task, otherwise) {
      const own = generation;
      const again = async (): Promise<void> => {
        let wait = otherwise;
        try {
          wait = await task();
        } catch (error) {
          if (own === generation) onError(error);
        }
        if (own !== generation) return;
        const cancel = clock.after(wait, () => {
          timers.delete(cancel);
          void again();
        });
        timers.add(cancel);
      };
      void again();
    },
    stop() {
      generation += 1;
      for (const cancel of timers) cancel();
      timers.clear();
    },
  };
}
