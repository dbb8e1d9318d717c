import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedisStore } from '../../src/index.ts';
import { parseRedisUrl, withoutSecrets } from '../../src/store/redis/url.ts';

const plain = {
  path: null,
  master: null,
  db: 0,
  username: null,
  password: null,
  sentinelPassword: null,
  tls: null,
};

describe('the URL of a store', () => {
  it.each([
    ['redis://h', { ...plain, kind: 'single', nodes: [{ host: 'h', port: 6379 }] }],
    ['redis://h:7/3', { ...plain, kind: 'single', nodes: [{ host: 'h', port: 7 }], db: 3 }],
    ['redis://[::1]:7', { ...plain, kind: 'single', nodes: [{ host: '::1', port: 7 }] }],
    ['redis://:p%40ss@h', { ...plain, kind: 'single', nodes: [{ host: 'h', port: 6379 }], password: 'p@ss' }],
    [
      'rediss://me:a:b@h?ca=/etc/ca.pem',
      {
        ...plain,
        kind: 'single',
        nodes: [{ host: 'h', port: 6379 }],
        username: 'me',
        password: 'a:b',
        tls: { ca: '/etc/ca.pem', cert: null, key: null },
      },
    ],
    ['/run/redis.sock', { ...plain, kind: 'socket', nodes: [], path: '/run/redis.sock' }],
    ['unix:///run/redis.sock', { ...plain, kind: 'socket', nodes: [], path: '/run/redis.sock' }],
    [
      'redis+sentinel://u:p@a,b:7/mymaster/2?sentinelPassword=s',
      {
        ...plain,
        kind: 'sentinel',
        nodes: [
          { host: 'a', port: 26379 },
          { host: 'b', port: 7 },
        ],
        master: 'mymaster',
        db: 2,
        username: 'u',
        password: 'p',
        sentinelPassword: 's',
      },
    ],
    [
      'rediss+cluster://a:1,b:2',
      {
        ...plain,
        kind: 'cluster',
        nodes: [
          { host: 'a', port: 1 },
          { host: 'b', port: 2 },
        ],
        tls: { ca: null, cert: null, key: null },
      },
    ],
  ])('is read: %s', (url, expected) => {
    expect(parseRedisUrl(url)).toEqual(expected);
  });

  it.each([
    ['http://h', 'must begin with redis://'],
    ['', 'must begin with redis://'],
    ['redis://a,b', 'several hosts'],
    ['redis://h:99999', 'host:port'],
    ['redis://h:x', 'host:port'],
    ['redis://h/name', 'must be a number'],
    ['redis://h/1/2', 'must be a number'],
    ['redis+sentinel://a,b', 'name of the master'],
    ['redis+cluster://a/1', 'no database but 0'],
    ['redis://u:%zz@h', 'percent-encoded'],
    ['rediss://h?verify=no', 'not known: there are ca, cert, key, sentinelPassword'],
    ['redis://u:part1@part2@h', 'percent-encode @ : / ? # in the password'],
    ['redis://u:part1/part2@h', 'percent-encode @ : / ? # in the password'],
    ['redis+sentinel://u:p@a,b@c/mymaster', 'percent-encode @ : / ? # in the password'],
  ])('is refused: %s', (url, message) => {
    expect(() => parseRedisUrl(url)).toThrow(message);
  });

  it.each(['@', '/', '?', '/1/', '?ca='])(
    'is not told when %s stands in the password as it is',
    async (sign) => {
      const url = `redis://user:part1s3cret${sign}part2s3cret@redis.invalid`;
      const refused = await createRedisStore({ url }).catch(String);
      expect(refused).toContain('StoreUnreachableError: cannot read the URL of the Redis: ');
      expect(refused).not.toContain('s3cret');
      expect(refused).not.toContain('redis.invalid');
    },
  );

  it('is shown without its secrets', () => {
    expect(withoutSecrets('redis://u:secret@h:1/0')).toBe('redis://u:***@h:1/0');
    expect(withoutSecrets('redis://secret@h')).toBe('redis://***@h');
    expect(withoutSecrets('redis+sentinel://u:se:cret@a:1,b:2/m?sentinelPassword=secret')).toBe(
      'redis+sentinel://u:***@a:1,b:2/m',
    );
    expect(withoutSecrets('/run/redis.sock')).toBe('/run/redis.sock');
  });

  it('gives back any user and password, and never tells the password', () => {
    const text = fc.string({ minLength: 12, maxLength: 30, unit: 'grapheme' });
    fc.assert(
      fc.property(text, text, (username, password) => {
        const url = `redis://${encodeURIComponent(username)}:${encodeURIComponent(password)}@h:1`;
        expect(parseRedisUrl(url)).toMatchObject({ username, password });
        expect(withoutSecrets(url)).toBe(`redis://${encodeURIComponent(username)}:***@h:1`);
      }),
    );
  });
});
