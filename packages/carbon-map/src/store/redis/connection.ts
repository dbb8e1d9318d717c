import { Redis } from 'ioredis';
import { type Millis, SECOND } from '../../model/time.ts';

/** No Redis answers at the URL. The message fits on one line, names the remedy and holds no password. */
export class StoreUnreachableError extends Error {
  override readonly name = 'StoreUnreachableError';
}

/**
 * Connects and makes sure that commands are answered. Throws {@link StoreUnreachableError}.
 * Afterwards the client reconnects by itself; commands fail at once while it is away, they do not queue up.
 */
export async function connectRedis(url: string, timeout: Millis): Promise<Redis> {
  const redis = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: timeout,
    connectTimeout: timeout,
    retryStrategy: (attempt) => Math.min(attempt * 100, 2 * SECOND) * (0.75 + Math.random() / 2),
  });
  let reason: unknown = null;
  // Without a listener an error of the connection would end the process.
  redis.on('error', (error: unknown) => {
    reason = error;
  });
  try {
    await redis.connect();
    await redis.ping();
    return redis;
  } catch (error) {
    redis.disconnect();
    const cause = reason ?? error;
    throw new StoreUnreachableError(
      `cannot use Redis at ${withoutPassword(url)}: ${describe(cause)}; check the URL and that Redis runs, or leave it out to keep the map in memory`,
      { cause },
    );
  }
}

/** The URL as it may be shown. */
function withoutPassword(url: string): string {
  if (!URL.canParse(url)) return url;
  const shown = new URL(url);
  if (shown.password !== '') shown.password = '***';
  shown.search = '';
  return shown.toString();
}

function describe(error: unknown): string {
  if (error instanceof AggregateError) return describe(error.errors[0]);
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0] ?? text;
}
