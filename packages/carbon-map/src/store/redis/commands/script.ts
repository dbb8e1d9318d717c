import { createHash } from 'node:crypto';
import type { RedisClient } from '../connection.ts';

/** A Lua script, sent by its digest once the server knows it. */
export interface Script {
  readonly lua: string;
  readonly digest: string;
}

export function script(lua: string): Script {
  return { lua, digest: createHash('sha1').update(lua).digest('hex') };
}

/** Runs a script; sends its text when the server does not (or no longer) know it. */
export async function run(
  redis: RedisClient,
  { lua, digest }: Script,
  keys: readonly string[],
  args: readonly (string | number | Buffer)[],
): Promise<unknown> {
  try {
    return await redis.evalsha(digest, keys.length, ...keys, ...args);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
    return redis.eval(lua, keys.length, ...keys, ...args);
  }
}
