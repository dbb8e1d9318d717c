import type { CarbonMap } from '../../model/carbon-map.ts';
import { type Clock, DAY, type Millis, SECOND, systemClock } from '../../model/time.ts';
import type { MapStore } from '../store.ts';
import { createChangeFeed } from './changes.ts';
import { acquireWriter } from './commands/acquire-writer.ts';
import { appendHistory } from './commands/append-history.ts';
import { releaseWriter } from './commands/release-writer.ts';
import { writeMap } from './commands/write-map.ts';
import { connectRedis } from './connection.ts';
import { createMapDecoder, decodeReading } from './encoding.ts';
import { storeKeys } from './keys.ts';

export interface RedisStoreOptions {
  /**
   * `redis://[user:password@]host:port[/db]`, the path of a unix socket, `redis+sentinel://host:port,.../master` or
   * `redis+cluster://host:port,...`; with `rediss` over TLS, `?ca=` naming a file of authorities.
   */
  readonly url: string;
  readonly clock?: Clock;
  /** What all keys begin with (`windvane`); one per map. */
  readonly prefix?: string;
  /** How long readings are kept, in days (30). */
  readonly historyDays?: number;
  /** Longest time for one command (2 seconds) and between two polls for a new version (5 seconds). */
  readonly timeout?: Millis;
  readonly pollEvery?: Millis;
}

/** The map in Redis, shared by several processes. Throws `StoreUnreachableError` when no Redis answers at the start. */
export async function createRedisStore(options: RedisStoreOptions): Promise<MapStore> {
  const clock = options.clock ?? systemClock;
  const keys = storeKeys(options.prefix ?? 'windvane');
  const keep = (options.historyDays ?? 30) * DAY;
  const connection = await connectRedis(options.url, options.timeout ?? 2 * SECOND);
  const redis = connection.client;
  const changes = createChangeFeed(connection, keys, clock, options.pollEvery ?? 5 * SECOND);
  const decoder = createMapDecoder();
  let answered = true;
  let newest: CarbonMap | null = null;

  async function tracked<T>(command: Promise<T>): Promise<T> {
    try {
      const result = await command;
      answered = true;
      return result;
    } catch (error) {
      // An answer that we do not like is still an answer.
      answered = error instanceof Error && (error.name === 'ReplyError' || error.name === 'FencedWriteError');
      throw error;
    }
  }

  return {
    kind: 'redis',
    connected: () => answered && redis.status === 'ready',
    async read() {
      const bytes = await tracked(redis.getBuffer(keys.map)).catch(() => null);
      const version = bytes === null ? null : decoder.version(bytes);
      // The same version is not decoded twice, and an emptied or older store does not take readers back.
      if (bytes !== null && version !== null && version > (newest?.version ?? -1)) {
        newest = decoder.decode(bytes) ?? newest;
      }
      return newest;
    },
    async write(map, lease) {
      await tracked(writeMap(redis, keys, map, lease));
      if (map.version > (newest?.version ?? -1)) newest = map;
    },
    acquireWriter: (holder, ttl) => tracked(acquireWriter(redis, keys, holder, ttl)),
    releaseWriter: (lease) => tracked(releaseWriter(redis, keys, lease)),
    appendHistory: (readings) => tracked(appendHistory(redis, keys, readings, clock.now() - keep, keep)),
    async history(zone, pair, from, to) {
      const members = await tracked(redis.zrange(keys.history(zone, pair), from, `(${to}`, 'BYSCORE'));
      return members.map((member) => decodeReading(zone, pair, member));
    },
    readNote: (name) => tracked(redis.get(keys.note(name))),
    async writeNote(name, text) {
      await tracked(redis.set(keys.note(name), text, 'PX', keep));
    },
    subscribe: (listener) => changes.subscribe(listener),
    async close() {
      changes.close();
      redis.disconnect();
    },
  };
}
