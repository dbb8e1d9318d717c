import { describe, expect, it } from 'vitest';
import {
  type CarbonProvider,
  createBaselineProvider,
  createLocationResolver,
  createMemoryStore,
  createRefresher,
  createVirtualClock,
  DAY,
  HOUR,
  type MapStore,
  MINUTE,
  type Refresher,
  type RefresherOptions,
  SECOND,
  type VirtualClock,
} from '../../src/index.ts';
import { type FakeProvider, fakeProvider } from '../support/fake-provider.ts';
import { AVERAGE_DIRECT, AVERAGE_LIFECYCLE, forecast, NOON } from '../support/fixtures.ts';

const locations = createLocationResolver();

interface World {
  readonly clock: VirtualClock;
  readonly store: MapStore;
  readonly errors: unknown[];
  readonly refresher: (chain: readonly CarbonProvider[], more?: Partial<RefresherOptions>) => Refresher;
}

function world(): World {
  const clock = createVirtualClock(NOON);
  const store = createMemoryStore({ clock });
  const errors: unknown[] = [];
  return {
    clock,
    store,
    errors,
    refresher: (chain, more = {}) =>
      createRefresher({
        zones: () => ['DE', 'FR'],
        chain: () => chain,
        store,
        clock,
        locations,
        holder: 'a',
        onError: (error) => errors.push(error),
        ...more,
      }),
  };
}

/** Lets everything that is ready run, without time going by. */
const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe('one refresh', () => {
  it('writes a version with the reading of every zone', async () => {
    const { refresher, store } = world();
    const grid = fakeProvider('grid', { DE: 400, FR: 50 });
    const map = await refresher([grid]).refreshOnce();
    expect(map).toMatchObject({ at: NOON, pair: AVERAGE_LIFECYCLE, pairSince: null });
    expect(map.zones['DE']).toMatchObject({
      name: 'Germany',
      data: 'live',
      reading: { gramsPerKwh: 400, source: 'grid' },
    });
    expect(map.zones['FR']).toMatchObject({ data: 'live', reading: { gramsPerKwh: 50 } });
    expect(await store.read()).toEqual(map);
  });

  it('falls through to the next provider and says whose number it is', async () => {
    const { refresher } = world();
    const first = fakeProvider('first', { DE: 'unauthorized', FR: 50 });
    const next = fakeProvider('next', { DE: 410, FR: 55 });
    const made = refresher([first, next]);
    const map = await made.refreshOnce();
    expect(map.zones['DE']?.reading).toMatchObject({ gramsPerKwh: 410, source: 'next' });
    expect(map.zones['FR']?.reading).toMatchObject({ gramsPerKwh: 50, source: 'first' });
    expect(next.asked).toEqual(['DE']);
    expect(made.problems()).toEqual([
      {
        provider: 'first',
        zone: 'DE',
        asked: 'reading',
        kind: 'unauthorized',
        message: 'first: no DE',
        at: NOON,
      },
    ]);
  });

  it('serves yearly averages, and says so, when that is all there is', async () => {
    const { refresher } = world();
    const map = await refresher([
      fakeProvider('grid', { DE: 'unavailable' }),
      createBaselineProvider(),
    ]).refreshOnce();
    expect(map.zones['DE']).toMatchObject({
      data: 'baseline',
      forecast: null,
      reading: { source: 'baseline' },
    });
  });

  it('leaves a zone that nobody answers for without a reading', async () => {
    const { refresher } = world();
    const map = await refresher([fakeProvider('grid', { FR: 50 })]).refreshOnce();
    expect(map.zones['DE']).toEqual({
      zone: 'DE',
      name: 'Germany',
      reading: null,
      data: null,
      forecast: null,
    });
  });

  it('asks a zone that is named twice once, and no more zones at a time than allowed', async () => {
    const { refresher } = world();
    const grid = fakeProvider('grid', { DE: 400, FR: 50, ES: 130 });
    let now = 0;
    let most = 0;
    const counted: FakeProvider = {
      ...grid,
      latest: async (zone, at) => {
        most = Math.max(most, ++now);
        await settle();
        now--;
        return grid.latest(zone, at);
      },
    };
    const zones = () => ['DE', 'FR', 'DE', 'ES'];
    await refresher([counted], { zones, concurrency: 2 }).refreshOnce();
    expect(grid.asked.toSorted()).toEqual(['DE', 'ES', 'FR']);
    expect(most).toBe(2);
  });

  it.each([
    ['another zone', { zone: 'PL' }],
    ['another pair', { basis: 'direct' as const }],
    ['NaN', { gramsPerKwh: Number.NaN }],
    ['a negative value', { gramsPerKwh: -1 }],
    ['an absurd value', { gramsPerKwh: 2_501 }],
    ['the future', { validFrom: NOON + HOUR, validTo: NOON + 2 * HOUR }],
    ['no validity', { validTo: NOON }],
  ])('holds providers to the contract: rejects %s and counts it', async (_name, answer) => {
    const { refresher } = world();
    const made = refresher([fakeProvider('odd', { DE: answer }), fakeProvider('sound', { DE: 400 })]);
    const map = await made.refreshOnce();
    expect(map.zones['DE']?.reading?.source).toBe('sound');
    expect(made.providers().find(({ name }) => name === 'odd')).toMatchObject({
      ok: false,
      rejected: 1,
      lastError: { kind: 'bad-payload' },
    });
  });

  it('survives a provider that throws what it should not', async () => {
    const { refresher } = world();
    const rude: FakeProvider = {
      ...fakeProvider('rude', { DE: 1 }),
      latest: async () => {
        throw new TypeError('undefined is not a function');
      },
    };
    const made = refresher([rude, createBaselineProvider()]);
    expect((await made.refreshOnce()).zones['DE']?.data).toBe('baseline');
    expect(made.problems()[0]).toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('failed unexpectedly'),
    });
  });
});

