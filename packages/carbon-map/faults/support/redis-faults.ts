import { Redis } from 'ioredis';
import { MINUTE, type Millis, SECOND } from '../../src/index.ts';
import type { RedisServer } from '../../test/support/redis-server.ts';
import type { TcpProxy } from '../../test/support/tcp-proxy.ts';

/** What a fault may be done to. */
interface RedisScene {
  readonly server: RedisServer;
  /** Between the first process and the server. */
  readonly first: TcpProxy;
  /** Between the second process and the server. */
  readonly second: TcpProxy;
  /** Ends the process that writes, as a crash would. */
  readonly killWriter: () => Promise<void>;
}

export interface RedisFault {
  readonly name: string;
  readonly lasts: Millis;
  /** Begins the fault and returns what ends it. */
  begin(scene: RedisScene): Promise<() => Promise<void>>;
  /** Whether processes must say that something is wrong while it lasts. */
  readonly mustBeTold: boolean;
  /** Whether somebody goes on writing while it lasts. */
  readonly writesGoOn: boolean;
}

export const REDIS_FAULTS: readonly RedisFault[] = [
  {
    name: 'killed, started again empty',
    lasts: 20 * SECOND,
    mustBeTold: true,
    writesGoOn: false,
    async begin({ server }) {
      await server.kill();
      return () => server.restart();
    },
  },
  {
    name: 'slow by 500 ms',
    lasts: 30 * SECOND,
    mustBeTold: false,
    writesGoOn: true,
    async begin({ first, second }) {
      for (const proxy of [first, second]) proxy.slowDown(500);
      return async () => {
        for (const proxy of [first, second]) proxy.slowDown(0);
      };
    },
  },
  {
    name: 'both cut off for a minute',
    lasts: MINUTE,
    mustBeTold: true,
    writesGoOn: false,
    async begin({ first, second }) {
      for (const proxy of [first, second]) proxy.partition(true);
      return async () => {
        for (const proxy of [first, second]) proxy.partition(false);
      };
    },
  },
  {
    name: 'writer cut off for a minute',
    lasts: MINUTE,
    mustBeTold: true,
    writesGoOn: true,
    async begin({ first }) {
      first.partition(true);
      return async () => first.partition(false);
    },
  },
  {
    name: 'filled to maxmemory',
    lasts: 20 * SECOND,
    mustBeTold: true,
    writesGoOn: false,
    begin: ({ server }) => fill(server.url),
  },
  {
    name: 'the writing process killed',
    lasts: 0,
    mustBeTold: false,
    writesGoOn: false,
    async begin({ killWriter }) {
      await killWriter();
      return async () => {};
    },
  },
];

/** Fills the server up to its limit, and past it by a little: buffers that come and go then make no room. */
async function fill(url: string): Promise<() => Promise<void>> {
  const admin = new Redis(url);
  const filler = 'x'.repeat(256 * 1024);
  await admin.config('SET', 'maxmemory', '12mb');
  let count = 0;
  for (; ; count++) {
    const full = await admin.set(`fill:${count}`, filler).then(
      () => false,
      (error: unknown) => String(error).includes('OOM'),
    );
    if (full) break;
  }
  await admin.config('SET', 'maxmemory', '11500kb');
  return async () => {
    for (let i = 0; i < count; i++) await admin.unlink(`fill:${i}`);
    admin.disconnect();
  };
}
