import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import {
  createRedisStore,
  createVirtualClock,
  type MapStore,
  SECOND,
  StoreUnreachableError,
} from '../../src/index.ts';
import { carbonMap, NOON } from '../support/fixtures.ts';
import { findRedisServer, type RedisServer, startRedisServer } from '../support/redis-server.ts';
import { storeConformance } from './conformance.ts';

const path = findRedisServer();

describe.skipIf(path === null)(`redis store${path === null ? ': no redis-server on PATH' : ''}`, () => {
  let server: RedisServer;
  let admin: Redis;
  let count = 0;

  beforeAll(async () => {
    server = await startRedisServer(path ?? '');
    admin = new Redis(server.url);
    admin.on('error', () => {});
  });

  afterAll(async () => {
    admin.disconnect();
    await server.close();
  });

  async function open(prefix = `t${count++}`): Promise<{ store: MapStore; prefix: string }> {
    const store = await createRedisStore({ url: server.url, prefix, clock: createVirtualClock(NOON) });
    onTestFinished(() => store.close());
    return { store, prefix };
  }

  describe('conformance', () => {
    storeConformance(async () => {
      const prefix = `t${count++}`;
      return {
        open: (clock) => createRedisStore({ url: server.url, prefix, clock }),
        // The lease lives by the server's clock; deleting its key is what the server does when it runs out.
        expireLease: async () => void (await admin.del(`{${prefix}}:lease`)),
        close: async () => {},
      };
    });
  });

  it('lets the lease run out by itself', async () => {
    const { store, prefix } = await open();
    await store.acquireWriter('a', 12 * SECOND);
    const life = await admin.pttl(`{${prefix}}:lease`);
    expect(life).toBeGreaterThan(0);
    expect(life).toBeLessThanOrEqual(12 * SECOND);
  });

  it('reads the map with one command and writes it with one', async () => {
    const { store, prefix } = await open();
    const lease = (await store.acquireWriter('a', 12 * SECOND))!;
    await store.write(carbonMap(1), lease);
    const calls = async (): Promise<number> => {
      const stats = await admin.info('commandstats');
      // Commands that a script makes inside the server are no round trips.
      return ['get', 'evalsha', 'eval'].reduce(
        (sum, name) => sum + Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats)?.[1] ?? 0),
        0,
      );
    };
    const before = await calls();
    await store.read();
    expect(await calls()).toBe(before + 1);
    await store.write(carbonMap(2), lease);
    expect(await calls()).toBe(before + 2);
    expect(await admin.keys(`{${prefix}}:*`)).toHaveLength(3);
  });

  it('hears of a version that another process wrote', async () => {
    const { store: writer, prefix } = await open();
    const { store: reader } = await open(prefix);
    const heard = new Promise<number>((resolve) => void reader.subscribe(resolve));
    await writer.write(carbonMap(5), (await writer.acquireWriter('a', 12 * SECOND))!);
    expect(await heard).toBe(5);
  });

  it('finds by polling what no notice told', async () => {
    const clock = createVirtualClock(NOON);
    const prefix = `t${count++}`;
    const store = await createRedisStore({ url: server.url, prefix, clock, pollEvery: 5 * SECOND });
    onTestFinished(() => store.close());
    const heard: number[] = [];
    store.subscribe((version) => heard.push(version));
    for (const version of [6, 7, 8]) {
      // Written past the store, as by a writer whose notice was lost.
      await admin.set(`{${prefix}}:map`, `${version}\n${JSON.stringify(carbonMap(version))}`);
      while (heard.at(-1) !== version) {
        clock.advance(5 * SECOND);
        await admin.ping();
      }
    }
    expect(heard).toEqual([6, 7, 8]);
  });

  it('serves the last version while Redis is away, says so, and comes back without going back', async () => {
    const own = await startRedisServer(path ?? '');
    onTestFinished(() => own.close());
    const store = await createRedisStore({ url: own.url, prefix: 'lost', timeout: SECOND });
    onTestFinished(() => store.close());
    const lease = (await store.acquireWriter('a', 12 * SECOND))!;
    await store.write(carbonMap(8), lease);
    await store.read();
    await own.kill();
    expect((await store.read())?.version).toBe(8);
    expect(store.connected()).toBe(false);
    await expect(store.write(carbonMap(9), lease)).rejects.toThrow(/closed|writeable|ENOENT/);
    await own.restart();
    const probe = new Redis(own.url);
    onTestFinished(() => probe.disconnect());
    // The store reconnects by itself; each look waits for one round trip to the server.
    while (!store.connected()) {
      await probe.ping();
      await store.read();
    }
    expect((await store.read())?.version).toBe(8);
    const again = (await store.acquireWriter('a', 12 * SECOND))!;
    await store.write(carbonMap(9), again);
    expect((await store.read())?.version).toBe(9);
  });

  it('never takes a reader back to an older version', async () => {
    const { store, prefix } = await open();
    await store.write(carbonMap(12), (await store.acquireWriter('a', 12 * SECOND))!);
    await store.read();
    await admin.set(`{${prefix}}:map`, `11\n${JSON.stringify(carbonMap(11))}`);
    expect((await store.read())?.version).toBe(12);
  });

  it('fences off a holder with an equal token after all data was lost', async () => {
    const { store, prefix } = await open();
    const old = (await store.acquireWriter('a', 12 * SECOND))!;
    await admin.del(`{${prefix}}:lease`, `{${prefix}}:fence`, `{${prefix}}:map`);
    const next = (await store.acquireWriter('b', 12 * SECOND))!;
    expect(next.token).toBe(old.token);
    await expect(store.write(carbonMap(1), old)).rejects.toThrow('no longer holds');
  });

  it('knows its scripts again after the server forgot them', async () => {
    const { store } = await open();
    await admin.script('FLUSH');
    expect(await store.acquireWriter('a', 12 * SECOND)).not.toBeNull();
  });
});

describe('an unreachable Redis', () => {
  it('is one line that names the URL without its password, and the remedy', async () => {
    // Port 1 of the loopback: nothing listens there.
    const url = 'redis://windvane:hunter2@127.0.0.1:1/0';
    const message = await createRedisStore({ url }).then(
      () => 'connected',
      (error: unknown) => (error instanceof StoreUnreachableError ? error.message : 'another error'),
    );
    expect(message).toContain('redis://windvane:***@127.0.0.1:1/0');
    expect(message).toContain('ECONNREFUSED');
    expect(message).toContain('check the URL');
    expect(message).not.toContain('hunter2');
    expect(message).not.toContain('\n');
  });

  it('names the path of a socket as it is', async () => {
    await expect(createRedisStore({ url: '/nonexistent/redis.sock' })).rejects.toThrow(
      'cannot use Redis at /nonexistent/redis.sock',
    );
  });
});
