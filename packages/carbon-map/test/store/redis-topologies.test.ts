import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createRedisStore, dropRedisStore, type MapStore, SECOND } from '../../src/index.ts';
import { AVERAGE_LIFECYCLE, carbonMap, NOON, reading } from '../support/fixtures.ts';
import { ask, freePorts, type RedisProcess, startRedisProcess, until } from '../support/redis-fleet.ts';
import { findRedisServer } from '../support/redis-server.ts';
import { createTlsFiles, type TlsFiles } from '../support/tls-files.ts';

const path = findRedisServer() ?? '';
const absent = path === '';
const why = absent ? ': no redis-server on PATH' : '';

async function open(url: string, timeout = SECOND): Promise<MapStore> {
  const store = await createRedisStore({ url, prefix: 'fleet', timeout, historyDays: 36_500 });
  onTestFinished(() => store.close());
  return store;
}

/** Lease, write, read, notice, history: everything that a store does. */
async function expectWorks(store: MapStore, version: number): Promise<void> {
  const heard = new Promise<number>((resolve) => void store.subscribe(resolve));
  const lease = await store.acquireWriter('a', 5 * SECOND);
  expect(lease).not.toBeNull();
  await store.write(carbonMap(version), lease!);
  expect((await store.read())?.version).toBe(version);
  expect(await heard).toBeGreaterThanOrEqual(version);
  const readings = [reading('DE', 400), reading('FR', 50)];
  await store.appendHistory(readings);
  expect(await store.history('DE', AVERAGE_LIFECYCLE, NOON, NOON + 1)).toEqual([readings[0]]);
  expect(store.connected()).toBe(true);
}

/** Writes until it works again, as a refresher does each round; the version that was written. */
async function writeThrough(store: MapStore, version: number): Promise<void> {
  await until(async () => {
    const lease = await store.acquireWriter('a', 5 * SECOND);
    if (lease === null) return false;
    await store.write(carbonMap(version), lease);
    return true;
  }, `a write of version ${version}`);
}

describe.skipIf(absent)(`Redis over TLS with a user of its own${why}`, () => {
  let files: TlsFiles;
  let server: RedisProcess;
  let port: number;

  beforeAll(async () => {
    files = createTlsFiles();
    [port = 0] = await freePorts(1);
    server = await startRedisProcess(
      path,
      0,
      [
        ...files.redisLines(port),
        'tls-auth-clients no',
        'user default off',
        'user windvane on >s3cret ~{fleet}:* &{fleet}:* +@all -@dangerous +info',
      ],
      {
        ready: () =>
          until(async () => {
            const store = await createRedisStore({ url: url(), timeout: SECOND });
            await store.close();
            return true;
          }, 'redis over TLS'),
      },
    );
  });

  afterAll(async () => {
    await server.close();
    files.remove();
  });

  const url = (credentials = 'windvane:s3cret'): string =>
    `rediss://${credentials}@localhost:${port}?ca=${files.ca}`;

  it('works, with no rights but on its own keys and channel', async () => {
    await expectWorks(await open(url()), 1);
  });

  it.each([
    ['a wrong password', () => url('windvane:wrong'), /WRONGPASS/],
    ['no password', () => `rediss://localhost:${port}?ca=${files.ca}`, /NOAUTH/],
    [
      'an authority that is not known',
      () => `rediss://windvane:s3cret@localhost:${port}`,
      /certificate|self.signed/,
    ],
    ['no TLS', () => `redis://windvane:s3cret@localhost:${port}`, /closed|ECONNRESET/],
    ['a file that is not there', () => `rediss://localhost:${port}?ca=/nonexistent.pem`, /ENOENT/],
  ])('refuses %s in one line without a secret', async (_name, make, reason) => {
    const message = await createRedisStore({ url: make(), timeout: SECOND }).then(
      () => 'connected',
      (error: unknown) => String(error),
    );
    expect(message).toMatch(reason);
    expect(message).toMatch(/^StoreUnreachableError: cannot use Redis at rediss?:/);
    expect(message).not.toMatch(/s3cret|\n/);
  });
});

