/*
 * npm run bench -- map [REDIS-URL]
 *
 * The map of the whole world (350 zones, 48 hours ahead) in Redis: round trips, bytes, and what a read costs beside a bare
 * GET of the same bytes on the same kind of connection. Starts a redis-server of its own unless a URL is given.
 */
import { Redis } from 'ioredis';
import { report } from '../../../scripts/figure.ts';
import {
  type CarbonMap,
  createRedisStore,
  DAY,
  HOUR,
  type MapStore,
  SECOND,
  startOfHour,
  type ZoneState,
} from '../src/index.ts';
import { findRedisServer, startRedisServer } from '../test/support/redis-server.ts';
import { pastOf, worldMap, zoneNames } from './support/world-map.ts';

const ZONES = zoneNames(350);
const HOURS = 48;
const PREFIX = `bench-${process.pid}`;
const READS = 200;
const ROUNDS = 9;

interface Rates {
  readonly read: number;
  readonly bare: number;
}

/** Commands that clients sent since the server started, but for this question itself. */
async function commandsSent(admin: Redis): Promise<number> {
  const text = await admin.info('commandstats');
  let sum = 0;
  // What scripts call inside of the server is counted by the server, too, but is no round trip.
  for (const [, name, calls] of text.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)) {
    if (/^(evalsha|eval|get|getrange|zrange)$/.test(name ?? '')) sum += Number(calls);
  }
  return sum;
}

async function roundTrips(admin: Redis, task: () => Promise<unknown>, inside: number): Promise<number> {
  const before = await commandsSent(admin);
  await task();
  return (await commandsSent(admin)) - before - inside;
}

/** Calls per second, one after the other. */
async function rate(count: number, call: (i: number) => Promise<unknown>): Promise<number> {
  const began = performance.now();
  for (let i = 0; i < count; i++) await call(i);
  return (count * SECOND) / (performance.now() - began);
}

function quantile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * part)] ?? Number.NaN;
}

const median = (values: readonly number[]): number => quantile(values, 0.5);

/** A number from every zone, so that each is used. */
function sumOver(zones: CarbonMap['zones'], value: (state: ZoneState) => number | undefined): number {
  return Object.values(zones).reduce((total, state) => total + (value(state) ?? 0), 0);
}

