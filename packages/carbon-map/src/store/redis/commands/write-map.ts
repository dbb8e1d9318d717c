import type { CarbonMap } from '../../../model/carbon-map.ts';
import { FencedWriteError, type WriterLease } from '../../store.ts';
import type { RedisClient } from '../connection.ts';
import { encodeMap } from '../encoding.ts';
import type { StoreKeys } from '../keys.ts';
import { run, script } from './script.ts';

/*
 * KEYS[1] map, KEYS[2] fence; ARGV[1] holder, ARGV[2] token, ARGV[3] version, ARGV[4] encoded map, ARGV[5] channel.
 * Returns 'ok', 'lease' if the lease is not the newest, or the stored version if that is not older.
 * The holder counts too: after a loss of all data tokens begin anew.
 */
const WRITE = script(`
local fence = redis.call('HMGET', KEYS[2], 'holder', 'token')
if fence[1] ~= ARGV[1] or fence[2] ~= ARGV[2] then return 'lease' end
local stored = string.match(redis.call('GETRANGE', KEYS[1], 0, 20), '^%d+')
if stored and tonumber(stored) >= tonumber(ARGV[3]) then return stored end
redis.call('SET', KEYS[1], ARGV[4])
redis.call('PUBLISH', ARGV[5], ARGV[3])
return 'ok'
`);

/** Throws {@link FencedWriteError}. */
export async function writeMap(
  redis: RedisClient,
  keys: StoreKeys,
  map: CarbonMap,
  lease: WriterLease,
): Promise<void> {
  const args = [lease.holder, lease.token, map.version, encodeMap(map), keys.changes];
  const result = String(await run(redis, WRITE, [keys.map, keys.fence], args));
  if (result === 'ok') return;
  throw new FencedWriteError(
    result === 'lease'
      ? `${lease.holder} no longer holds the writer lease; its version ${map.version} is dropped`
      : `version ${map.version} is not newer than the stored ${result}`,
  );
}
