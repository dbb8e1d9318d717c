import type { Millis } from '../../../model/time.ts';
import type { WriterLease } from '../../store.ts';
import type { RedisClient } from '../connection.ts';
import type { StoreKeys } from '../keys.ts';
import { run, script } from './script.ts';

/*
 * KEYS[1] lease, KEYS[2] fence; ARGV[1] holder, ARGV[2] life in ms.
 * Returns the fencing token, or 0 while another one holds the lease. The same holder renews under its token;
 * whoever takes a free lease gets the next one.
 */
const ACQUIRE = script(`
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] then return 0 end
local token = held and redis.call('HGET', KEYS[2], 'token')
if not token then
  token = redis.call('HINCRBY', KEYS[2], 'token', 1)
  redis.call('HSET', KEYS[2], 'holder', ARGV[1])
end
-- A renewal takes no memory, so that a server that is full does not end a lease.
if held then redis.call('PEXPIRE', KEYS[1], ARGV[2]) else redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
return tonumber(token)
`);

export async function acquireWriter(
  redis: RedisClient,
  keys: StoreKeys,
  holder: string,
  ttl: Millis,
): Promise<WriterLease | null> {
  const token = Number(
    await run(redis, ACQUIRE, [keys.lease, keys.fence], [holder, Math.max(1, Math.round(ttl))]),
  );
  return token === 0 ? null : { holder, token };
}
