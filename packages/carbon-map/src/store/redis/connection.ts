import { readFile } from 'node:fs/promises';
import { Cluster, Redis } from 'ioredis';
import { type Millis, SECOND } from '../../model/time.ts';
import { watchFailovers } from './failovers.ts';
import { parseRedisUrl, type RedisAddress, withoutSecrets } from './url.ts';

/** No Redis answers at the URL. The message fits on one line, names the remedy and holds no password. */
export class StoreUnreachableError extends Error {
  override readonly name = 'StoreUnreachableError';
}

export type RedisClient = Redis | Cluster;

/** A client, and a way to a second one that only listens. */
export interface RedisConnection {
  readonly client: RedisClient;
  /** A connection of its own that comes back after a restart of Redis; it has to subscribe whenever it is ready. */
  listener(): RedisClient;
}

/**
 * Connects and makes sure that commands are answered. Throws {@link StoreUnreachableError}.
 * Afterwards the client reconnects by itself, also to another master; commands fail within the timeout while Redis is away.
 */
export async function connectRedis(url: string, timeout: Millis): Promise<RedisConnection> {
  const address = addressOf(url);
  let reason: unknown = null;
  let client: RedisClient | null = null;
  try {
    const maker = await clientMaker(address, timeout);
    client = maker.make(false);
    // Without a listener an error of the connection would end the process.
    client.on('error', (error: unknown) => {
      // Giving the connection up is an error of its own, and says less.
      if (refusedDatabase(reason) === null) reason = error;
    });
    await client.connect();
    await client.ping();
    maker.started();
    return {
      client,
      listener() {
        const listener = maker.make(true);
        listener.on('error', () => {});
        return listener;
      },
    };
  } catch (error) {
    client?.disconnect();
    const cause = reason ?? error;
    throw new StoreUnreachableError(
      `cannot use Redis at ${withoutSecrets(url)}: ${describe(cause)}; check the URL and that Redis runs, or leave it out to keep the map in memory`,
      { cause },
    );
  }
}

/** A URL that cannot be read is not shown: nobody can tell what in it is a password. */
function addressOf(url: string): RedisAddress {
  try {
    return parseRedisUrl(url);
  } catch (error) {
    throw new StoreUnreachableError(`cannot read the URL of the Redis: ${describe(error)}`, { cause: error });
  }
}

interface ClientMaker {
  make(listening: boolean): RedisClient;
  /** From now on a lost connection is waited for; before, it is an error at once. */
  started(): void;
}

async function clientMaker(address: RedisAddress, timeout: Millis): Promise<ClientMaker> {
  const common = await commonOptions(address, timeout);
  let patient = false;
  const retry = (attempt: number): number => Math.min(attempt * 100, 2 * SECOND) * (0.75 + Math.random() / 2);
  const retryOnceStarted = (attempt: number): number | null => (patient ? retry(attempt) : null);
  return {
    started() {
      patient = true;
    },
    make(listening) {
      const patience = listening
        ? {
            enableOfflineQueue: true,
            maxRetriesPerRequest: null,
            // ioredis 6.0.0 leaves the rejection of its own subscriptions to nobody, which ends the process.
            autoResubscribe: false,
          }
        : { enableOfflineQueue: false, autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0 };
      const single = { ...common, ...patience, lazyConnect: !listening, retryStrategy: retry };
      if (address.kind === 'cluster') {
        const { retryStrategy: _own, enableOfflineQueue: _queue, ...perNode } = single;
        return new Cluster([...address.nodes], {
          lazyConnect: !listening,
          // Nodes are connected to when they are first asked, so that first commands have to wait in a queue.
          enableOfflineQueue: true,
          redisOptions: { ...perNode, autoResendUnfulfilledCommands: listening },
          clusterRetryStrategy: retryOnceStarted,
          slotsRefreshTimeout: timeout,
          // A failover in a cluster moves slots without a word to clients that only read.
          slotsRefreshInterval: 10 * SECOND,
          maxRedirections: 6,
        });
      }
      if (address.kind === 'sentinel') {
        const { nodes, sentinelPassword } = address;
        const master = address.master ?? '';
        const redis = new Redis({
          ...single,
          sentinels: [...nodes],
          name: master,
          db: address.db,
          sentinelRetryStrategy: retryOnceStarted,
          ...(sentinelPassword !== null && { sentinelPassword }),
          ...('tls' in common && { enableTLSForSentinelMode: true, sentinelTLS: common.tls }),
        });
        keepToDatabase(redis);
        redis.once('ready', () => {
          const toSentinel = {
            retryStrategy: retry,
            connectTimeout: timeout,
            ...(sentinelPassword !== null && { password: sentinelPassword }),
            ...('tls' in common && { tls: common.tls }),
          };
          const stop = watchFailovers(nodes, master, toSentinel, () => {
            // While it looks for a master already, ioredis would take this for the end of the client.
            if (redis.status === 'ready') redis.disconnect(true);
          });
          redis.once('end', stop);
        });
        return redis;
      }
      if (address.path !== null) return new Redis({ ...single, path: address.path });
      const { host = 'localhost', port = 6379 } = address.nodes[0] ?? {};
      return keepToDatabase(new Redis({ ...single, host, port, db: address.db }));
    },
  };

  /**
   * ioredis 6.0.0 tells that SELECT was refused and goes on in database 0, where another installation may keep its map.
   * Here the connection is given up before any command goes over it, at each reconnection too.
   */
  function keepToDatabase(redis: Redis): Redis {
    redis.on('error', (error: unknown) => {
      if (refusedDatabase(error) !== null) redis.disconnect(patient);
    });
    return redis;
  }
}

// The type is left to be told by the client's own: what it takes differs by kind of connection.
async function commonOptions(address: RedisAddress, timeout: Millis) {
  const { username, password, tls } = address;
  const pem = async (path: string | null): Promise<string | undefined> =>
    path === null ? undefined : await readFile(path, 'utf8');
  const [ca, cert, key] = await Promise.all([tls?.ca ?? null, tls?.cert ?? null, tls?.key ?? null].map(pem));
  return {
    commandTimeout: timeout,
    connectTimeout: timeout,
    // A peer that went without a word: its connection is given up, and a new one is tried.
    socketTimeout: timeout + SECOND / 2,
    keepAlive: 10 * SECOND,
    // A master that became a replica still answers, but takes no writes.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
    ...(username !== null && { username }),
    ...(password !== null && { password }),
    ...(tls !== null && {
      tls: {
        ...(ca !== undefined && { ca }),
        ...(cert !== undefined && { cert }),
        ...(key !== undefined && { key }),
      },
    }),
  };
}

function describe(error: unknown): string {
  if (error instanceof AggregateError) return describe(error.errors[0]);
  if (error instanceof Error && 'lastNodeError' in error && error.lastNodeError !== undefined) {
    return describe(error.lastNodeError);
  }
  const database = refusedDatabase(error);
  const text = error instanceof Error ? error.message : String(error);
  if (database !== null && text.includes('out of range')) {
    return `database ${database} does not exist on that Redis: name a lower one, or raise its setting databases`;
  }
  return text.split('\n')[0] ?? text;
}

/** Which database SELECT was refused for; null for any other error. */
function refusedDatabase(error: unknown): string | null {
  if (!(error instanceof Error && error.name === 'ReplyError' && 'command' in error)) return null;
  const { command } = error;
  if (typeof command !== 'object' || command === null || !('name' in command && 'args' in command))
    return null;
  return command.name === 'select' ? String(command.args) : null;
}