describe('from refresh to refresh', () => {
  it('versions ascend, by the clock where it runs ahead', async () => {
    const { refresher, clock } = world();
    const made = refresher([fakeProvider('grid', { DE: 400 })]);
    const first = await made.refreshOnce();
    expect(first.version).toBe(NOON / SECOND);
    expect((await made.refreshOnce()).version).toBe(first.version + 1);
    clock.advance(HOUR);
    expect((await made.refreshOnce()).version).toBe(clock.now() / SECOND);
  });

  it('the last good reading bridges a failure, then the average stands in, then the source returns', async () => {
    const { refresher, clock } = world();
    const grid = fakeProvider('grid', { DE: 400 });
    const made = refresher([grid, createBaselineProvider()]);
    const dataAfter = async (by: number): Promise<string | null | undefined> => {
      clock.advance(by);
      return (await made.refreshOnce()).zones['DE']?.data;
    };
    expect(await dataAfter(0)).toBe('live');
    grid.answers.set('DE', 'unavailable');
    expect(await dataAfter(HOUR)).toBe('live');
    expect(made.current()?.zones['DE']?.reading).toMatchObject({ gramsPerKwh: 400, validFrom: NOON });
    expect(await dataAfter(HOUR)).toBe('live');
    expect(await dataAfter(HOUR)).toBe('baseline');
    const health = () => made.providers().find(({ name }) => name === 'grid');
    expect(health()).toMatchObject({ ok: false, lastSuccess: NOON });
    grid.answers.set('DE', 420);
    expect(await dataAfter(HOUR)).toBe('live');
    expect(health()).toMatchObject({ ok: true, lastSuccess: clock.now() });
    expect(made.problems()).toEqual([]);
  });

  it('a reading without an average behind it goes stale and stays', async () => {
    const { refresher, clock } = world();
    const grid = fakeProvider('grid', { DE: 400 });
    const made = refresher([grid]);
    await made.refreshOnce();
    grid.answers.set('DE', 'unavailable');
    clock.advance(DAY);
    expect((await made.refreshOnce()).zones['DE']).toMatchObject({
      data: 'stale',
      reading: { gramsPerKwh: 400 },
    });
  });

  it('history grows by what was live, averages left out', async () => {
    const { refresher, clock, store } = world();
    const grid = fakeProvider('grid', { DE: 400 });
    const made = refresher([grid, createBaselineProvider()]);
    for (const grams of [400, 390, 380]) {
      grid.answers.set('DE', grams);
      await made.refreshOnce();
      clock.advance(HOUR);
    }
    const history = await store.history('DE', AVERAGE_LIFECYCLE, 0, clock.now());
    expect(history.map(({ gramsPerKwh }) => gramsPerKwh)).toEqual([400, 390, 380]);
    expect(await store.history('FR', AVERAGE_LIFECYCLE, 0, clock.now())).toEqual([]);
  });

  it('zones come and go', async () => {
    const { refresher } = world();
    const zones = ['DE'];
    const made = refresher([createBaselineProvider()], { zones: () => zones });
    expect(Object.keys((await made.refreshOnce()).zones)).toEqual(['DE']);
    zones[0] = 'PL';
    expect(Object.keys((await made.refreshOnce()).zones)).toEqual(['PL']);
  });
});

