import {
  type CarbonMap,
  createMemoryStore,
  createVirtualClock,
  DAY,
  type Forecast,
  HOUR,
  MINUTE,
  type Reading,
  type ZoneState,
} from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import { createZoneOutlook } from '../../src/engine/forecast/outlook.ts';
import { createZoneOutlooks } from '../../src/outlook/zone-outlooks.ts';

const NOW = Date.UTC(2026, 2, 1, 12);
const PAIR = { signal: 'average', basis: 'lifecycle' } as const;

/** A grid with a day, a week and some weather. */
const gramsAt = (hour: number): number =>
  300 + 120 * Math.sin((hour / 24) * 2 * Math.PI) + 40 * Math.sin(hour / 37) + ((hour * 7_919) % 23);

const readingAt = (at: number, changes: Partial<Reading> = {}): Reading => ({
  zone: 'DE',
  ...PAIR,
  gramsPerKwh: gramsAt(at / HOUR),
  source: 'test',
  estimated: false,
  validFrom: at,
  validTo: at + HOUR,
  fetchedAt: at,
  ...changes,
});

let version = 0;
function mapAt(at: number, state: Partial<ZoneState> = {}): CarbonMap {
  version += 1;
  const reading = readingAt(Math.floor(at / HOUR) * HOUR);
  const DE: ZoneState = { zone: 'DE', name: 'Germany', reading, data: 'live', forecast: null, ...state };
  return { version, at, pair: PAIR, pairSince: null, zones: { DE } };
}

/** A store with `days` of hourly history before now, and how often it is asked. */
async function setUp(days: number) {
  const store = createMemoryStore({ clock: createVirtualClock(NOW) });
  const readings: Reading[] = [];
  for (let at = NOW - days * DAY; at < NOW; at += HOUR) readings.push(readingAt(at));
  await store.appendHistory(readings);
  const calls: string[] = [];
  const failures: string[] = [];
  const outlooks = createZoneOutlooks({
    store: {
      async history(...asked) {
        calls.push(asked[0]);
        return store.history(...asked);
      },
    },
    failed: (zone) => failures.push(zone),
  });
  return { outlooks, calls, failures };
}

