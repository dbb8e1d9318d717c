import type { Reading } from '../../../model/reading.ts';
import type { Instant, Millis } from '../../../model/time.ts';
import type { RedisClient } from '../connection.ts';
import { encodeReading } from '../encoding.ts';
import type { StoreKeys } from '../keys.ts';
import { run, script } from './script.ts';

/*
 * KEYS[i] history of the i-th reading; ARGV[1] oldest validFrom to keep, ARGV[2] life of a history in ms,
 * ARGV[2i+1] validFrom and ARGV[2i+2] member of the i-th reading. Members begin with 'm' (measured) or 'e' (estimated);
 * an estimate never takes the place of a measurement.
 */
const APPEND = script(`
for i, key in ipairs(KEYS) do
  local from, member = ARGV[2 * i + 1], ARGV[2 * i + 2]
  local there = redis.call('ZRANGEBYSCORE', key, from, from)[1]
  if not (there and string.sub(there, 1, 1) == 'm' and string.sub(member, 1, 1) == 'e') then
    if there then redis.call('ZREMRANGEBYSCORE', key, from, from) end
    redis.call('ZADD', key, from, member)
  end
  redis.call('ZREMRANGEBYSCORE', key, '-inf', '(' .. ARGV[1])
  redis.call('PEXPIRE', key, ARGV[2])
end
return #KEYS
`);

/** Readings per call: Lua can unpack some thousand arguments, and no call should hold the server up. */
const BATCH = 500;

export async function appendHistory(
  redis: RedisClient,
  keys: StoreKeys,
  readings: readonly Reading[],
  oldest: Instant,
  life: Millis,
): Promise<void> {
  for (let start = 0; start < readings.length; start += BATCH) {
    const batch = readings.slice(start, start + BATCH);
    const members = batch.flatMap((reading) => [reading.validFrom, encodeReading(reading)]);
    await run(
      redis,
      APPEND,
      batch.map((reading) => keys.history(reading.zone, reading)),
      [oldest, life, ...members],
    );
  }
}