describe('the pair of the map', () => {
  it('is the one with the most live zones; the others fall to nothing but their own', async () => {
    const { refresher } = world();
    const direct = fakeProvider('direct', { DE: 350, FR: 20 }, { pair: AVERAGE_DIRECT });
    const lifecycle = fakeProvider('lifecycle', { FR: 50, ES: 130 });
    const map = await refresher([lifecycle, direct, createBaselineProvider()], {
      zones: () => ['DE', 'FR', 'PL'],
    }).refreshOnce();
    expect(map.pair).toEqual(AVERAGE_DIRECT);
    expect(map.zones['FR']?.reading).toMatchObject({ gramsPerKwh: 20, basis: 'direct' });
    // The average is of another pair, so Poland has no data rather than a number that cannot be compared.
    expect(map.zones['PL']).toMatchObject({ reading: null, data: null });
  });

  it('is told with the time of its last change', async () => {
    const { refresher, clock } = world();
    const direct = fakeProvider('direct', { DE: 350 }, { pair: AVERAGE_DIRECT });
    const lifecycle = fakeProvider('lifecycle', { DE: 400 });
    const made = refresher([lifecycle, direct]);
    expect((await made.refreshOnce()).pairSince).toBeNull();
    lifecycle.answers.set('DE', 'unavailable');
    clock.advance(4 * HOUR);
    const changed = await made.refreshOnce();
    expect(changed).toMatchObject({ pair: AVERAGE_DIRECT, pairSince: clock.now() });
    const since = clock.now();
    clock.advance(HOUR);
    expect((await made.refreshOnce()).pairSince).toBe(since);
  });
});

describe('forecasts', () => {
  it('stand beside live readings only, without hours gone by', async () => {
    const { refresher, clock } = world();
    const grid = fakeProvider('grid', { DE: 400 });
    grid.forecasts.set('DE', forecast('DE', [400, 300, 200]));
    grid.forecasts.set('FR', forecast('FR', [50, 40, 30]));
    const made = refresher([grid, createBaselineProvider()]);
    clock.advance(HOUR + MINUTE);
    const { zones } = await made.refreshOnce();
    expect(zones['DE']?.forecast?.points.map(({ gramsPerKwh }) => gramsPerKwh)).toEqual([300, 200]);
    expect(zones['FR']?.forecast).toBeNull();
  });

  it('are asked for every half hour and survive a failure as long as they reach', async () => {
    const { refresher, clock } = world();
    const grid = fakeProvider('grid', { DE: 400 });
    grid.forecasts.set('DE', forecast('DE', [400, 300, 200]));
    const made = refresher([grid], { zones: () => ['DE'] });
    for (const minutes of [0, 10, 10, 10]) {
      clock.advance(minutes * MINUTE);
      await made.refreshOnce();
    }
    expect(grid.forecastsAsked).toHaveLength(2);
    grid.forecasts.delete('DE');
    clock.advance(HOUR);
    expect((await made.refreshOnce()).zones['DE']?.forecast?.points).toHaveLength(2);
    clock.advance(2 * HOUR);
    expect((await made.refreshOnce()).zones['DE']?.forecast).toBeNull();
  });

  it('come from the next provider where the first has none', async () => {
    const { refresher } = world();
    const next = fakeProvider('next', { DE: 1 });
    next.forecasts.set('DE', forecast('DE', [9], NOON, { source: 'next' }));
    const map = await refresher([fakeProvider('first', { DE: 400 }), next]).refreshOnce();
    expect(map.zones['DE']).toMatchObject({ reading: { source: 'first' }, forecast: { source: 'next' } });
  });
});

