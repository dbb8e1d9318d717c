import { describe, expect, it } from 'vitest';
import { isLoopback, parseListen } from '../../src/config/listen.ts';

describe('listen addresses', () => {
  it.each([
    ['127.0.0.1:4280', { host: '127.0.0.1', port: 4280 }],
    ['[::1]:0', { host: '::1', port: 0 }],
    [':4280', { host: '0.0.0.0', port: 4280 }],
    ['localhost:65535', { host: 'localhost', port: 65_535 }],
  ])('reads %s', (text, listen) => {
    expect(parseListen(text)).toEqual(listen);
  });

  it.each(['4280', 'localhost', 'localhost:', 'localhost:65536', '::1:4280', 'http://localhost:1'])(
    'refuses %s with the form to write',
    (text) => {
      expect(() => parseListen(text)).toThrow(/api\.listen: ".*" is not an address: write host:port/);
    },
  );

  it.each(['127.0.0.1', '127.8.9.1', 'localhost', 'LOCALHOST', '::1', '[::1]'])('%s is loopback', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each(['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example.com', 'localhost.example.com', '128.0.0.1', ''])(
    '%j is not',
    (host) => {
      expect(isLoopback(host)).toBe(false);
    },
  );
});