async function measure(store: MapStore, bare: Redis, url: string): Promise<void> {
  const at = startOfHour(Date.now());
  const key = `{${PREFIX}}:map`;
  const lease = await store.acquireWriter('bench', 10 * 60 * SECOND);
  if (lease === null) throw new Error('somebody else holds the lease');
  const held = lease;
  const readings = ZONES.flatMap((zone) => pastOf(zone, 1, at));
  let version = 1;
  await store.write(worldMap(ZONES, HOURS, version, at), lease);
  await store.appendHistory(readings);
  const write = async (): Promise<void> => {
    const map = worldMap(ZONES, HOURS, ++version, at);
    await store.write(map, lease);
    await store.appendHistory(readings);
  };
  // The script that writes looks at the stored version once.
  report('map.write.roundTrips', await roundTrips(bare, write, 1), 'per version', { atMost: 2 });

  // A reader that did not write, so that it knows no version beforehand.
  const reader = await createRedisStore({ url, prefix: PREFIX });
  const read = async (): Promise<void> => {
    if ((await reader.read())?.version !== version) throw new Error('not the newest version');
  };
  report('map.read.roundTrips', await roundTrips(bare, read, 0), 'per read', { atMost: 1 });

  const bytes = await bare.strlen(key);
  report('map.bytes', bytes, 'bytes');
  report('map.bytesPerZone', bytes / ZONES.length, 'bytes per zone');
  report(
    'map.memoryPerZone',
    Number(await bare.memory('USAGE', key)) / ZONES.length,
    'bytes of Redis per zone',
  );

  /**
   * Reads per second of versions that the reader has not seen, each used in some way, and of bare GETs between them, as
   * both find the machine busy with the write before; the writes are not timed. By the quickest tenth of the calls: a busy
   * machine stops now the one and now the other.
   */
  async function ratesOfNew(use: (zones: CarbonMap['zones']) => unknown): Promise<Rates> {
    const spent: Record<'read' | 'bare', number[]> = { read: [], bare: [] };
    const readNew = async (): Promise<void> => {
      const map = await reader.read();
      if (map?.version !== version) throw new Error('not the newest version');
      use(map.zones);
    };
    for (let i = 0; i < READS; i++) {
      await store.write(worldMap(ZONES, HOURS, ++version, at), held);
      const ways = [['read', readNew] as const, ['bare', () => bare.getBuffer(key)] as const];
      // Who comes first after the write takes turns.
      for (const [way, call] of i % 2 === 0 ? ways : ways.toReversed()) {
        const began = performance.now();
        await call();
        spent[way].push(performance.now() - began);
      }
    }
    return { read: SECOND / quantile(spent.read, 0.1), bare: SECOND / quantile(spent.bare, 0.1) };
  }

  const known: Rates[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    known.push({ bare: await rate(READS, () => bare.getBuffer(key)), read: await rate(READS, read) });
  }
  const fresh = await ratesOfNew((zones) => zones[ZONES[7] ?? '']);
  const whole = await ratesOfNew((zones) => sumOver(zones, ({ reading }) => reading?.gramsPerKwh));
  const forecasts = await ratesOfNew((zones) =>
    sumOver(zones, ({ forecast }) => forecast?.points.at(-1)?.gramsPerKwh),
  );
  const ratio = ({ read: ours, bare: theirs }: Rates): number => ours / theirs;
  report('map.get.rate', median(known.map((rates) => rates.bare)), 'bare GETs per second');
  report('map.read.rate', median(known.map((rates) => rates.read)), 'reads per second');
  report('map.read.ratio', median(known.map(ratio)), 'of a bare GET', { atLeast: 0.5 });
  report('map.readNewVersion.rate', fresh.read, 'reads of a new version per second');
  report('map.readNewVersion.ratio', ratio(fresh), 'of a bare GET', { atLeast: 0.5 });
  report('map.readNewVersionWhole.rate', whole.read, 'reads per second, every zone used');
  report('map.readNewVersionWhole.ratio', ratio(whole), 'of a bare GET', { atLeast: 0.5 });
  // Forecasts are decoded when they are looked at: this reader looks at every one of them.
  report('map.readNewVersionForecasts.rate', forecasts.read, 'reads per second, every forecast used');
  report('map.readNewVersionForecasts.ratio', ratio(forecasts), 'of a bare GET');

  const [zone = ''] = ZONES;
  await store.appendHistory(pastOf(zone, 30 * 24, at + HOUR));
  const history = `{${PREFIX}}:history:average/lifecycle:${zone}`;
  const kept = await store.history(zone, { signal: 'average', basis: 'lifecycle' }, at - 30 * DAY, at + HOUR);
  report('history.readings', kept.length, 'per zone in 30 days', { atLeast: 720 });
  report(
    'history.memoryPerZone',
    Number(await bare.memory('USAGE', history, 'SAMPLES', 0)),
    'bytes of Redis per zone',
  );
  await reader.close();
}

async function main(): Promise<void> {
  const given = process.argv[2];
  const path = findRedisServer();
  if (given === undefined && path === null) {
    console.log(JSON.stringify({ name: 'map', skipped: 'no redis-server on PATH and no URL given' }));
    return;
  }
  const server = given === undefined ? await startRedisServer(path ?? '') : null;
  const url = given ?? server?.url ?? '';
  // The same kind of connection: a time for every command, as the store's has.
  const bare = new Redis(url, { commandTimeout: 2 * SECOND, socketTimeout: 2.5 * SECOND });
  const store = await createRedisStore({ url, prefix: PREFIX });
  try {
    await measure(store, bare, url);
  } finally {
    await store.close();
    for (const key of await bare.keys(`{${PREFIX}}:*`)) await bare.unlink(key);
    bare.disconnect();
    await server?.close();
  }
}

await main();
