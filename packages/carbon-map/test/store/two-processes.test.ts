import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { until } from '../support/redis-fleet.ts';
import { findRedisServer, startRedisServer } from '../support/redis-server.ts';

const path = findRedisServer() ?? '';
const program = resolve(import.meta.dirname, '../support/refresher-process.ts');
const DEATH_TO_TAKEOVER = 15_000;

interface Line {
  readonly holder: string;
  readonly at: number;
  readonly asked?: string;
  readonly read?: number;
  readonly error?: string;
}

function start(url: string, holder: string, lines: Line[]): ChildProcess {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', program, url, 'two', holder],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  });
  if (child.stdout === null) throw new Error('the process has no output');
  createInterface({ input: child.stdout }).on('line', (line) => void lines.push(JSON.parse(line)));
  return child;
}

describe.skipIf(path === '')(
  `two processes on one Redis${path === '' ? ': no redis-server on PATH' : ''}`,
  () => {
    it('one refreshes, the other takes over after its death, and no version goes backwards', async () => {
      const server = await startRedisServer(path);
      onTestFinished(() => server.close());
      const lines: Line[] = [];
      const askedBy = (holder: string): Line[] =>
        lines.filter((line) => line.holder === holder && line.asked !== undefined);
      const first = start(server.url, 'first', lines);
      await until(() => askedBy('first').length > 0, 'the first process to refresh');
      start(server.url, 'second', lines);
      await until(
        () => lines.some(({ holder, read }) => holder === 'second' && read !== undefined),
        'the second to read',
      );

      const raw = new Redis(server.url);
      onTestFinished(() => raw.disconnect());
      const stored: number[] = [];
      const watching = new AbortController();
      const watch = (async (): Promise<void> => {
        while (!watching.signal.aborted) stored.push(Number.parseInt(await raw.getrange('{two}:map', 0, 20)));
      })();

      const soon = askedBy('first').length + 4;
      await until(() => askedBy('first').length >= soon, 'some rounds of the first process');
      expect(askedBy('second')).toEqual([]);

      const exited = once(first, 'exit');
      first.kill('SIGKILL');
      await exited;
      const death = Date.now();
      await until(() => askedBy('second').length >= 3, 'the second process to take over');
      const taken = askedBy('second')[0]?.at ?? Infinity;
      expect(taken - death).toBeLessThan(DEATH_TO_TAKEOVER);
      // Nobody refreshed while the dead process still held the lease.
      expect(taken).toBeGreaterThan(askedBy('first').at(-1)?.at ?? Infinity);

      watching.abort();
      await watch;
      expect(stored.length).toBeGreaterThan(100);
      expect(stored).toEqual(stored.toSorted((a, b) => a - b));
      for (const holder of ['first', 'second']) {
        const seen = lines
          .filter((line) => line.holder === holder)
          .flatMap(({ read }) => (read === undefined ? [] : [read]));
        expect(seen.length).toBeGreaterThan(1);
        expect(seen).toEqual(seen.toSorted((a, b) => a - b));
      }
      expect(lines.filter(({ error }) => error !== undefined)).toEqual([]);
    }, 120_000);
  },
);
