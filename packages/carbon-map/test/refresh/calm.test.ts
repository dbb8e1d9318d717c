import { describe, expect, it } from 'vitest';
import {
  createBaselineProvider,
  createLocationResolver,
  createMemoryStore,
  createRefresher,
  createVirtualClock,
  HOUR,
  type MapStore,
  MINUTE,
  type RefresherOptions,
  SECOND,
  underOldPair,
} from '../../src/index.ts';
import { type FakeProvider, fakeProvider } from '../support/fake-provider.ts';
import { AVERAGE_DIRECT, AVERAGE_LIFECYCLE, NOON, reading } from '../support/fixtures.ts';

const locations = createLocationResolver();

function setUp(chain: readonly FakeProvider[], more: Partial<RefresherOptions> = {}) {
  const clock = createVirtualClock(NOON);
  const store = createMemoryStore({ clock });
  const make = (holder: string, on: MapStore = store) =>
    createRefresher({
      zones: () => ['DE'],
      chain: () => [...chain, createBaselineProvider()],
      store: on,
      clock,
      locations,
      holder,
      random: () => 0.5,
      ...more,
    });
  const refresher = make('a');
  const after = async (minutes: number) => {
    clock.advance(minutes * MINUTE);
    return refresher.refreshOnce();
  };
  const sourceAfter = async (minutes: number): Promise<string | undefined> =>
    (await after(minutes)).zones['DE']?.reading?.source;
  return { clock, store, make, refresher, after, sourceAfter };
}

/** Lets everything that is ready run, without time going by. */
async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => void setImmediate(resolve));
}

describe('back to the better source', () => {
  it('goes once that has answered for a quarter of an hour', async () => {
    const [best, second] = [fakeProvider('best', { DE: 'unavailable' }), fakeProvider('second', { DE: 420 })];
    const { sourceAfter } = setUp([best, second]);
    expect(await sourceAfter(0)).toBe('second');
    best.answers.set('DE', 400);
    expect(await sourceAfter(5)).toBe('second');
    expect(await sourceAfter(10)).toBe('second');
    expect(await sourceAfter(5)).toBe('best');
  });

  it('does not flap with a source that comes and goes', async () => {
    const [best, second] = [fakeProvider('best', { DE: 'unavailable' }), fakeProvider('second', { DE: 420 })];
    const { sourceAfter } = setUp([best, second]);
    const seen: (string | undefined)[] = [await sourceAfter(0)];
    for (let i = 0; i < 40; i++) {
      best.answers.set('DE', i % 2 === 0 ? 400 : 'unavailable');
      seen.push(await sourceAfter(5));
    }
    expect(new Set(seen)).toEqual(new Set(['second']));
  });

  it('goes at once when the worse one has nothing any more', async () => {
    const [best, second] = [fakeProvider('best', { DE: 'unavailable' }), fakeProvider('second', { DE: 420 })];
    const { sourceAfter } = setUp([best, second]);
    await sourceAfter(0);
    best.answers.set('DE', 400);
    second.answers.set('DE', 'unavailable');
    // Its last reading is still valid, then it is not.
    expect(await sourceAfter(5)).toBe('second');
    best.answers.set('DE', 'unavailable');
    await sourceAfter(5);
    best.answers.set('DE', 400);
    expect(await sourceAfter(HOUR / MINUTE)).toBe('best');
  });

  it('goes at once from a yearly average', async () => {
    const best = fakeProvider('best', { DE: 'unavailable' });
    const { sourceAfter } = setUp([best]);
    expect(await sourceAfter(0)).toBe('baseline');
    best.answers.set('DE', 400);
    expect(await sourceAfter(5)).toBe('best');
  });

  it('asks the worse one no longer than it must', async () => {
    const [best, second] = [fakeProvider('best', { DE: 'unavailable' }), fakeProvider('second', { DE: 420 })];
    const { sourceAfter } = setUp([best, second]);
    await sourceAfter(0);
    best.answers.set('DE', 400);
    for (let i = 0; i < 4; i++) await sourceAfter(5);
    const asked = second.asked.length;
    for (let i = 0; i < 4; i++) await sourceAfter(5);
    expect(second.asked).toHaveLength(asked);
  });

  it('stays where the last writer was when another process takes over', async () => {
    const [best, second] = [fakeProvider('best', { DE: 'unavailable' }), fakeProvider('second', { DE: 420 })];
    const { clock, make, after } = setUp([best, second]);
    await after(0);
    best.answers.set('DE', 400);
    clock.advance(MINUTE);
    expect((await make('b').refreshOnce()).zones['DE']?.reading?.source).toBe('second');
  });
});

