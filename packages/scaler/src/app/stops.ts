/** What was started and has to be stopped again. */
export interface Stops {
  add(stop: () => unknown): void;
  /** Stops everything once, the last one first. Rejects with the first failure, after all had their turn. */
  run(): Promise<void>;
}

export function createStops(): Stops {
  const started: (() => unknown)[] = [];
  return {
    add: (stop) => void started.push(stop),
    async run() {
      const failures: unknown[] = [];
      for (let stop = started.pop(); stop !== undefined; stop = started.pop()) {
        try {
          await stop();
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}
