import type { Clock, Millis } from '@windvane/carbon-map';

export interface ReconcileResult {
  /** Look at the key again after this long, also when nothing happens. */
  readonly requeueAfter?: Millis;
}

export interface QueueOptions {
  readonly clock: Clock;
  readonly reconcile: (key: string) => Promise<ReconcileResult>;
  /** Told of every failed attempt; the key is tried again. */
  readonly failed: (key: string, error: unknown, attempt: number, retryIn: Millis) => void;
  /** Keys worked on at once; one key is never worked on twice at a time. */
  readonly concurrency?: number;
  readonly backoffBase?: Millis;
  readonly backoffMax?: Millis;
}

/** Keys waiting for reconciliation: each at most once, in the order in which they came. */
export interface ReconcileQueue {
  add(key: string): void;
  addAfter(key: string, delay: Millis): void;
  /** Nothing waits or runs. Delayed keys do not count: they are in the future. */
  idle(): boolean;
  /** Resolves when next idle. */
  whenIdle(): Promise<void>;
  /** Takes no more keys, forgets the waiting ones and waits for those under way. */
  stop(): Promise<void>;
}

/**
 * A keyed, deduplicating queue. A key that is added while it is being worked on runs once more afterwards.
 * A throw waits `backoffBase * 2^attempt`, at most `backoffMax`; success forgets the attempts.
 */
export function createQueue(options: QueueOptions): ReconcileQueue {
  const { clock, reconcile, failed, concurrency = 4, backoffBase = 500, backoffMax = 300_000 } = options;
  const waiting = new Set<string>();
  const running = new Set<string>();
  const again = new Set<string>();
  const attempts = new Map<string, number>();
  const delayed = new Map<string, { at: number; cancel: () => void }>();
  const idleWaiters: (() => void)[] = [];
  let stopped = false;

  const isIdle = (): boolean => waiting.size === 0 && running.size === 0;

  function add(key: string): void {
    if (stopped) return;
    delayed.get(key)?.cancel();
    delayed.delete(key);
    if (running.has(key)) again.add(key);
    else waiting.add(key);
    pump();
  }

  function addAfter(key: string, delay: Millis): void {
    if (stopped) return;
    const at = clock.now() + delay;
    const earlier = delayed.get(key);
    if (earlier !== undefined && earlier.at <= at) return;
    earlier?.cancel();
    const cancel = clock.after(delay, () => {
      delayed.delete(key);
      add(key);
    });
    delayed.set(key, { at, cancel });
  }

  async function run(key: string): Promise<void> {
    try {
      const { requeueAfter } = await reconcile(key);
      attempts.delete(key);
      if (requeueAfter !== undefined) addAfter(key, requeueAfter);
    } catch (error) {
      const attempt = (attempts.get(key) ?? 0) + 1;
      attempts.set(key, attempt);
      const retryIn = Math.min(backoffMax, backoffBase * 2 ** (attempt - 1));
      failed(key, error, attempt, retryIn);
      addAfter(key, retryIn);
    } finally {
      running.delete(key);
      if (again.delete(key) && !stopped) waiting.add(key);
      pump();
    }
  }

  function pump(): void {
    for (const key of waiting) {
      if (running.size >= concurrency) return;
      waiting.delete(key);
      running.add(key);
      void run(key);
    }
    if (isIdle()) for (const resolve of idleWaiters.splice(0)) resolve();
  }

  function whenIdle(): Promise<void> {
    if (isIdle()) return Promise.resolve();
    return new Promise((resolve) => idleWaiters.push(resolve));
  }

  return {
    add,
    addAfter,
    idle: isIdle,
    whenIdle,
    stop() {
      stopped = true;
      waiting.clear();
      again.clear();
      for (const { cancel } of delayed.values()) cancel();
      delayed.clear();
      return whenIdle();
    },
  };
}