describe('within one hour', () => {
  it('an estimate made anew changes nothing, the measurement does, once', async () => {
    const grid = fakeProvider('grid', { DE: 400 });
    const { after, store } = setUp([grid]);
    const served: unknown[] = [];
    for (const [gramsPerKwh, estimated] of [
      [400, true],
      [412, true],
      [391, true],
      [420, false],
      [399, true],
    ] as const) {
      grid.answers.set('DE', { gramsPerKwh, estimated });
      const { reading: now } = (await after(5)).zones['DE'] ?? {};
      served.push([now?.gramsPerKwh, now?.estimated]);
    }
    expect(served).toEqual([
      [400, true],
      [400, true],
      [400, true],
      [420, false],
      [420, false],
    ]);
    expect(await store.history('DE', AVERAGE_LIFECYCLE, NOON, NOON + HOUR)).toMatchObject([
      { gramsPerKwh: 420, estimated: false },
    ]);
  });

  it('an estimate that was far off is given up', async () => {
    const grid = fakeProvider('grid', { DE: { gramsPerKwh: 400, estimated: true } });
    const { after } = setUp([grid]);
    await after(0);
    grid.answers.set('DE', { gramsPerKwh: 520, estimated: true });
    expect((await after(5)).zones['DE']?.reading?.gramsPerKwh).toBe(520);
  });

  it('a measured value of a worse source does not displace an estimate of the better one', async () => {
    const best = fakeProvider('best', { DE: { gramsPerKwh: 400, estimated: true } });
    const { sourceAfter } = setUp([best, fakeProvider('second', { DE: 300 })]);
    for (let i = 0; i < 5; i++) expect(await sourceAfter(5)).toBe('best');
  });
});

describe('what was estimated in the history', () => {
  it('is replaced once the source tells what was measured', async () => {
    const grid = fakeProvider('grid', { DE: 400 });
    const hours = Array.from({ length: 48 }, (_, i) => NOON - (48 - i) * HOUR);
    let measured = false;
    const asked: number[] = [];
    const remembering: FakeProvider = {
      ...grid,
      history: async (zone, from, to) => {
        asked.push(to - from);
        return hours
          .filter((validFrom) => validFrom >= from && validFrom < to)
          .map((validFrom) =>
            reading(zone, measured ? 410 : 400, { validFrom, source: 'grid', estimated: !measured }),
          );
      },
    };
    const { after, store } = setUp([remembering]);
    await after(0);
    measured = true;
    await after(60);
    expect(asked).toHaveLength(1);
    await after(5 * 60);
    expect(asked).toEqual([21 * 24 * HOUR, 48 * HOUR]);
    const recent = await store.history('DE', AVERAGE_LIFECYCLE, NOON - 40 * HOUR, NOON);
    expect(recent.every(({ estimated }) => !estimated)).toBe(true);
    // Nothing is left to be measured, so the source is not asked any more.
    await after(6 * 60);
    expect(asked).toHaveLength(2);
  });
});

describe('zones whose source failed in passing', () => {
  it('are asked again soon, the others are not, and then all at the interval', async () => {
    const grid = fakeProvider('grid', { DE: 400, FR: 'unavailable' });
    const { refresher, clock } = setUp([grid], { zones: () => ['DE', 'FR'] });
    refresher.start();
    await settle();
    const timesAsked = (zone: string): number => grid.asked.filter((asked) => asked === zone).length;
    expect([timesAsked('DE'), timesAsked('FR')]).toEqual([1, 1]);
    for (let seconds = 0; seconds < 31; seconds++) {
      clock.advance(SECOND);
      await settle();
    }
    expect([timesAsked('DE'), timesAsked('FR')]).toEqual([1, 2]);
    expect(refresher.current()?.zones['DE']).toMatchObject({ data: 'live', reading: { gramsPerKwh: 400 } });
    expect(refresher.current()?.zones['FR']?.data).toBe('baseline');
    grid.answers.set('FR', 50);
    for (let seconds = 0; seconds < 120; seconds++) {
      clock.advance(SECOND);
      await settle();
    }
    expect(refresher.current()?.zones['FR']).toMatchObject({ data: 'live', reading: { gramsPerKwh: 50 } });
    expect(timesAsked('DE')).toBe(1);
    const before = grid.asked.length;
    for (let seconds = 0; seconds < 150; seconds++) {
      clock.advance(SECOND);
      await settle();
    }
    expect(grid.asked).toHaveLength(before + 2);
    await refresher.stop();
  });

  it('have each their turn under a rate limit', async () => {
    const zones = ['DE', 'FR', 'ES', 'PL', 'AT'];
    const grid = fakeProvider('grid', Object.fromEntries(zones.map((zone) => [zone, 400])));
    // Two requests a round: the history of a zone and its reading are one each.
    const rateLimit = ({ name }: { name: string }) =>
      name === 'grid' ? { key: 'a', requests: 3, per: 5 * MINUTE } : null;
    const { after, refresher } = setUp([grid], { zones: () => zones, rateLimit, concurrency: 1 });
    for (let round = 0; round < 12; round++) await after(5);
    expect(new Set(grid.asked)).toEqual(new Set(zones));
    for (const zone of zones) expect(refresher.current()?.zones[zone]?.data).toBe('live');
    expect(grid.asked.length).toBeLessThanOrEqual(3 + 12 * 3);
  });
});

