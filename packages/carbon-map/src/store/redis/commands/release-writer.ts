import type { WriterLease } from '../../store.ts';
import type { RedisClient } from '../connection.ts';
import type { StoreKeys } from '../keys.ts';
import { run, script } from './script.ts';

/*
 * KEYS[1] lease, KEYS[2] fence; ARGV[1] holder, ARGV[2] token. Returns 1 if the lease was given back,
 * 0 if it was not this one any more.
 */
const RELEASE = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if redis.call('HGET', KEYS[2], 'token') ~= ARGV[2] then return 0 end
return redis.call('DEL', KEYS[1])
`);

export async function releaseWriter(redis: RedisClient, keys: StoreKeys, lease: WriterLease): Promise<void> {
  await run(redis, RELEASE, [keys.lease, keys.fence], [lease.holder, lease.token]);
}
