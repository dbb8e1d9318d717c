/** Work that is under way: what `idle` has to wait for besides the queues. */
export interface Activity {
  /** Runs `task`; a throw goes to `onError`. */
  run(task: () => Promise<void>): void;
  idle(): boolean;
}

export function createActivity(onError: (error: unknown) => void): Activity {
  let running = 0;
  const perform = async (task: () => Promise<void>): Promise<void> => {
    running += 1;
    try {
      await task();
    } catch (error) {
      onError(error);
    } finally {
      running -= 1;
    }
  };
  return {
    run: (task) => void perform(task),
    idle: () => running === 0,
  };
}
