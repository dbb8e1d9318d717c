import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { KubeObject } from '../../../../src/kube/resource.ts';
import { createScoreBoard } from '../../../../src/planes/ocm/scores/board.ts';

const statusSchema = z.object({ scores: z.array(z.object({ name: z.string(), value: z.number() })) });

/** Score objects whose writes are answered when the test says so. */
function objects() {
  const stored = new Map<string, KubeObject>();
  const open: { cluster: string; answer: (error?: Error) => void }[] = [];
  const written: string[] = [];
  const scoresIn = (status: unknown): string =>
    statusSchema
      .parse(status)
      .scores.map(({ name, value }) => `${name}=${value}`)
      .join(' ');
  return {
    open,
    /** What was sent, in order: `c1 a=100 b=20`. */
    written,
    board: createScoreBoard({
      stored: (cluster) => stored.get(cluster),
      async write(cluster, change) {
        const object = stored.get(cluster) ?? { metadata: { name: 'scores', namespace: cluster } };
        const status = change(object);
        if (status === null) return;
        written.push(`${cluster} ${scoresIn(status)}`);
        await new Promise<void>((resolve, reject) => {
          open.push({ cluster, answer: (error) => (error === undefined ? resolve() : reject(error)) });
        });
        stored.set(cluster, { ...object, status });
      },
    }),
    answerAll: async () => {
      while (open.length > 0) {
        open.shift()?.answer();
        await turn();
      }
    },
  };
}

const clusters = (count: number): string[] => Array.from({ length: count }, (_, index) => `c${index}`);

describe('the board of steering scores', () => {
  it('writes the scores of all Placements for one cluster that come while others are written at once', async () => {
    const { board, answerAll, written } = objects();
    const all = ['a', 'b', 'c'].flatMap((name) =>
      clusters(20).map((cluster) => board.set(name, { cluster, value: 50 })),
    );
    await turn();
    expect(written).toHaveLength(8);
    await answerAll();
    await Promise.all(all);
    expect(written).toHaveLength(20);
    expect(written.at(-1)).toBe('c19 a=50 b=50 c=50');
    expect(board.score('c19', 'b')).toBe(50);
  });

  it('lets a step go before scores that only have to be there some time', async () => {
    const { board, answerAll, written } = objects();
    const rest = clusters(20).map((cluster) => board.set('a', { cluster, value: 50 }));
    await turn();
    const step = board.setInOrder('b', [
      { cluster: 'c19', value: 100 },
      { cluster: 'new', value: 20 },
    ]);
    await answerAll();
    await Promise.all([...rest, step]);
    expect(written.indexOf('c19 a=50 b=100')).toBe(8);
    expect(written.indexOf('new b=20')).toBeGreaterThan(8);
  });

  it('writes in order: the second score only when the first is stored', async () => {
    const { board, open, answerAll, written } = objects();
    const step = board.setInOrder('a', [
      { cluster: 'new', value: 100 },
      { cluster: 'old', value: 20 },
    ]);
    await turn();
    expect(written).toEqual(['new a=100']);
    open[0]?.answer();
    open.shift();
    await turn();
    expect(written).toEqual(['new a=100', 'old a=20']);
    await answerAll();
    await step;
  });

  it('tells everybody whose score was in a write that failed, and goes on', async () => {
    const { board, open, answerAll } = objects();
    const lost = [
      board.set('a', { cluster: 'c1', value: 50 }),
      board.setInOrder('b', [
        { cluster: 'c1', value: 100 },
        { cluster: 'c2', value: 1 },
      ]),
    ].map((each) => expect(each).rejects.toThrow('gone'));
    await turn();
    open.shift()?.answer(new Error('gone'));
    await Promise.all(lost);
    const next = board.set('a', { cluster: 'c1', value: 50 });
    await turn();
    await answerAll();
    await next;
    expect(board.score('c1', 'a')).toBe(50);
    expect(board.score('c2', 'b')).toBeUndefined();
  });
});
