import { describe, expect, it } from 'vitest';
import { createBaselineProvider, DAY, HOUR, MINUTE, SECOND } from '../../src/index.ts';
import { type FakeProvider, fakeProvider } from '../support/fake-provider.ts';
import { AVERAGE_DIRECT, AVERAGE_LIFECYCLE, forecast, NOON } from '../support/fixtures.ts';
import { settle, world } from '../support/refresher-world.ts';

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
