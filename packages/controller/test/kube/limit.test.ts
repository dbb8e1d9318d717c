import { createVirtualClock } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import { limited } from '../../src/kube/limit.ts';
import type { KubeRequest, Transport } from '../../src/kube/transport.ts';

const request = (method: KubeRequest['method'], path: string): KubeRequest => ({ method, path, what: path });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function held() {
  const open: { path: string; end: () => void }[] = [];
  const transport: Transport = {
    server: 'http://hub',
    json: ({ path }) => new Promise((resolve) => open.push({ path, end: () => resolve(null) })),
    async *lines() {},
  };
  return { open, transport };
}

describe('limited', () => {
  it('lets only so many requests be under way, in order', async () => {
    const { open, transport } = held();
    const api = limited(transport, { inFlight: 2 }, createVirtualClock(0));
    const all = ['a', 'b', 'c', 'd'].map((path) => api.json(request('GET', path)));
    await turn();
    expect(open.map(({ path }) => path)).toEqual(['a', 'b']);
    open[1]?.end();
    await turn();
    expect(open.map(({ path }) => path)).toEqual(['a', 'b', 'c']);
    for (const { end } of open) end();
    await turn();
    open[3]?.end();
    await Promise.all(all);
  });

  it('lets a burst of writes through, then so many a second; reads do not count', async () => {
    const { open, transport } = held();
    const clock = createVirtualClock(0);
    const api = limited(transport, { inFlight: 100, writesPerSecond: 10, writeBurst: 3 }, clock);
    for (let index = 0; index < 20; index += 1) void api.json(request('GET', 'read'));
    for (let index = 0; index < 6; index += 1) void api.json(request('PATCH', 'write'));
    await turn();
    const writes = (): number => open.filter(({ path }) => path === 'write').length;
    expect(open).toHaveLength(23);
    expect(writes()).toBe(3);
    clock.advance(100);
    await turn();
    expect(writes()).toBe(4);
    clock.advance(200);
    await turn();
    expect(writes()).toBe(6);
  });

  it('frees the place of a request that failed', async () => {
    let calls = 0;
    const transport: Transport = {
      server: 'http://hub',
      json() {
        calls += 1;
        return Promise.reject(new Error('no'));
      },
      async *lines() {},
    };
    const api = limited(transport, { inFlight: 1 }, createVirtualClock(0));
    await expect(api.json(request('GET', 'a'))).rejects.toThrow('no');
    await expect(api.json(request('GET', 'b'))).rejects.toThrow('no');
    expect(calls).toBe(2);
  });
});
