import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type CarbonMap,
  createLocationResolver,
  createRedisStore,
  createRefresher,
  createVirtualClock,
  type MapStore,
  MINUTE,
  type Refresher,
  SECOND,
  systemClock,
} from '../../src/index.ts';
import { type FakeProvider, fakeProvider } from '../support/fake-provider.ts';
import { NOON } from '../support/fixtures.ts';
import { ask, freePorts, startRedisProcess, until } from '../support/redis-fleet.ts';
import { findRedisServer, type RedisServer, startRedisServer } from '../support/redis-server.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const path = findRedisServer() ?? '';
const why = path === '' ? ': no redis-server on PATH' : '';

/** One hub: a store on the URL, and a refresher that the test drives round by round. */
interface Hub {
  readonly store: MapStore;
  readonly grid: FakeProvider;
  readonly refresher: Refresher;
  /** What was told of faults that are no provider's. */
  readonly errors: string[];
  /** Versions that `round` gave, in order. */
  readonly seen: number[];
  round(): Promise<CarbonMap>;
}

async function hub(url: string, holder = 'a', timeout = SECOND / 2, leaseTtl = 600): Promise<Hub> {
  const store = await createRedisStore({ url, prefix: 'f', timeout });
  onTestFinished(() => store.close());
  const errors: string[] = [];
  const seen: number[] = [];
  const grid = fakeProvider('grid', { DE: 400 });
  const refresher = createRefresher({
    zones: () => ['DE'],
    chain: () => [grid],
    store,
    clock: systemClock,
    locations: createLocationResolver(),
    holder,
    leaseTtl,
    onError: (error) => errors.push(String(error)),
  });
  return {
    store,
    grid,
    refresher,
    errors,
    seen,
    async round() {
      const map = await refresher.refreshOnce();
      seen.push(map.version);
      return map;
    },
  };
}

async function server(args: readonly string[] = []): Promise<{ server: RedisServer; admin: Redis }> {
  const started = await startRedisServer(path, args);
  onTestFinished(() => started.close());
  const admin = new Redis(started.url);
  admin.on('error', () => {});
  onTestFinished(() => admin.disconnect());
  return { server: started, admin };
}

function expectAscending(versions: readonly number[]): void {
  expect(versions).toEqual(versions.toSorted((a, b) => a - b));
}

