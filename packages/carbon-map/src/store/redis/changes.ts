import type { Clock, Millis } from '../../model/time.ts';
import type { RedisClient, RedisConnection } from './connection.ts';
import { encodedVersion } from './encoding.ts';
import type { StoreKeys } from './keys.ts';

/** Tells listeners of new versions: by a channel of Redis, and by a poll for what the channel lost. */
export interface ChangeFeed {
  subscribe(listener: (version: number) => void): () => void;
  close(): void;
}

/** The connection and the poll begin with the first subscription. */
export function createChangeFeed(
  connection: RedisConnection,
  keys: StoreKeys,
  clock: Clock,
  pollEvery: Millis,
): ChangeFeed {
  const listeners = new Set<(version: number) => void>();
  let last = 0;
  let channel: RedisClient | null = null;
  let cancelPoll = (): void => {};

  function notify(version: number | null): void {
    if (version === null || !(version > last)) return;
    last = version;
    for (const listener of listeners) listener(version);
  }

  async function poll(): Promise<void> {
    cancelPoll();
    try {
      notify(encodedVersion(await connection.client.getrange(keys.map, 0, 20)));
    } catch {
      // Redis is away; the store says so elsewhere, and the next poll finds it again.
    }
    if (channel !== null) cancelPoll = clock.after(pollEvery, () => void poll());
  }

  function open(): void {
    channel = connection.listener();
    channel.on('message', (_channel: string, message: string) => notify(encodedVersion(message)));
    const own = channel;
    // Subscribed anew on each connection; a version written before the channel listens is found by looking.
    own.on('ready', () => void own.subscribe(keys.changes).then(poll, () => {}));
  }

  return {
    subscribe(listener) {
      const own = (version: number): void => listener(version);
      listeners.add(own);
      if (channel === null) open();
      return () => void listeners.delete(own);
    },
    close() {
      listeners.clear();
      cancelPoll();
      channel?.disconnect();
      channel = null;
    },
  };
}