describe('after a change of pair', () => {
  /** Both pairs know both zones; lifecycle loses one, so that direct has more. */
  async function changed() {
    const lifecycle = fakeProvider('lifecycle', { DE: 400, FR: 50 });
    const direct = fakeProvider('direct', { DE: 350, FR: 20 }, { pair: AVERAGE_DIRECT });
    const { after, store, clock } = setUp([lifecycle, direct], { zones: () => ['DE', 'FR'] });
    await after(0);
    lifecycle.answers.set('FR', 'unavailable');
    await after(3 * 60 + 5);
    return { lifecycle, direct, after, store, since: clock.now() };
  }

  it('the readings of the pair that was left stay until newer ones are there', async () => {
    const { after, lifecycle, since } = await changed();
    lifecycle.answers.set('DE', 390);
    const map = await after(5);
    expect(map).toMatchObject({ pair: AVERAGE_DIRECT, pairSince: since });
    expect(map.oldPair).toMatchObject({
      pair: AVERAGE_LIFECYCLE,
      // What is still told is kept up, what is not is the last that was.
      readings: { DE: { gramsPerKwh: 390 }, FR: { gramsPerKwh: 50, validFrom: NOON } },
    });
    expect(underOldPair(map, 'DE')).toEqual({ gramsPerKwh: 390, outdated: false });
    expect(underOldPair(map, 'FR')).toEqual({ gramsPerKwh: 50, outdated: false });
    expect(underOldPair(map, 'ES')).toEqual({ gramsPerKwh: null, outdated: false });
    const later = await after(60);
    expect(later.pairSince).toBe(since);
    expect(later).not.toHaveProperty('oldPair');
    expect(underOldPair(later, 'FR')).toBeNull();
  });

  it('are there for the process that takes over, too', async () => {
    const { after, store } = await changed();
    const map = await after(1);
    expect((await store.read())?.oldPair).toEqual(map.oldPair);
  });

  it('a map that never changed its pair asks for nothing', async () => {
    const { after } = setUp([fakeProvider('grid', { DE: 400 })]);
    const map = await after(0);
    expect(map).not.toHaveProperty('oldPair');
    expect(underOldPair(map, 'DE')).toBeNull();
  });
});

describe('the writer lease', () => {
  it('is inherited within 15 seconds of a death, and the heir refreshes at once', async () => {
    const grid = fakeProvider('grid', { DE: 400 });
    const { clock, make, store } = setUp([grid]);
    let alive = true;
    const mortal: MapStore = {
      ...store,
      acquireWriter: async (holder, ttl) => {
        if (!alive) throw new Error('dead');
        return store.acquireWriter(holder, ttl);
      },
    };
    const [writer, heir] = [make('a', mortal), make('b')];
    writer.start();
    await settle();
    heir.start();
    await settle();
    expect([writer.isWriter(), heir.isWriter()]).toEqual([true, false]);
    const second = async (): Promise<void> => {
      clock.advance(SECOND);
      await settle();
    };
    for (let i = 0; i < 61; i++) await second();
    expect([writer.isWriter(), heir.isWriter()]).toEqual([true, false]);
    const before = (await store.read())?.version ?? 0;
    // As a crash would: nothing is given back.
    alive = false;
    for (let i = 0; i < 15; i++) await second();
    expect(heir.isWriter()).toBe(true);
    expect((await store.read())?.version).toBeGreaterThan(before);
    await Promise.all([writer.stop(), heir.stop()]);
  });
});
