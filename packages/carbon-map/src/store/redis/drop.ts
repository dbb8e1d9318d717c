import { Cluster } from 'ioredis';
import { SECOND } from '../../model/time.ts';
import { connectRedis } from './connection.ts';
import { storeKeys } from './keys.ts';

/** Keys asked for in one round of the scan. */
const SCAN_COUNT = 500;

/**
 * Deletes everything that a store with this prefix left in Redis, for stores that were made for one run only.
 * Nobody may use the store any more. Throws `StoreUnreachableError`.
 */
export async function dropRedisStore(url: string, prefix: string): Promise<void> {
  const { client: redis } = await connectRedis(url, 2 * SECOND);
  try {
    const { map, lease, fence } = storeKeys(prefix);
    await redis.unlink(map, lease, fence);
    const base = map.slice(0, -'map'.length);
    for (const node of redis instanceof Cluster ? redis.nodes('master') : [redis]) {
      for (const pattern of [`${base}history:*`, `${base}note:*`]) {
        let cursor = '0';
        do {
          const [next, keys] = await node.scan(cursor, 'MATCH', pattern, 'COUNT', SCAN_COUNT);
          if (keys.length > 0) await redis.unlink(...keys);
          cursor = next;
        } while (cursor !== '0');
      }
    }
  } finally {
    redis.disconnect();
  }
}
