import { describe, expect, it } from 'vitest';
import { createVirtualClock, HOUR, MINUTE, ProviderError, SECOND } from '../../src/index.ts';
import { createGuards } from '../../src/refresh/guard.ts';
import { fakeProvider } from '../support/fake-provider.ts';
import { NOON } from '../support/fixtures.ts';

function setUp(limit?: { requests: number; key?: string }) {
  const clock = createVirtualClock(NOON);
  const guard = createGuards({
    clock,
    random: () => 0.5,
    ...(limit && { rateLimit: () => ({ key: 'a', per: MINUTE, ...limit }) }),
  });
  return { clock, guard };
}

async function failure(call: Promise<unknown>): Promise<ProviderError> {
  const error = await call.then(
    () => new Error('it answered'),
    (reason: unknown) => reason,
  );
  if (error instanceof ProviderError) return error;
  throw error;
}

describe('a guarded provider', () => {
  it('is the same one each time, and is not guarded twice', () => {
    const { guard } = setUp();
    const grid = fakeProvider('grid', { DE: 400 });
    expect(guard(grid)).toBe(guard(grid));
    expect(guard(guard(grid))).toBe(guard(grid));
    expect(guard(grid)).toMatchObject({ name: 'grid', countsAsFresh: true, pair: grid.pair });
    expect(guard(grid).covers('FR')).toBe(false);
  });

  it('is left alone after failures in a row, and errors still say why', async () => {
    const { clock, guard } = setUp();
    const grid = fakeProvider('grid', { DE: 'unauthorized' });
    const guarded = guard(grid);
    for (let i = 0; i < 3; i++) await failure(guarded.latest('DE', NOON));
    const error = await failure(guarded.latest('DE', NOON));
    expect(grid.asked).toHaveLength(3);
    expect(error.kind).toBe('unauthorized');
    expect(error.message).toBe('grid: no DE; left alone for 30 s more after failures');
    expect(error.retryAfter).toBe(30 * SECOND);
    grid.answers.set('DE', 400);
    clock.advance(30 * SECOND);
    expect((await guarded.latest('DE', NOON)).gramsPerKwh).toBe(400);
  });

  it('is never left alone for much longer than two minutes', async () => {
    const { clock, guard } = setUp();
    const grid = fakeProvider('grid', { DE: 'unavailable' });
    const guarded = guard(grid);
    for (let minutes = 0; minutes < 60; minutes++) {
      await failure(guarded.latest('DE', NOON));
      clock.advance(MINUTE);
    }
    const before = grid.asked.length;
    clock.advance(2 * MINUTE);
    await failure(guarded.latest('DE', NOON));
    expect(grid.asked).toHaveLength(before + 1);
  });

  it('goes on with readings while its forecasts fail', async () => {
    const { guard } = setUp();
    const grid = fakeProvider('grid', { DE: 400 });
    const guarded = guard({
      ...grid,
      forecast: async () => {
        throw new ProviderError('unauthorized', 'grid', 'not in this plan');
      },
    });
    for (let i = 0; i < 5; i++) {
      expect((await failure(guarded.forecast('DE', NOON, HOUR))).message).toContain('not in this plan');
    }
    expect((await guarded.latest('DE', NOON)).gramsPerKwh).toBe(400);
  });

  it('is sent no more than its limit, and what is over it says when to come again', async () => {
    const { clock, guard } = setUp({ requests: 2 });
    const grid = fakeProvider('grid', { DE: 400, FR: 50 });
    const guarded = guard(grid);
    await guarded.latest('DE', NOON);
    await guarded.latest('FR', NOON);
    for (let i = 0; i < 5; i++) {
      const error = await failure(guarded.latest('DE', NOON));
      expect(error.kind).toBe('rate-limited');
      expect(error.message).toContain('the next request in 30 s');
    }
    // Held back by us is no failure of the source: no breaker opened.
    clock.advance(30 * SECOND);
    expect((await guarded.latest('DE', NOON)).gramsPerKwh).toBe(400);
    expect(grid.asked).toHaveLength(3);
  });

  it('shares its limit with others of the same key, forecasts and history included', async () => {
    const { guard } = setUp({ requests: 2, key: 'ours' });
    const [a, b] = [fakeProvider('grid', { DE: 400 }), fakeProvider('grid', { FR: 50 })];
    await guard(a).latest('DE', NOON);
    await guard(b).history('FR', 0, NOON);
    expect((await failure(guard(b).latest('FR', NOON))).kind).toBe('rate-limited');
    expect((await failure(guard(a).forecast('DE', NOON, HOUR))).kind).toBe('rate-limited');
  });

  it('takes nothing from its limit while it is left alone', async () => {
    const { clock, guard } = setUp({ requests: 4 });
    const grid = fakeProvider('grid', { DE: 'unavailable' });
    const guarded = guard(grid);
    for (let i = 0; i < 10; i++) await failure(guarded.latest('DE', NOON));
    expect(grid.asked).toHaveLength(3);
    grid.answers.set('DE', 400);
    clock.advance(30 * SECOND);
    for (let i = 0; i < 3; i++) await guarded.latest('DE', NOON);
    expect((await failure(guarded.latest('DE', NOON))).kind).toBe('rate-limited');
  });
});