describe('outlooks of zones', () => {
  it('expect what the simulator expects of the same hours', async () => {
    const { outlooks } = await setUp(10);
    await outlooks.prepare(mapAt(NOW), ['DE']);
    const outlook = createZoneOutlook(25, 30);
    let simulated = null;
    for (let hour = (NOW - 10 * DAY) / HOUR; hour <= NOW / HOUR; hour++) {
      outlook.observe(hour, gramsAt(hour));
      simulated = outlook.advance(hour);
    }
    const live = outlooks.expectation('DE');
    expect(live?.points.map((point) => point.gramsPerKwh)).toEqual([...(simulated?.expected ?? [])]);
    expect(live?.points[0]).toMatchObject({ at: NOW, expectedError: 0 });
    expect(live?.pastForecasts).toEqual(simulated?.past);
    expect(live?.pastForecasts).toHaveLength(9);
  });

  it('are worked out once for a version, and go on by the hour without the store', async () => {
    const { outlooks, calls } = await setUp(5);
    await outlooks.prepare(mapAt(NOW), ['DE']);
    const first = outlooks.expectation('DE');
    expect(outlooks.expectation('DE')).toBe(first);
    await outlooks.prepare(mapAt(NOW + HOUR), ['DE']);
    const second = outlooks.expectation('DE');
    expect(second?.points[0]).toMatchObject({ at: NOW + HOUR, gramsPerKwh: gramsAt(NOW / HOUR + 1) });
    expect(second?.pastForecasts).toHaveLength(4);
    expect(calls).toEqual(['DE']);
  });

  it('wait a while for the reading of a new hour, then go on without it', async () => {
    const { outlooks } = await setUp(5);
    await outlooks.prepare(mapAt(NOW), ['DE']);
    const late = { reading: readingAt(NOW) };
    await outlooks.prepare(mapAt(NOW + HOUR + 5 * MINUTE, late), ['DE']);
    expect(outlooks.expectation('DE')?.points[0]?.at).toBe(NOW);
    // The past is that of the present hour even so.
    expect(outlooks.expectation('DE')?.pastForecasts).toHaveLength(4);
    await outlooks.prepare(mapAt(NOW + HOUR + 25 * MINUTE, late), ['DE']);
    const without = outlooks.expectation('DE')?.points[0];
    expect(without?.at).toBe(NOW + HOUR);
    expect(without?.gramsPerKwh).not.toBe(gramsAt(NOW / HOUR + 1));
  });

  it('learn from readings as late as they are', async () => {
    const { outlooks } = await setUp(5);
    const late = { reading: readingAt(NOW - 3 * HOUR) };
    await outlooks.prepare(mapAt(NOW, late), ['DE']);
    // Nobody waits for the reading of the present hour where there never is one in time.
    const [present] = outlooks.expectation('DE')?.points ?? [];
    expect(present?.at).toBe(NOW);
    expect(present?.gramsPerKwh).not.toBe(gramsAt(NOW / HOUR));
    expect(present?.expectedError).toBeGreaterThan(0);
  });

  it('take several readings of an hour at their mean', async () => {
    const { outlooks } = await setUp(5);
    for (const [minutes, gramsPerKwh] of [
      [0, 100],
      [5, 200],
      [5, 900],
      [10, 300],
    ] as const) {
      const reading = readingAt(NOW + HOUR + minutes * MINUTE, { gramsPerKwh, validTo: NOW + 2 * HOUR });
      // The first version comes late in the hour before, so that nothing of this one is settled.
      await outlooks.prepare(mapAt(NOW + 50 * MINUTE, { reading }), ['DE']);
    }
    await outlooks.prepare(mapAt(NOW + HOUR + 30 * MINUTE), ['DE']);
    expect(outlooks.expectation('DE')?.points[0]?.gramsPerKwh).toBe(200);
  });

  it('go on by the forecast of the map where they end, without a gap', async () => {
    const { outlooks } = await setUp(5);
    const forecastOf = (...hours: readonly number[]): Forecast => ({
      zone: 'DE',
      ...PAIR,
      source: 'test',
      issuedAt: NOW,
      resolution: HOUR,
      points: hours.map((hour) => ({ at: NOW + hour * HOUR, gramsPerKwh: hour, expectedError: null })),
    });
    const reach = async (forecast: Forecast): Promise<number | undefined> => {
      await outlooks.prepare(mapAt(NOW, { forecast }), ['DE']);
      return outlooks.expectation('DE')?.points.at(-1)?.gramsPerKwh;
    };
    expect(await reach(forecastOf(24, 25, 26))).toBe(26);
    expect(outlooks.expectation('DE')?.points).toHaveLength(27);
    expect(await reach(forecastOf(26, 27))).not.toBe(27);
    expect(await reach({ ...forecastOf(25, 26), resolution: HOUR / 2 })).not.toBe(26);
  });

  it('start anew when the pair changes', async () => {
    const { outlooks, calls } = await setUp(5);
    await outlooks.prepare(mapAt(NOW), ['DE']);
    const direct = { reading: readingAt(NOW, { basis: 'direct' }) };
    await outlooks.prepare(mapAt(NOW + 5 * MINUTE, direct), ['DE']);
    // Nothing is known of that pair: the map's own forecast has to do.
    expect(outlooks.expectation('DE')).toBeNull();
    expect(calls).toEqual(['DE', 'DE']);
  });

  it('say that a yearly average is never revised, and nothing of what is stale', async () => {
    const { outlooks, calls } = await setUp(0);
    await outlooks.prepare(mapAt(NOW, { data: 'baseline' }), ['DE']);
    const { points, pastForecasts } = outlooks.expectation('DE') ?? { points: null, pastForecasts: [] };
    expect(points).toEqual([]);
    expect(pastForecasts).toHaveLength(60);
    expect(pastForecasts[0]?.changes.every((change) => change === 0)).toBe(true);
    await outlooks.prepare(mapAt(NOW, { data: 'stale' }), ['DE']);
    expect(outlooks.expectation('DE')).toBeNull();
    expect(calls).toEqual([]);
  });

  it('do without a history that cannot be read, and try again', async () => {
    let broken = true;
    const failures: string[] = [];
    const { store } = { store: createMemoryStore({ clock: createVirtualClock(NOW) }) };
    const readings: Reading[] = [];
    for (let at = NOW - 3 * DAY; at < NOW; at += HOUR) readings.push(readingAt(at));
    await store.appendHistory(readings);
    const outlooks = createZoneOutlooks({
      store: {
        history: (...asked) => (broken ? Promise.reject(new Error('gone')) : store.history(...asked)),
      },
      failed: (zone) => failures.push(zone),
    });
    await outlooks.prepare(mapAt(NOW), ['DE']);
    expect(outlooks.expectation('DE')).toBeNull();
    expect(failures).toEqual(['DE']);
    broken = false;
    await outlooks.prepare(mapAt(NOW + MINUTE), ['DE']);
    expect(outlooks.expectation('DE')?.points).toHaveLength(25);
  });

  it('forget zones that are no longer in use', async () => {
    const { outlooks, calls } = await setUp(2);
    await outlooks.prepare(mapAt(NOW), ['DE']);
    await outlooks.prepare(mapAt(NOW + MINUTE), []);
    expect(outlooks.expectation('DE')).toBeNull();
    await outlooks.prepare(mapAt(NOW + 2 * MINUTE), ['DE']);
    expect(calls).toEqual(['DE', 'DE']);
  });
});
