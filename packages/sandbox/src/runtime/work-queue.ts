/** How long after a failed attempt the next one follows, by number of attempts in a row. */
const RETRY_MS = [0, 5, 20, 80, 300, 1_000];

/** Reconciles keys one after another; a key that is added while it runs, runs once more. */
export interface WorkQueue {
  add(key: string): void;
  /** Nothing is queued, running or waiting for its first retries. */
  idle(): boolean;
  /** Stops taking keys; they wait until `resume`. */
  pause(): void;
  resume(): void;
  /** Drops everything and waits for what runs. */
  stop(): Promise<void>;
}

export interface WorkQueueOptions {
  readonly reconcile: (key: string) => Promise<void>;
  /** Keys in progress at once. */
  readonly concurrency?: number;
  /** Told of each failed attempt; conflicts are part of life and retried like the rest. */
  readonly onError?: (key: string, error: unknown) => void;
}

/** Failed attempts after which a key no longer counts as work in progress, though it is still retried. */
const PATIENCE = 8;

export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  const queued = new Set<string>();
  const running = new Map<string, Promise<void>>();
  const again = new Set<string>();
  const failures = new Map<string, number>();
  const timers = new Map<string, NodeJS.Timeout>();
  const concurrency = options.concurrency ?? 4;
  let paused = false;
  let stopped = false;

  const add = (key: string): void => {
    if (stopped) return;
    if (running.has(key)) again.add(key);
    else queued.add(key);
    pump();
  };

  const retry = (key: string, error: unknown): void => {
    options.onError?.(key, error);
    const attempts = (failures.get(key) ?? 0) + 1;
    failures.set(key, attempts);
    const delay = RETRY_MS[Math.min(attempts, RETRY_MS.length) - 1] ?? 0;
    clearTimeout(timers.get(key));
    const timer = setTimeout(() => {
      timers.delete(key);
      add(key);
    }, delay);
    timers.set(key, timer);
  };

  const run = async (key: string): Promise<void> => {
    try {
      // Always a turn later: the key is in `running` before anything can end.
      await Promise.resolve();
      await options.reconcile(key);
      failures.delete(key);
    } catch (error) {
      if (!stopped) retry(key, error);
    } finally {
      running.delete(key);
      if (again.delete(key)) queued.add(key);
      pump();
    }
  };

  function pump(): void {
    if (paused || stopped) return;
    for (const key of queued) {
      if (running.size >= concurrency) return;
      queued.delete(key);
      running.set(key, run(key));
    }
  }

  const retrying = (): boolean => [...timers.keys()].some((key) => (failures.get(key) ?? 0) < PATIENCE);

  return {
    add,
    idle: () => (paused || queued.size === 0) && running.size === 0 && !retrying(),
    pause() {
      paused = true;
    },
    resume() {
      paused = false;
      pump();
    },
    async stop() {
      stopped = true;
      queued.clear();
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
      await Promise.all(running.values());
    },
  };
}