describe.skipIf(path === '')(`a Redis that fails${why}`, () => {
  it('closed while its listener comes back: nothing is left that nobody waits for', async () => {
    const { server: redis, admin } = await server();
    const proxy = await startTcpProxy(redis.url);
    onTestFinished(() => proxy.close());
    const unhandled: unknown[] = [];
    const record = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', record);
    onTestFinished(() => void process.off('unhandledRejection', record));
    const store = await createRedisStore({
      url: `redis://127.0.0.1:${proxy.port}`,
      prefix: 'f',
      timeout: SECOND,
    });
    const listeners = async (): Promise<unknown> => (await admin.pubsub('NUMSUB', '{f}:changes'))[1];
    store.subscribe(() => {});
    await until(async () => (await listeners()) === 1, 'the listener');

    // Redis has the second subscription, and its answer is under way when the store is closed.
    proxy.slowDown(300);
    const made = proxy.connections();
    await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await until(async () => proxy.connections() > made && (await listeners()) === 1, 'the listener again');
    await store.close();
    await until(async () => (await listeners()) === 0, 'the listener to go');
    await new Promise((resolve) => void setTimeout(resolve, 50));
    expect(unhandled).toEqual([]);
  });

  it('without the database of the URL: is refused at the start', async () => {
    const [port = 0] = await freePorts(1);
    const redis = await startRedisProcess(path, port, ['databases 2', 'save ""']);
    onTestFinished(() => redis.close());
    await expect(createRedisStore({ url: `redis://127.0.0.1:${port}/2` })).rejects.toThrow(
      'database 2 does not exist on that Redis: name a lower one',
    );
    await (await createRedisStore({ url: `redis://127.0.0.1:${port}/1` })).close();
  });

  it('that comes back without the database of the URL: nothing is written into another', async () => {
    const [port = 0] = await freePorts(1);
    const before = await startRedisProcess(path, port, ['databases 2', 'save ""']);
    onTestFinished(() => before.close());
    const writer = await hub(`redis://127.0.0.1:${port}/1`);
    const { version } = await writer.round();

    await before.close();
    const smaller = await startRedisProcess(path, port, ['databases 1', 'save ""']);
    onTestFinished(() => smaller.close());
    const refused = async (): Promise<number> => {
      await writer.round();
      return Number(
        /cmdstat_select:.*failed_calls=(\d+)/.exec(String(await ask(port, 'INFO', 'commandstats')))?.[1],
      );
    };
    await until(async () => (await refused()) > 1, 'two reconnections');
    expect(await ask(port, 'DBSIZE')).toBe(0);
    expect(writer.store.connected()).toBe(false);

    await smaller.close();
    const after = await startRedisProcess(path, port, ['databases 2', 'save ""']);
    onTestFinished(() => after.close());
    await until(async () => (await writer.round()).version > version, 'a new version');
  });

  it('killed and started again, empty: the last version is served meanwhile, and no later one is older', async () => {
    const { server: redis } = await server();
    const writer = await hub(redis.url);
    const reader = await hub(redis.url, 'b');
    const before = await writer.round();
    expect((await reader.round()).version).toBe(before.version);

    await redis.kill();
    for (let i = 0; i < 3; i++) {
      expect(await writer.round()).toEqual(before);
      expect((await reader.round()).version).toBe(before.version);
    }
    expect([writer.store.connected(), reader.store.connected()]).toEqual([false, false]);
    expect(writer.refresher.isWriter()).toBe(false);
    expect(writer.errors.length).toBeGreaterThanOrEqual(3);
    // Nobody asks a provider for a map that nobody could store.
    expect(writer.grid.asked).toHaveLength(1);

    await redis.restart();
    await until(async () => (await writer.round()).version > before.version, 'a new version');
    await until(async () => (await reader.round()).version > before.version, 'the reader to see it');
    expect([writer.store.connected(), reader.store.connected()]).toEqual([true, true]);
    expectAscending(writer.seen);
    expectAscending(reader.seen);
  });

  it('slow by half a second: everything works, later', async () => {
    const { server: redis } = await server();
    const proxy = await startTcpProxy(redis.url);
    onTestFinished(() => proxy.close());
    const slow = await hub(`redis://127.0.0.1:${proxy.port}`, 'a', 2 * SECOND, 10 * SECOND);
    const first = await slow.round();
    proxy.slowDown(500);
    const second = await slow.round();
    expect(second.version).toBeGreaterThan(first.version);
    expect(slow.refresher.isWriter()).toBe(true);
    expect(slow.store.connected()).toBe(true);
    expect(slow.errors).toEqual([]);
    expect((await slow.store.read())?.version).toBe(second.version);
    // A process that starts meanwhile connects, too.
    const late = await createRedisStore({ url: `redis://127.0.0.1:${proxy.port}`, prefix: 'f' });
    onTestFinished(() => late.close());
    expect((await late.read())?.version).toBe(second.version);
  });

  it('slower than a command may take: the last version is served, and a slow write that came through does no harm', async () => {
    const { server: redis, admin } = await server();
    const proxy = await startTcpProxy(redis.url);
    onTestFinished(() => proxy.close());
    const slow = await hub(`redis://127.0.0.1:${proxy.port}`, 'a', 500, 10 * SECOND);
    const first = await slow.round();
    const lease = (await slow.store.acquireWriter('a', 10 * SECOND))!;
    proxy.slowDown(1_000);
    // The write arrives; only its answer is late.
    const unheard = { ...first, version: first.version + 50 };
    await expect(slow.store.write(unheard, lease)).rejects.toThrow('timed out');
    expect((await slow.store.read())?.version).toBe(first.version);
    expect(slow.store.connected()).toBe(false);
    expect(await admin.getrange('{f}:map', 0, 9)).toContain(String(unheard.version));
    proxy.slowDown(0);
    await until(async () => (await slow.round()).version > unheard.version, 'a newer version');
    expectAscending(slow.seen);
  });

  it('partitioned: the writer stops, another one goes on, and the first one comes back as a reader', async () => {
    const { server: redis } = await server();
    const proxy = await startTcpProxy(redis.url);
    onTestFinished(() => proxy.close());
    const cutOff = await hub(`redis://127.0.0.1:${proxy.port}`, 'a', 500, 1_000);
    const other = await hub(redis.url, 'b', 500, 1_000);
    const before = await cutOff.round();
    expect((await other.round()).version).toBe(before.version);
    expect([cutOff.refresher.isWriter(), other.refresher.isWriter()]).toEqual([true, false]);

    proxy.partition(true);
    // Commands run into their time, as they would for a minute; the lease runs out by the server's clock.
    expect((await cutOff.round()).version).toBe(before.version);
    expect(cutOff.refresher.isWriter()).toBe(false);
    expect(cutOff.store.connected()).toBe(false);
    await until(async () => (await other.round()).version > before.version, 'the other to take over');
    expect(other.refresher.isWriter()).toBe(true);
    for (let i = 0; i < 3; i++) {
      await other.round();
      expect((await cutOff.round()).version).toBe(before.version);
    }
    const asked = cutOff.grid.asked.length;

    proxy.partition(false);
    await until(async () => {
      await other.round();
      return (await cutOff.round()).version > before.version;
    }, 'the first one to come back');
    expect(cutOff.store.connected()).toBe(true);
    expect([cutOff.refresher.isWriter(), other.refresher.isWriter()]).toEqual([false, true]);
    expect(cutOff.grid.asked).toHaveLength(asked);
    // The connection that hung was given up for a new one.
    expect(proxy.connections()).toBeGreaterThan(1);
    expectAscending(cutOff.seen);
    expectAscending(other.seen);
  });

  it('gone for a minute of the running refresher: no more than the lost rounds are missing', async () => {
    const { server: redis } = await server();
    const store = await createRedisStore({ url: redis.url, prefix: 'f', timeout: SECOND / 2 });
    onTestFinished(() => store.close());
    const clock = createVirtualClock(NOON);
    let away = false;
    const faulty: MapStore = {
      ...store,
      acquireWriter: async (holder, ttl) => {
        if (away) throw new Error('Command timed out');
        return store.acquireWriter(holder, ttl);
      },
    };
    const grid = fakeProvider('grid', { DE: 400 });
    const errors: unknown[] = [];
    const refresher = createRefresher({
      zones: () => ['DE'],
      chain: () => [grid],
      store: faulty,
      clock,
      locations: createLocationResolver(),
      holder: 'a',
      onError: (error) => errors.push(error),
    });
    const seconds = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        clock.advance(SECOND);
        // A read goes to the server and back, and so did what the timers of this second sent before it.
        for (let trip = 0; trip < 4; trip++) await store.read();
      }
    };
    refresher.start();
    await seconds(2);
    expect(refresher.isWriter()).toBe(true);
    await seconds(4 * 60);
    const version = refresher.current()?.version ?? 0;
    away = true;
    await seconds(60);
    expect(refresher.isWriter()).toBe(false);
    expect(errors.length).toBeGreaterThan(5);
    expect(refresher.current()?.version).toBeGreaterThanOrEqual(version);
    away = false;
    await seconds(5);
    expect(refresher.isWriter()).toBe(true);
    expect(refresher.current()?.at).toBeGreaterThan(NOON + 5 * MINUTE);
    await refresher.stop();
  });

  it('full: readers go on, the writer keeps its lease and says what is wrong, and goes on when there is room', async () => {
    const { server: redis, admin } = await server(['--maxmemory', '8mb', '--maxmemory-policy', 'noeviction']);
    const writer = await hub(redis.url, 'a', SECOND, 10 * SECOND);
    const reader = await hub(redis.url, 'b', SECOND, 10 * SECOND);
    const before = await writer.round();
    const filler = 'x'.repeat(256 * 1024);
    let full: unknown = null;
    for (let i = 0; full === null; i++) {
      full = await admin.set(`fill:${i}`, filler).then(
        () => null,
        (error: unknown) => error,
      );
    }
    expect(full instanceof Error ? full.message : '').toContain('OOM');
    // And over it by a little, so that buffers that come and go make no room.
    await admin.config('SET', 'maxmemory', '7500kb');
    expect((await writer.round()).version).toBe(before.version);
    expect((await reader.round()).version).toBe(before.version);
    expect(writer.errors.at(-1)).toContain('OOM');
    expect(writer.refresher.isWriter()).toBe(true);
    expect(await admin.get('{f}:lease')).toBe('a');
    const fresh = await hub(redis.url, 'c', SECOND, 10 * SECOND);
    expect((await fresh.round()).version).toBe(before.version);

    for (let i = 0; (await admin.unlink(`fill:${i}`)) === 1; i++);
    await until(async () => (await writer.round()).version > before.version, 'room for a version');
    expectAscending(writer.seen);
    expectAscending(reader.seen);
  });
});