describe.skipIf(absent)(`Redis behind Sentinels${why}`, () => {
  it('is found by the name of the master, and survives the loss of it', async () => {
    const [first = 0, second = 0, watcher = 0] = await freePorts(3);
    const processes: RedisProcess[] = [];
    onTestFinished(async () => {
      for (const each of processes) await each.close();
    });
    const start = async (...args: Parameters<typeof startRedisProcess>): Promise<RedisProcess> => {
      const started = await startRedisProcess(...args);
      processes.push(started);
      return started;
    };
    const quiet = ['save ""', 'appendonly no', 'repl-diskless-sync yes', 'repl-diskless-sync-delay 0'];
    const master = await start(path, first, quiet);
    await start(path, second, [...quiet, `replicaof 127.0.0.1 ${first}`]);
    await until(
      async () => String(await ask(second, 'INFO', 'replication')).includes('master_link_status:up'),
      'the replica to follow',
    );
    await start(
      path,
      watcher,
      [
        `sentinel monitor mymaster 127.0.0.1 ${first} 1`,
        'sentinel down-after-milliseconds mymaster 500',
        'sentinel failover-timeout mymaster 2000',
      ],
      { sentinel: true },
    );
    await until(
      async () => String(await ask(watcher, 'INFO', 'sentinel')).includes('slaves=1'),
      'the Sentinel to know the replica',
    );
    const store = await open(`redis+sentinel://127.0.0.1:${watcher}/mymaster`);
    await expectWorks(store, 1);
    await until(
      async () => String(await ask(watcher, 'CLIENT', 'LIST')).includes(' sub=1 '),
      'the Sentinel to be listened to',
    );
    await until(
      async () => String(await ask(second, 'GET', '{fleet}:map')).startsWith('1 '),
      'the replica to have the version',
    );

    await master.kill();
    expect((await store.read())?.version).toBe(1);
    expect(store.connected()).toBe(false);
    const seen: number[] = [];
    await until(async () => {
      seen.push((await store.read())?.version ?? 0);
      return store.connected();
    }, 'the failover');
    await writeThrough(store, 2);
    seen.push((await store.read())?.version ?? 0);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toBe(2);
    expect(String(await ask(second, 'GET', '{fleet}:map'))).toMatch(/^2 /);
    // Notices come from the new master.
    const heard = new Promise<number>((resolve) => void store.subscribe(resolve));
    await writeThrough(store, 3);
    expect(await heard).toBeGreaterThanOrEqual(2);
  }, 240_000);

  it('is unreachable at once when no Sentinel answers', async () => {
    await expect(
      createRedisStore({ url: 'redis+sentinel://127.0.0.1:1/mymaster', timeout: SECOND }),
    ).rejects.toThrow(/cannot use Redis at redis\+sentinel:.*entinel/);
  });
});

describe.skipIf(absent)(`a Redis cluster${why}`, () => {
  it('works in one slot, over three nodes and the loss of the one that has it', async () => {
    const ports = await freePorts(8);
    const processes = await Promise.all(
      [0, 1, 2, 3].map((i) =>
        startRedisProcess(path, ports[i] ?? 0, [
          'save ""',
          'appendonly no',
          'cluster-enabled yes',
          `cluster-port ${ports[i + 4]}`,
          'cluster-node-timeout 700',
          'repl-diskless-sync-delay 0',
        ]),
      ),
    );
    onTestFinished(async () => {
      for (const each of processes) await each.close();
    });
    const [a = 0, b = 0, c = 0, replica = 0] = ports;
    for (const [port, from, to] of [
      [a, 0, 5000],
      [b, 5001, 11_000],
      [c, 11_001, 16_383],
    ] as const) {
      await ask(port, 'CLUSTER', 'ADDSLOTSRANGE', String(from), String(to));
    }
    for (const [i, port] of [b, c, replica].entries()) {
      await ask(a, 'CLUSTER', 'MEET', '127.0.0.1', String(port), String(ports[i + 5]));
    }
    const slot = Number(await ask(a, 'CLUSTER', 'KEYSLOT', '{fleet}:map'));
    const owner = slot <= 5000 ? 0 : slot <= 11_000 ? 1 : 2;
    const ownerPort = ports[owner] ?? 0;
    const id = String(await ask(ownerPort, 'CLUSTER', 'MYID'));
    await until(async () => (await ask(replica, 'CLUSTER', 'REPLICATE', id)) === 'OK', 'the replica to join');
    for (const port of ports.slice(0, 4)) {
      await until(async () => {
        const info = String(await ask(port, 'CLUSTER', 'INFO'));
        return info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:4');
      }, 'the cluster to stand');
    }
    const other = ports[(owner + 1) % 3] ?? 0;
    const url = `redis+cluster://127.0.0.1:${other},127.0.0.1:${replica}`;
    const store = await open(url);
    await expectWorks(store, 1);
    await until(
      async () => String(await ask(replica, 'INFO', 'replication')).includes('master_link_status:up'),
      'the replica to follow',
    );
    expect(Number(await ask(replica, 'CLUSTER', 'COUNTKEYSINSLOT', String(slot)))).toBeGreaterThan(3);

    await processes[owner]?.kill();
    const seen: number[] = [];
    await until(async () => {
      seen.push((await store.read())?.version ?? 0);
      return String(await ask(replica, 'ROLE')).startsWith('master');
    }, 'the failover');
    await writeThrough(store, 2);
    seen.push((await store.read())?.version ?? 0);
    expect(new Set(seen)).toEqual(new Set([1, 2]));
    expect(seen.at(-1)).toBe(2);

    await store.close();
    await dropRedisStore(url, 'fleet');
    expect(await ask(replica, 'CLUSTER', 'COUNTKEYSINSLOT', String(slot))).toBe(0);
  });
});
