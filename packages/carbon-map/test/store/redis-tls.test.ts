import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createRedisStore, type MapStore, SECOND } from '../../src/index.ts';
import { AVERAGE_LIFECYCLE, carbonMap, NOON, reading } from '../support/fixtures.ts';
import { askWith, freePorts, type RedisProcess, startRedisProcess, until } from '../support/redis-fleet.ts';
import { findRedisServer } from '../support/redis-server.ts';
import { createTlsFiles, type TlsFiles } from '../support/tls-files.ts';

const path = findRedisServer() ?? '';
const absent = path === '';
const why = absent ? ': no redis-server on PATH' : '';
const QUIET = ['save ""', 'appendonly no', 'repl-diskless-sync yes', 'repl-diskless-sync-delay 0'];

async function open(url: string): Promise<MapStore> {
  const store = await createRedisStore({ url, prefix: 'tls', timeout: SECOND, historyDays: 36_500 });
  onTestFinished(() => store.close());
  return store;
}

/** Lease, write, read, notice and history, on connections that all have to be TLS. */
async function expectWorks(store: MapStore): Promise<void> {
  const heard = new Promise<number>((resolve) => void store.subscribe(resolve));
  const lease = await store.acquireWriter('a', 5 * SECOND);
  expect(lease).not.toBeNull();
  await store.write(carbonMap(1), lease!);
  expect((await store.read())?.version).toBe(1);
  expect(await heard).toBe(1);
  await store.appendHistory([reading('DE', 400)]);
  expect(await store.history('DE', AVERAGE_LIFECYCLE, NOON, NOON + 1)).toHaveLength(1);
}

/** Sentinels, masters and replicas that listen with TLS only and ask every client for a certificate. */
describe.skipIf(absent)(`TLS with client certificates${why}`, () => {
  let files: TlsFiles;
  const processes: RedisProcess[] = [];
  beforeAll(() => {
    files = createTlsFiles();
  });
  afterAll(async () => {
    for (const each of processes) await each.close();
    files.remove();
  });

  const secrets = (): string => `?ca=${files.ca}&cert=${files.cert}&key=${files.key}`;
  const ask = (port: number, ...command: string[]): Promise<unknown> => askWith(files, port, ...command);

  async function start(port: number, lines: readonly string[], sentinel = false): Promise<RedisProcess> {
    const started = await startRedisProcess(path, port, ['tls-replication yes', ...lines], {
      sentinel,
      tls: files,
    });
    processes.push(started);
    return started;
  }

  it('reaches the master through Sentinels, also after its loss, and nobody without a certificate', async () => {
    const [first = 0, second = 0, watcher = 0] = await freePorts(3);
    const master = await start(first, QUIET);
    await start(second, [...QUIET, `replicaof 127.0.0.1 ${first}`]);
    await until(
      async () => String(await ask(second, 'INFO', 'replication')).includes('master_link_status:up'),
      'the replica to follow',
    );
    const watch = [
      `sentinel monitor mymaster 127.0.0.1 ${first} 1`,
      'sentinel down-after-milliseconds mymaster 500',
      'sentinel failover-timeout mymaster 2000',
    ];
    await start(watcher, watch, true);
    await until(
      async () => String(await ask(watcher, 'INFO', 'sentinel')).includes('slaves=1'),
      'the Sentinel to know the replica',
    );
    const url = `rediss+sentinel://127.0.0.1:${watcher}/mymaster`;
    const store = await open(`${url}${secrets()}`);
    await expectWorks(store);
    await expect(createRedisStore({ url: `${url}?ca=${files.ca}`, timeout: SECOND })).rejects.toThrow(
      /^cannot use Redis at rediss\+sentinel:/,
    );
    await until(
      async () => String(await ask(second, 'GETRANGE', '{tls}:map', '0', '1')).startsWith('1'),
      'the replica to have the version',
    );

    await master.kill();
    await until(async () => {
      const lease = await store.acquireWriter('a', 5 * SECOND);
      if (lease !== null) await store.write(carbonMap(2), lease);
      return (await store.read())?.version === 2;
    }, 'the failover');
    expect(String(await ask(second, 'ROLE'))).toContain('master');
  });

  it('reaches every node of a cluster', async () => {
    const ports = await freePorts(6);
    const [a = 0, b = 0, c = 0] = ports;
    for (const [i, port] of [a, b, c].entries()) {
      await start(port, [...QUIET, 'cluster-enabled yes', 'tls-cluster yes', `cluster-port ${ports[i + 3]}`]);
    }
    for (const [port, from, to] of [
      [a, 0, 5000],
      [b, 5001, 11_000],
      [c, 11_001, 16_383],
    ] as const) {
      await ask(port, 'CLUSTER', 'ADDSLOTSRANGE', String(from), String(to));
    }
    for (const [i, port] of [b, c].entries()) {
      await ask(a, 'CLUSTER', 'MEET', '127.0.0.1', String(port), String(ports[i + 4]));
    }
    for (const port of [a, b, c]) {
      await until(async () => {
        const info = String(await ask(port, 'CLUSTER', 'INFO'));
        return info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:3');
      }, 'the cluster to stand');
    }
    const slot = Number(await ask(a, 'CLUSTER', 'KEYSLOT', '{tls}:map'));
    // Not the node that has the slot: it has to be found.
    const other = slot <= 5000 ? b : a;
    await expectWorks(await open(`rediss+cluster://127.0.0.1:${other}${secrets()}`));
  });
});
