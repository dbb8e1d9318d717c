import { describe, expect, it } from 'vitest';
import {
  createLocationResolver,
  createMemoryStore,
  createRefresher,
  createReplayProvider,
  createVirtualClock,
  DAY,
  HOUR,
  type ReplayOptions,
} from '../../src/index.ts';
import { fakeProvider } from '../support/fake-provider.ts';
import { AVERAGE_LIFECYCLE, NOON } from '../support/fixtures.ts';

const iso = (at: number): string => new Date(at).toISOString();
const daily = (at: number): number => Math.round(300 + 100 * Math.cos((2 * Math.PI * at) / DAY));

/** Three weeks before noon and two days after, the same every day. */
const hours = Array.from({ length: 23 * 24 }, (_, i) => NOON - 21 * DAY + i * HOUR);
const csv = {
  text: [
    'timestamp_utc,zone,carbon_intensity_g_per_kwh',
    ...hours.map((at) => `${iso(at)},DE,${daily(at)}`),
  ].join('\n'),
};

function setUp(more: Partial<ReplayOptions> = {}) {
  const clock = createVirtualClock(NOON);
  const store = createMemoryStore({ clock });
  const replay = createReplayProvider({ csv, ...more });
  const refresher = createRefresher({
    zones: () => ['DE'],
    chain: () => [replay],
    store,
    clock,
    locations: createLocationResolver(),
    holder: 'a',
  });
  return { clock, store, refresher };
}

describe('the forecasts of the map', () => {
  it('are there from the first refresh on, from what the provider remembers', async () => {
    const { refresher, store } = setUp();
    const forecast = (await refresher.refreshOnce()).zones['DE']?.forecast;
    expect(forecast).toMatchObject({ source: 'windvane', issuedAt: NOON });
    expect(forecast?.points).toHaveLength(48);
    expect(forecast?.points[12]?.gramsPerKwh).toBeCloseTo(daily(NOON + 12 * HOUR), 0);
    expect(await store.history('DE', AVERAGE_LIFECYCLE, 0, NOON)).toHaveLength(21 * 24);
  });

  it('are blended with the provider once its errors are known: a bad source is found out', async () => {
    const rows = [-1, 0, 1].flatMap((day) =>
      Array.from({ length: 48 }, (_, h) => {
        const issued = NOON - 12 * HOUR + day * DAY;
        return `${iso(issued)},${iso(issued + h * HOUR)},DE,${daily(issued + h * HOUR) + 150}`;
      }),
    );
    const { refresher, clock } = setUp({
      forecasts: { text: `issued_at,target_time,zone,forecast\n${rows.join('\n')}` },
    });
    const error = async (): Promise<number> => {
      const point = (await refresher.refreshOnce()).zones['DE']?.forecast?.points[4];
      return Math.abs((point?.gramsPerKwh ?? 0) - daily(point?.at ?? 0));
    };
    expect(await error()).toBeCloseTo(150, 0);
    for (let hour = 0; hour < 36; hour++) {
      clock.advance(HOUR);
      await refresher.refreshOnce();
    }
    expect(await error()).toBeLessThan(15);
  });

  it('know the errors of a source from the start when an earlier writer noted them', async () => {
    const rows = [-1, 0, 1, 2].flatMap((day) =>
      Array.from({ length: 48 }, (_, h) => {
        const issued = NOON - 12 * HOUR + day * DAY;
        return `${iso(issued)},${iso(issued + h * HOUR)},DE,${daily(issued + h * HOUR) + 150}`;
      }),
    );
    const forecasts = { text: `issued_at,target_time,zone,forecast\n${rows.join('\n')}` };
    const { refresher, clock, store } = setUp({ forecasts });
    for (let hour = 0; hour < 36; hour++) {
      await refresher.refreshOnce();
      clock.advance(HOUR);
    }
    const next = createRefresher({
      zones: () => ['DE'],
      chain: () => [createReplayProvider({ csv, forecasts })],
      store,
      clock,
      locations: createLocationResolver(),
      holder: 'b',
    });
    const point = (await next.refreshOnce()).zones['DE']?.forecast?.points[4];
    expect(Math.abs((point?.gramsPerKwh ?? 0) - daily(point?.at ?? 0))).toBeLessThan(15);
  });

  it('are stored to a hundredth of a gram', async () => {
    const { refresher } = setUp();
    for (const { gramsPerKwh, expectedError } of (await refresher.refreshOnce()).zones['DE']?.forecast
      ?.points ?? []) {
      expect(Math.abs(gramsPerKwh * 100 - Math.round(gramsPerKwh * 100))).toBeLessThan(1e-6);
      expect(String(expectedError ?? 0).length).toBeLessThan(8);
    }
  });

  it('do without the past of a provider that fails to tell it, and ask again an hour later', async () => {
    const { clock, store } = setUp();
    const grid = fakeProvider('grid', { DE: 400 });
    let asked = 0;
    const mute = {
      ...grid,
      history: async () => {
        asked++;
        throw new Error('not today');
      },
    };
    const refresher = createRefresher({
      zones: () => ['DE'],
      chain: () => [mute],
      store,
      clock,
      locations: createLocationResolver(),
      holder: 'a',
    });
    const map = await refresher.refreshOnce();
    expect(map.zones['DE']).toMatchObject({ data: 'live', forecast: null });
    expect(refresher.problems()).toMatchObject([{ provider: 'grid', asked: 'history', kind: 'unavailable' }]);
    expect(refresher.providers()).toMatchObject([{ ok: true }]);
    await refresher.refreshOnce();
    expect(asked).toBe(1);
  });
});
