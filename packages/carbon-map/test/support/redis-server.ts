import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';

/** Path of a real redis-server, or null when this machine has none. */
export function findRedisServer(): string | null {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, 'redis-server');
    if (!existsSync(path)) continue;
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not for us to run; look further.
    }
  }
  return null;
}

export interface RedisServer {
  /** Path of its unix socket, which ioredis takes as a URL. */
  readonly url: string;
  readonly version: string;
  /** As a crash would: without a word to clients and without saving. */
  kill(): Promise<void>;
  /** The same server again, empty. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** A redis-server of the test's own, on a unix socket in a new folder; no port, nothing saved. */
export async function startRedisServer(path: string, args: readonly string[] = []): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'windvane-redis-'));
  const url = join(folder, 'redis.sock');
  let version = '';
  let child: ChildProcess;

  async function start(): Promise<void> {
    child = spawn(
      path,
      ['--port', '0', '--unixsocket', url, '--dir', folder, '--save', '', '--appendonly', 'no', ...args],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const { stdout } = child;
    if (stdout === null) throw new Error('redis-server has no output');
    for await (const line of createInterface({ input: stdout })) {
      version = /Redis version=([\d.]+)/.exec(line)?.[1] ?? version;
      // Said for a socket by every version that the project was tested with.
      if (/accept connections/.test(line)) break;
    }
    stdout.resume();
  }

  async function kill(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  await start();
  return {
    url,
    get version() {
      return version;
    },
    kill,
    async restart() {
      await kill();
      rmSync(url, { force: true });
      await start();
    },
    async close() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