describe('several processes', () => {
  it('have one writer; the other one reads', async () => {
    const { refresher } = world();
    const grid = fakeProvider('grid', { DE: 400 });
    const writer = refresher([grid]);
    const reader = refresher([grid], { holder: 'b' });
    const written = await writer.refreshOnce();
    const asked = grid.asked.length;
    expect(await reader.refreshOnce()).toEqual(written);
    expect(grid.asked).toHaveLength(asked);
    expect([writer.isWriter(), reader.isWriter()]).toEqual([true, false]);
  });

  it('show an empty map before anybody wrote', async () => {
    const { refresher, store } = world();
    await store.acquireWriter('somebody', HOUR);
    expect(await refresher([]).refreshOnce()).toMatchObject({ version: 0, zones: {} });
  });

  it('take over when the writer is gone, and go on from its map', async () => {
    const { refresher, clock } = world();
    const grid = fakeProvider('grid', { DE: 400 });
    const first = await refresher([grid]).refreshOnce();
    grid.answers.set('DE', 'unavailable');
    const heir = refresher([grid], { holder: 'b' });
    clock.advance(12 * SECOND);
    const map = await heir.refreshOnce();
    expect(map.version).toBeGreaterThan(first.version);
    expect(map.zones['DE']?.reading).toMatchObject({ gramsPerKwh: 400 });
    expect(heir.isWriter()).toBe(true);
  });

  it('are fenced off when they come back late', async () => {
    const { refresher, clock, store, errors } = world();
    const grid = fakeProvider('grid', { DE: 400 });
    let stall: Promise<void> | null = null;
    const slow: FakeProvider = {
      ...grid,
      latest: async (zone, at) => {
        await stall;
        return grid.latest(zone, at);
      },
    };
    const late = refresher([slow]);
    await late.refreshOnce();
    const { promise, resolve } = Promise.withResolvers<void>();
    stall = promise;
    const round = late.refreshOnce();
    await settle();
    clock.advance(MINUTE);
    const newest = await refresher([grid], { holder: 'b' }).refreshOnce();
    resolve();
    expect(await round).toEqual(newest);
    expect(await store.read()).toEqual(newest);
    expect(late.isWriter()).toBe(false);
    expect(errors).toHaveLength(1);
  });

  it('never keep a reading of what is the future to them', async () => {
    const { clock, store } = world();
    const grid = fakeProvider('grid', { DE: 400 });
    const make = (at: VirtualClock, chain: readonly CarbonProvider[], holder: string) =>
      createRefresher({ zones: () => ['DE'], chain: () => chain, store, clock: at, locations, holder });
    await make(clock, [grid], 'a').refreshOnce();
    clock.advance(HOUR);
    // A replay that starts again a day earlier, on the store of the last run.
    const map = await make(
      createVirtualClock(NOON - DAY),
      [fakeProvider('grid', { DE: 'no-data' })],
      'b',
    ).refreshOnce();
    expect(map.zones['DE']?.reading).toBeNull();
  });
});

describe('a running refresher', () => {
  it('refreshes at once and at the interval, holds the lease meanwhile, and gives it back at the end', async () => {
    const { refresher, clock, store } = world();
    const grid = fakeProvider('grid', { DE: 400 });
    const made = refresher([grid], { zones: () => ['DE'], interval: 5 * MINUTE });
    made.start();
    await settle();
    expect(grid.asked).toHaveLength(1);
    for (let seconds = 0; seconds < 10 * 60; seconds += 4) {
      clock.advance(4 * SECOND);
      await settle();
      expect(await store.acquireWriter('b', SECOND)).toBeNull();
    }
    expect(grid.asked).toHaveLength(3);
    await made.stop();
    expect(await store.acquireWriter('b', SECOND)).not.toBeNull();
    clock.advance(HOUR);
    await settle();
    expect(grid.asked).toHaveLength(3);
  });

  it('goes on after a store that failed, and tells', async () => {
    const { refresher, clock, store, errors } = world();
    let broken = true;
    const flaky: MapStore = {
      ...store,
      acquireWriter: async (holder, ttl) => {
        if (broken) throw new Error('the store is away');
        return store.acquireWriter(holder, ttl);
      },
    };
    const made = refresher([fakeProvider('grid', { DE: 400 })], { store: flaky });
    made.start();
    await settle();
    expect(errors.length).toBeGreaterThan(0);
    expect(made.isWriter()).toBe(false);
    broken = false;
    clock.advance(5 * MINUTE);
    await settle();
    expect(made.isWriter()).toBe(true);
    expect((await store.read())?.zones['DE']?.reading?.gramsPerKwh).toBe(400);
    await made.stop();
  });
});
