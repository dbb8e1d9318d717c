import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { watchFailovers } from '../../src/store/redis/failovers.ts';
import { until } from '../support/redis-fleet.ts';
import { findRedisServer, startRedisServer } from '../support/redis-server.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const path = findRedisServer() ?? '';
const why = path === '' ? ': no redis-server on PATH' : '';
const CHANNEL = '+switch-master';

/** Two connections to one Redis that speaks on the channel of Sentinels, as two of them would. */
async function scene() {
  const server = await startRedisServer(path);
  onTestFinished(() => server.close());
  const proxy = await startTcpProxy(server.url);
  onTestFinished(() => proxy.close());
  const sentinel = new Redis(server.url);
  onTestFinished(() => sentinel.disconnect());
  const node = { host: '127.0.0.1', port: proxy.port };
  const heard: number[] = [];
  const stop = watchFailovers([node, node], 'mymaster', { retryStrategy: () => 20 }, () => heard.push(1));
  onTestFinished(stop);
  const listening = async (count: number): Promise<boolean> =>
    (await sentinel.pubsub('NUMSUB', CHANNEL))[1] === count;
  await until(() => listening(2), 'the connections');
  return { sentinel, proxy, heard, stop, listening };
}

describe.skipIf(path === '')(`watching for failovers${why}`, () => {
  it('hears of each failover of its master once, and of no other', async () => {
    const { sentinel, heard } = await scene();
    await sentinel.publish(CHANNEL, 'other 127.0.0.1 1 127.0.0.1 2');
    await sentinel.publish(CHANNEL, 'mymaster 127.0.0.1 1 127.0.0.1 2');
    await until(() => heard.length > 0, 'the failover');
    await sentinel.publish(CHANNEL, 'mymaster 127.0.0.1 2 127.0.0.1 1');
    await until(() => heard.length > 1, 'the way back');
    expect(heard).toHaveLength(2);
  });

  it('hears again after a Sentinel was away', async () => {
    const { sentinel, heard, listening } = await scene();
    await sentinel.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await until(async () => {
      await sentinel.publish(CHANNEL, 'mymaster 127.0.0.1 1 127.0.0.1 2');
      return heard.length > 0 && (await listening(2));
    }, 'the failover');
    expect(heard).toHaveLength(1);
  });

  it('ends while it subscribes anew, and leaves nothing that nobody waits for', async () => {
    const { sentinel, proxy, stop, listening } = await scene();
    const unhandled: unknown[] = [];
    const record = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', record);
    onTestFinished(() => void process.off('unhandledRejection', record));
    proxy.slowDown(300);
    const made = proxy.connections();
    await sentinel.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await until(
      async () => proxy.connections() === made + 2 && (await listening(2)),
      'the connections again',
    );
    stop();
    await until(() => listening(0), 'the end');
    await new Promise((resolve) => void setTimeout(resolve, 50));
    expect(unhandled).toEqual([]);
  });
});
