import { describe, expect, it } from 'vitest';
import { type CarbonProvider, HOUR } from '../../src/index.ts';
import { withCoalescing } from '../../src/refresh/coalesce.ts';
import { fakeProvider } from '../support/fake-provider.ts';
import { NOON } from '../support/fixtures.ts';

/** A provider whose answers wait until they are let go. */
function slow(): { provider: CarbonProvider; asked: string[]; release: () => void; signals: AbortSignal[] } {
  const fake = fakeProvider('grid', { DE: 400, FR: 50 });
  const gate = Promise.withResolvers<void>();
  const asked: string[] = [];
  const signals: AbortSignal[] = [];
  const wait = async (what: string, abort?: AbortSignal): Promise<void> => {
    asked.push(what);
    if (abort !== undefined) signals.push(abort);
    await gate.promise;
  };
  return {
    asked,
    signals,
    release: gate.resolve,
    provider: {
      ...fake,
      latest: async (zone, at, abort) => {
        await wait(`latest ${zone}`, abort);
        return fake.latest(zone, at);
      },
      forecast: async (zone, _at, _horizon, abort) => {
        await wait(`forecast ${zone}`, abort);
        return null;
      },
    },
  };
}

describe('equal questions at the same time', () => {
  it('are one request with one answer', async () => {
    const { provider, asked, release } = slow();
    const shared = withCoalescing(provider);
    const both = [shared.latest('DE', NOON), shared.latest('DE', NOON)];
    release();
    const [first, second] = await Promise.all(both);
    expect(asked).toEqual(['latest DE']);
    expect(second).toBe(first);
  });

  it('are told from others', async () => {
    const { provider, asked, release } = slow();
    const shared = withCoalescing(provider);
    const all = [
      shared.latest('DE', NOON),
      shared.latest('FR', NOON),
      shared.latest('DE', NOON + HOUR),
      shared.forecast('DE', NOON, HOUR),
    ];
    release();
    await Promise.all(all);
    expect(asked).toEqual(['latest DE', 'latest FR', 'latest DE', 'forecast DE']);
  });

  it('are asked anew once the answer came, a failure too', async () => {
    const fake = fakeProvider('grid', { DE: 'unavailable' });
    const shared = withCoalescing(fake);
    const both = await Promise.allSettled([shared.latest('DE', NOON), shared.latest('DE', NOON)]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    fake.answers.set('DE', 400);
    expect((await shared.latest('DE', NOON)).gramsPerKwh).toBe(400);
    expect(fake.asked).toHaveLength(2);
  });

  it('are given up only when all who asked gave up', async () => {
    const { provider, release, signals } = slow();
    const shared = withCoalescing(provider);
    const [a, b] = [new AbortController(), new AbortController()];
    const both = [shared.latest('DE', NOON, a.signal), shared.latest('DE', NOON, b.signal)];
    a.abort();
    expect(signals[0]?.aborted).toBe(false);
    b.abort();
    expect(signals[0]?.aborted).toBe(true);
    release();
    await Promise.allSettled(both);
  });
});
