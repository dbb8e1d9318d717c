import { type Millis, SECOND } from '../../model/time.ts';
import { connectRedis } from './connection.ts';

/**
 * What a Redis at the URL of a store says that it is, for example `redis 8.2.1`; null when its user may not ask.
 * Throws `StoreUnreachableError`.
 */
export async function redisVersion(url: string, timeout: Millis = 2 * SECOND): Promise<string | null> {
  const { client } = await connectRedis(url, timeout);
  try {
    const info = await client.info('server').catch(() => '');
    const field = (name: string): string | undefined => new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1];
    const valkey = field('valkey_version');
    if (valkey !== undefined) return `valkey ${valkey}`;
    const version = field('redis_version');
    return version === undefined ? null : `redis ${version}`;
  } finally {
    client.disconnect();
  }
}
