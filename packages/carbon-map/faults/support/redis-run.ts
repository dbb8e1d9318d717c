import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { type Millis, SECOND } from '../../src/index.ts';
import { startRedisServer } from '../../test/support/redis-server.ts';
import { startTcpProxy } from '../../test/support/tcp-proxy.ts';
import type { RedisFault } from './redis-faults.ts';

/** What two processes saw of one fault. */
export interface RedisOutcome {
  readonly fault: string;
  /** Seconds. */
  readonly lasted: number;
  /** Versions read by either process, one read each half second; what answered none; what was older than one before. */
  readonly reads: number;
  readonly unserved: number;
  readonly backwards: number;
  /** Versions that came while it lasted. */
  readonly written: number;
  /** Rounds that a process began although it was not its turn. */
  readonly bothWrote: number;
  /** Seconds from the end of the fault until each living process served a version of after it; null if never. */
  readonly recovery: number | null;
  /** Whether the processes said what is wrong; null when they need not. */
  readonly told: boolean | null;
  /** Whether somebody went on writing; null where nobody can. */
  readonly wentOn: boolean | null;
}

/** What `refresher-process.ts` prints. */
interface Line {
  readonly holder: string;
  readonly at: number;
  readonly asked?: string;
  readonly served?: number;
  readonly error?: string;
}

const PROGRAM = resolve(import.meta.dirname, '../../test/support/refresher-process.ts');
const START: Millis = 30 * SECOND;
const WARM_UP: Millis = 3 * SECOND;
const WATCH: Millis = 40 * SECOND;
/** The default life of the lease: who lost it stops within it, and another one begins after it. */
const LEASE: Millis = 10 * SECOND;

/** Two processes of which the first writes, the fault, and what they say until all is well again. */
export async function runRedisFault(path: string, fault: RedisFault): Promise<RedisOutcome> {
  const server = await startRedisServer(path, ['--maxmemory', '64mb', '--maxmemory-policy', 'noeviction']);
  const [first, second] = [await startTcpProxy(server.url), await startTcpProxy(server.url)];
  const lines: Line[] = [];
  const children: ChildProcess[] = [];
  const start = (holder: string, port: number): ChildProcess => {
    const args = [
      '--disable-warning=ExperimentalWarning',
      PROGRAM,
      `redis://127.0.0.1:${port}`,
      'faults',
      holder,
    ];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    if (child.stdout !== null) {
      createInterface({ input: child.stdout }).on('line', (line) => void lines.push(JSON.parse(line)));
    }
    return child;
  };
  try {
    const writer = start('first', first.port);
    const serves = (holder: string): boolean =>
      lines.some((line) => line.holder === holder && (line.served ?? 0) > 0);
    await waitFor(() => serves('first'), START);
    start('second', second.port);
    await waitFor(() => serves('second'), START);
    await pause(WARM_UP);

    const began = Date.now();
    const end = await fault.begin({
      server,
      first,
      second,
      async killWriter() {
        const exited = once(writer, 'exit');
        writer.kill('SIGKILL');
        await exited;
      },
    });
    await pause(fault.lasts);
    await end();
    const ended = Date.now();
    const alive = writer.signalCode === null ? ['first', 'second'] : ['second'];
    const before = Math.max(0, ...lines.map((line) => line.served ?? 0));
    /** When it first served a version of a round that began after the end. */
    const freshAt = (holder: string): number | undefined => {
      const round = lines.find((line) => line.asked !== undefined && line.at >= ended)?.at ?? Infinity;
      return lines.find((line) => line.holder === holder && line.at >= round && (line.served ?? 0) > before)
        ?.at;
    };
    await waitFor(() => alive.every((holder) => freshAt(holder) !== undefined), WATCH);
    const back = alive.map((holder) => freshAt(holder) ?? Infinity);
    // A little more, for what comes late.
    await pause(2 * SECOND);
    return outcomeOf(fault, lines, began, ended, Math.max(...back));
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await Promise.all([first.close(), second.close()]);
    await server.close();
  }
}

function outcomeOf(
  fault: RedisFault,
  lines: readonly Line[],
  began: number,
  ended: number,
  back: number,
): RedisOutcome {
  const served = lines.filter((line) => line.served !== undefined);
  const during = (line: Line): boolean => line.at >= began && line.at <= ended;
  const versions = new Set(served.filter(during).map((line) => line.served));
  let backwards = 0;
  let unserved = 0;
  for (const holder of ['first', 'second']) {
    let newest = 0;
    for (const { served: version = 0 } of served.filter((line) => line.holder === holder)) {
      if (version < newest) backwards += 1;
      if (version === 0 && newest > 0) unserved += 1;
      newest = Math.max(newest, version);
    }
  }
  return {
    fault: fault.name,
    lasted: (ended - began) / SECOND,
    reads: served.length,
    unserved,
    backwards,
    written: Math.max(0, versions.size - 1),
    bothWrote: roundsOutOfTurn(lines),
    recovery: Number.isFinite(back) ? (back - ended) / SECOND : null,
    wentOn: fault.writesGoOn ? versions.size > 1 : null,
    told: fault.mustBeTold ? lines.some((line) => line.error !== undefined && line.at >= began) : null,
  };
}

/** Rounds that began less than a lease after another process was last seen to begin one. */
function roundsOutOfTurn(lines: readonly Line[]): number {
  let holder: string | null = null;
  let last = -Infinity;
  let wrong = 0;
  for (const line of lines.filter(({ asked }) => asked !== undefined).toSorted((a, b) => a.at - b.at)) {
    // Between the start of a round and the end of the lease that it was begun under lies less than a lease.
    if (holder !== null && holder !== line.holder && line.at - last < LEASE / 2) wrong += 1;
    holder = line.holder;
    last = line.at;
  }
  return wrong;
}

async function waitFor(condition: () => boolean, most: Millis): Promise<void> {
  const deadline = Date.now() + most;
  while (!condition() && Date.now() < deadline) await pause(50);
}
