import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { createRedisStore, dropRedisStore, HOUR, type Reading } from '../../src/index.ts';
import { findRedisServer, startRedisServer } from '../support/redis-server.ts';

const server = findRedisServer();
const absent = server === null ? ' (skipped: no redis-server on this machine)' : '';

const reading: Reading = {
  zone: 'DE',
  gramsPerKwh: 300,
  signal: 'average',
  basis: 'lifecycle',
  source: 'replay',
  estimated: false,
  validFrom: 0,
  validTo: HOUR,
  fetchedAt: 0,
};

describe.skipIf(server === null)(`dropping a Redis store${absent}`, () => {
  it('takes away one prefix and nothing else', async () => {
    const running = await startRedisServer(server ?? '');
    const redis = new Redis(running.url);
    try {
      for (const prefix of ['mine', 'mine-too']) {
        const store = await createRedisStore({
          url: running.url,
          prefix,
          clock: { now: () => HOUR, after: () => () => {} },
        });
        const lease = await store.acquireWriter('test', HOUR);
        expect(lease).not.toBeNull();
        const pair = { signal: 'average', basis: 'lifecycle' } as const;
        if (lease !== null) await store.write({ version: 1, at: 0, pair, pairSince: null, zones: {} }, lease);
        await store.appendHistory([reading]);
        await store.writeNote('some', 'note');
        await store.close();
      }
      const before = await redis.keys('*');
      await dropRedisStore(running.url, 'mine');
      const left = await redis.keys('*');
      expect(left.toSorted()).toEqual(before.filter((key) => key.startsWith('{mine-too}')).toSorted());
      expect(left.length).toBeGreaterThan(2);
    } finally {
      redis.disconnect();
      await running.close();
    }
  });
});
