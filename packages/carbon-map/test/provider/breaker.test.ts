import { describe, expect, it } from 'vitest';
import { createVirtualClock, DAY, MINUTE, ProviderError, SECOND, withBreaker } from '../../src/index.ts';
import { fakeProvider } from '../support/fake-provider.ts';
import { NOON } from '../support/fixtures.ts';
import { providerConformance } from './conformance.ts';

/** A provider behind a breaker, and how it did so far: `asked` grows only when a request is really made. */
function setUp(answer: Parameters<typeof fakeProvider>[1][string] = 'unavailable') {
  const clock = createVirtualClock(NOON);
  const inner = fakeProvider('grid', { DE: answer, FR: answer });
  const provider = withBreaker(inner, { clock, random: () => 0.5 });
  const ask = (zone = 'DE') =>
    provider.latest(zone, clock.now()).then(
      () => 'ok',
      (error: unknown) => (error instanceof ProviderError ? error.kind : 'odd'),
    );
  return { clock, inner, provider, ask };
}

describe('a provider behind a breaker', () => {
  providerConformance(async () => ({
    provider: withBreaker(fakeProvider('grid', { DE: 100 }), { clock: createVirtualClock(NOON) }),
    zone: 'DE',
    at: NOON,
    unknown: 'XX',
  }));

  it('is asked no more after three failures, and again after a pause', async () => {
    const { clock, inner, ask } = setUp();
    for (let i = 0; i < 5; i++) expect(await ask()).toBe('unavailable');
    expect(inner.asked).toHaveLength(3);
    clock.advance(30 * SECOND);
    inner.answers.set('DE', 100);
    expect(await ask()).toBe('ok');
    expect(await ask()).toBe('ok');
  });

  it('is left alone twice as long after each failed trial, up to ten minutes', async () => {
    const { clock, inner, ask } = setUp();
    for (let i = 0; i < 3; i++) await ask();
    for (const seconds of [30, 60, 120, 240, 480, 600, 600]) {
      const before = inner.asked.length;
      clock.advance(seconds * SECOND - 1);
      await ask();
      expect(inner.asked).toHaveLength(before);
      clock.advance(1);
      await ask();
      expect(inner.asked).toHaveLength(before + 1);
    }
  });

  it('lets one call at a time try again', async () => {
    const { clock, inner, ask } = setUp();
    for (let i = 0; i < 3; i++) await ask();
    clock.advance(30 * SECOND);
    await Promise.all([ask('DE'), ask('FR'), ask('DE')]);
    expect(inner.asked).toHaveLength(4);
  });

  it('obeys Retry-After at once and however long', async () => {
    const clock = createVirtualClock(NOON);
    const inner = fakeProvider('grid', { DE: 100 });
    let asked = 0;
    const limited = {
      ...inner,
      latest: async () => {
        asked++;
        throw new ProviderError('rate-limited', 'grid', 'too many', { retryAfter: DAY });
      },
    };
    const provider = withBreaker(limited, { clock });
    await expect(provider.latest('DE', NOON)).rejects.toMatchObject({
      kind: 'rate-limited',
      retryAfter: DAY,
    });
    clock.advance(DAY - MINUTE);
    await expect(provider.latest('DE', NOON)).rejects.toMatchObject({
      kind: 'rate-limited',
      retryAfter: MINUTE,
    });
    expect(asked).toBe(1);
    clock.advance(MINUTE);
    await provider.latest('DE', NOON).catch(() => {});
    expect(asked).toBe(2);
  });

  it.each(['bad-payload', 'no-data', 'unknown-zone', 'forbidden'] as const)(
    'goes on for all zones when one has %s',
    async (kind) => {
      const { inner, ask } = setUp(kind);
      inner.answers.set('FR', 50);
      for (let i = 0; i < 9; i++) await ask('DE');
      expect(inner.asked).toHaveLength(9);
      expect(await ask('FR')).toBe('ok');
    },
  );

  it('forgets failures with the first success', async () => {
    const { inner, ask } = setUp();
    for (let i = 0; i < 4; i++) {
      inner.answers.set('DE', 'unavailable');
      await ask();
      await ask();
      inner.answers.set('DE', 100);
      expect(await ask()).toBe('ok');
    }
    expect(inner.asked).toHaveLength(12);
  });
});
