import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { TlsFiles } from './tls-files.ts';

/** Ports of the loopback that nobody used a moment ago. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const server of servers) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    ports.push(address.port);
  }
  for (const server of servers) {
    server.close();
    await once(server, 'close');
  }
  return ports;
}

/** One redis-server or Sentinel on a port of the loopback. */
export interface RedisProcess {
  readonly port: number;
  /** SIGKILL. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts a redis-server with these lines of configuration, and waits until it answers.
 * @param options.sentinel whether it is a Sentinel
 * @param options.tls listens with these, and with nothing else
 */
export async function startRedisProcess(
  path: string,
  port: number,
  lines: readonly string[],
  options: { sentinel?: boolean; tls?: TlsFiles; ready?: () => Promise<void> } = {},
): Promise<RedisProcess> {
  const { tls } = options;
  const folder = mkdtempSync(join(tmpdir(), 'windvane-redis-'));
  const file = join(folder, 'redis.conf');
  const listening = tls === undefined ? [`port ${port}`] : ['port 0', ...tls.redisLines(port)];
  writeFileSync(file, ['bind 127.0.0.1', ...listening, `dir ${folder}`, ...lines, ''].join('\n'));
  const child: ChildProcess = spawn(path, [file, ...(options.sentinel === true ? ['--sentinel'] : [])], {
    stdio: 'ignore',
  });
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  await (options.ready ?? (() => answering(port, tls)))();
  return {
    port,
    kill,
    async close() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Runs one command against a port. */
export function ask(port: number, ...command: readonly string[]): Promise<unknown> {
  return askWith(undefined, port, ...command);
}

/** The same over TLS, as a client with the certificate. */
export async function askWith(
  tls: TlsFiles | undefined,
  port: number,
  ...command: readonly string[]
): Promise<unknown> {
  const secured = tls === undefined ? {} : { tls: pemOf(tls) };
  const redis = new Redis(port, '127.0.0.1', { lazyConnect: true, retryStrategy: () => null, ...secured });
  redis.on('error', () => {});
  try {
    await redis.connect();
    const [name = '', ...args] = command;
    return await redis.call(name, ...args);
  } finally {
    redis.disconnect();
  }
}

function pemOf({ ca, cert, key }: TlsFiles): { ca: string; cert: string; key: string } {
  return { ca: readFileSync(ca, 'utf8'), cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
}

/** Resolves when `probe` says yes; what it throws is a no. Waits for events of the world outside, not for time to pass. */
export async function until(probe: () => Promise<boolean> | boolean, what: string): Promise<void> {
  // A Sentinel whose own timer was held up does nothing for 30 s (its TILT mode), and may be held up again.
  const deadline = Date.now() + 200_000;
  for (;;) {
    try {
      if (await probe()) return;
    } catch {
      // Not yet.
    }
    if (Date.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => void setTimeout(resolve, 20));
  }
}

async function answering(port: number, tls: TlsFiles | undefined): Promise<void> {
  await until(async () => (await askWith(tls, port, 'PING')) === 'PONG', `redis on port ${port}`);
}
