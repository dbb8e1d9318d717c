import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createWorkQueue } from '../../src/runtime/work-queue.ts';

/** A reconcile that waits until the test lets it go. */
function gated() {
  const started: string[] = [];
  const release: ((error?: Error) => void)[] = [];
  return {
    started,
    release: (error?: Error) => release.shift()?.(error),
    reconcile: (key: string) =>
      new Promise<void>((resolve, reject) => {
        started.push(key);
        release.push((error) => (error === undefined ? resolve() : reject(error)));
      }),
  };
}

describe('a work queue', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const turn = () => vi.advanceTimersByTimeAsync(0);

  it('runs a key once however often it is added while it waits', async () => {
    const gate = gated();
    const queue = createWorkQueue({ reconcile: gate.reconcile, concurrency: 1 });
    for (const key of ['a', 'b', 'b', 'b']) queue.add(key);
    await turn();
    expect(gate.started).toEqual(['a']);
    gate.release();
    await turn();
    gate.release();
    await turn();
    expect(gate.started).toEqual(['a', 'b']);
    expect(queue.idle()).toBe(true);
  });

  it('runs a key once more that is added while it runs, never beside itself', async () => {
    const gate = gated();
    const queue = createWorkQueue({ reconcile: gate.reconcile, concurrency: 4 });
    queue.add('a');
    await turn();
    queue.add('a');
    queue.add('a');
    await turn();
    expect(gate.started).toEqual(['a']);
    gate.release();
    await turn();
    expect(gate.started).toEqual(['a', 'a']);
    expect(queue.idle()).toBe(false);
    gate.release();
    await turn();
    expect(queue.idle()).toBe(true);
  });

  it('tries again after a failure, and counts as busy until then', async () => {
    const gate = gated();
    const errors: unknown[] = [];
    const queue = createWorkQueue({
      reconcile: gate.reconcile,
      onError: (_key, error) => errors.push(error),
    });
    queue.add('a');
    await turn();
    gate.release(new Error('conflict'));
    await Promise.resolve();
    expect(queue.idle()).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(gate.started).toEqual(['a', 'a']);
    gate.release();
    await turn();
    expect(errors).toHaveLength(1);
    expect(queue.idle()).toBe(true);
  });

  it('stops counting a key as work that fails for ever, but goes on trying', async () => {
    let attempts = 0;
    const queue = createWorkQueue({
      reconcile: () => {
        attempts += 1;
        return Promise.reject(new Error('for ever'));
      },
    });
    queue.add('a');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(queue.idle()).toBe(true);
    const before = attempts;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(attempts).toBeGreaterThan(before);
    await queue.stop();
  });

  it('holds keys while it is paused, and is idle then', async () => {
    const gate = gated();
    const queue = createWorkQueue({ reconcile: gate.reconcile });
    queue.pause();
    queue.add('a');
    await turn();
    expect(gate.started).toEqual([]);
    expect(queue.idle()).toBe(true);
    queue.resume();
    await turn();
    expect(gate.started).toEqual(['a']);
    gate.release();
    await queue.stop();
  });

  it('waits for what runs when it is stopped, and takes nothing more', async () => {
    const gate = gated();
    const queue = createWorkQueue({ reconcile: gate.reconcile, concurrency: 1 });
    queue.add('a');
    queue.add('b');
    await turn();
    const stopped = queue.stop();
    gate.release();
    await stopped;
    queue.add('c');
    await turn();
    expect(gate.started).toEqual(['a']);
  });
});
