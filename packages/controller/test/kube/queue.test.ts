import { createVirtualClock } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import { createQueue, type QueueOptions } from '../../src/kube/queue.ts';

/** A reconciler whose runs end when the test says so. */
function controlled() {
  const runs: { key: string; end: () => void; fail: (error: Error) => void }[] = [];
  const reconcile = (key: string): Promise<{ requeueAfter?: number }> =>
    new Promise((resolve, reject) => runs.push({ key, end: () => resolve({}), fail: reject }));
  return { runs, reconcile };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function queueOf(options: Partial<QueueOptions>) {
  const clock = createVirtualClock(0);
  const failures: [string, number, number][] = [];
  const queue = createQueue({
    clock,
    reconcile: () => Promise.resolve({}),
    failed: (key, _error, attempt, retryIn) => failures.push([key, attempt, retryIn]),
    ...options,
  });
  return { clock, queue, failures };
}

describe('createQueue', () => {
  it('runs a key once however often it was added, and once more when it was added meanwhile', async () => {
    const { runs, reconcile } = controlled();
    const { queue } = queueOf({ reconcile });
    for (let times = 0; times < 5; times += 1) queue.add('a');
    expect(runs.map(({ key }) => key)).toEqual(['a']);
    expect(queue.idle()).toBe(false);
    runs[0]?.end();
    await turn();
    expect(runs).toHaveLength(2);
    runs[1]?.end();
    await queue.whenIdle();
    expect(runs).toHaveLength(2);
    expect(queue.idle()).toBe(true);
  });

  it('never works on one key twice at a time, nor on more keys than it may', async () => {
    const { runs, reconcile } = controlled();
    const { queue } = queueOf({ reconcile, concurrency: 2 });
    for (const key of ['a', 'b', 'c', 'a']) queue.add(key);
    expect(runs.map(({ key }) => key)).toEqual(['a', 'b']);
    runs[0]?.end();
    await turn();
    expect(runs.map(({ key }) => key)).toEqual(['a', 'b', 'c']);
  });

  it('looks again after the time that was asked for, and only once', async () => {
    const keys: string[] = [];
    const { clock, queue } = queueOf({
      reconcile(key) {
        keys.push(key);
        return Promise.resolve(keys.length === 1 ? { requeueAfter: 1000 } : {});
      },
    });
    queue.add('a');
    await queue.whenIdle();
    clock.advance(999);
    expect(keys).toHaveLength(1);
    clock.advance(1);
    await queue.whenIdle();
    expect(keys).toHaveLength(2);
    clock.advance(10_000);
    await queue.whenIdle();
    expect(keys).toHaveLength(2);
  });

  it('keeps the earlier of two delays, and drops it when the key is added at once', async () => {
    const keys: string[] = [];
    const { clock, queue } = queueOf({
      reconcile(key) {
        keys.push(key);
        return Promise.resolve({});
      },
    });
    queue.addAfter('a', 500);
    queue.addAfter('a', 2000);
    clock.advance(500);
    await queue.whenIdle();
    expect(keys).toEqual(['a']);
    queue.addAfter('a', 500);
    queue.add('a');
    await queue.whenIdle();
    clock.advance(5000);
    await queue.whenIdle();
    expect(keys).toEqual(['a', 'a']);
  });

  it('backs off by powers of two up to a limit, and forgets the failures on success', async () => {
    let fail = true;
    const { clock, queue, failures } = queueOf({
      reconcile: () => (fail ? Promise.reject(new Error('no')) : Promise.resolve({})),
      backoffBase: 100,
      backoffMax: 400,
    });
    queue.add('a');
    for (let step = 0; step < 5; step += 1) {
      await queue.whenIdle();
      clock.advance(400);
    }
    await queue.whenIdle();
    expect(failures.map(([, , retryIn]) => retryIn)).toEqual([100, 200, 400, 400, 400, 400]);
    fail = false;
    clock.advance(400);
    await queue.whenIdle();
    fail = true;
    queue.add('a');
    await queue.whenIdle();
    expect(failures.at(-1)).toEqual(['a', 1, 100]);
  });

  it('goes on with others while one fails', async () => {
    const done: string[] = [];
    const { queue } = queueOf({
      reconcile(key) {
        if (key === 'bad') return Promise.reject(new Error('no'));
        done.push(key);
        return Promise.resolve({});
      },
      concurrency: 1,
    });
    for (const key of ['bad', 'a', 'b']) queue.add(key);
    await queue.whenIdle();
    expect(done).toEqual(['a', 'b']);
  });

  it('waits on stop for what runs, and takes nothing more', async () => {
    const { runs, reconcile } = controlled();
    const { queue, clock } = queueOf({ reconcile, concurrency: 1 });
    queue.add('a');
    queue.add('b');
    queue.addAfter('c', 10);
    let stopped = false;
    const stop = (async () => {
      await queue.stop();
      stopped = true;
    })();
    await turn();
    expect(stopped).toBe(false);
    runs[0]?.end();
    await stop;
    clock.advance(1000);
    queue.add('d');
    await turn();
    expect(runs.map(({ key }) => key)).toEqual(['a']);
  });
});
