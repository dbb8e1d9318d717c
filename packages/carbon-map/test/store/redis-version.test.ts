import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redisVersion } from '../../src/index.ts';
import { findRedisServer, type RedisServer, startRedisServer } from '../support/redis-server.ts';

const path = findRedisServer();

describe.skipIf(path === null)(
  `version of a Redis${path === null ? ' (skipped: no redis-server on this machine)' : ''}`,
  () => {
    let server: RedisServer;
    beforeAll(async () => {
      server = await startRedisServer(path ?? '');
    });
    afterAll(() => server.close());

    it('is what the server says', async () => {
      expect(await redisVersion(server.url)).toMatch(/^(redis|valkey) \d+\.\d+\.\d+/);
      expect(await redisVersion(server.url)).toContain(server.version);
    });
  },
);

describe('version of a Redis that is not there', () => {
  it('is an error without the password', async () => {
    const told = await redisVersion('redis://:hunter2@127.0.0.1:1').catch(String);
    expect(told).toMatch(/cannot use Redis at redis:\/\/.*127\.0\.0\.1:1/);
    expect(told).not.toContain('hunter2');
  });
});
