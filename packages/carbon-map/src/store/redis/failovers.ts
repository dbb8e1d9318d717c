import { Redis } from 'ioredis';
import type { Millis } from '../../model/time.ts';
import type { RedisAddress } from './url.ts';

/** Channel of every Sentinel; a message is `<master> <old host> <old port> <new host> <new port>`. */
const CHANNEL = '+switch-master';

/** How a Sentinel is connected to. Texts of `tls` are PEM. */
interface SentinelOptions {
  retryStrategy(attempt: number): Millis;
  readonly connectTimeout?: Millis;
  readonly password?: string;
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
}

/**
 * Hears from each Sentinel when the master with this name has changed, also while the old one still answers.
 * It does what the `failoverDetector` of ioredis 6.0.0 does, but for that client's subscriptions after a reconnection,
 * whose rejection nobody handles.
 *
 * @returns ends it
 */
export function watchFailovers(
  sentinels: RedisAddress['nodes'],
  master: string,
  options: SentinelOptions,
  onFailover: () => void,
): () => void {
  // Every Sentinel tells of the same failover.
  let last = '';
  const clients = sentinels.map(({ host, port }) => {
    const client = new Redis({
      ...options,
      host,
      port,
      maxRetriesPerRequest: null,
      enableReadyCheck: false,
      autoResubscribe: false,
    });
    // Nothing to do: it is tried again, and the master itself is asked for through any Sentinel.
    client.on('error', () => {});
    client.on('ready', () => void client.subscribe(CHANNEL).catch(() => {}));
    client.on('message', (_channel: string, message: string) => {
      if (message === last || message.split(' ')[0] !== master) return;
      last = message;
      onFailover();
    });
    return client;
  });
  return () => {
    for (const client of clients) client.disconnect();
  };
}
