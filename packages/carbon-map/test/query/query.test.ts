import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bestWindow,
  cleanestZones,
  HOUR,
  MINUTE,
  meanOverWindow,
  rankZones,
  trendOf,
  type ZoneState,
} from '../../src/index.ts';
import { carbonMap, forecast, NOON, reading, zoneState } from '../support/fixtures.ts';

/** A zone with a present value and hourly values from the next hour on. */
function live(zone: string, now: number, ...ahead: readonly number[]): ZoneState {
  return zoneState(zone, {
    reading: reading(zone, now),
    data: 'live',
    forecast: ahead.length === 0 ? null : forecast(zone, ahead, NOON + HOUR),
  });
}

const yearly = (zone: string, grams: number): ZoneState =>
  zoneState(zone, { reading: reading(zone, grams), data: 'baseline' });

describe('the mean over a window', () => {
  const state = live('DE', 400, 300, 200, 100);

  it.each([
    ['now', NOON, 0, 400],
    ['within the hour', NOON, HOUR, 400],
    ['reading and forecast together', NOON, 2 * HOUR, 350],
    ['parts of hours', NOON + 30 * MINUTE, HOUR, 350],
    ['forecast alone', NOON + 2 * HOUR, 2 * HOUR, 150],
    ['to the very end', NOON, 4 * HOUR, 250],
  ])('is of %s', (_name, from, length, expected) => {
    expect(meanOverWindow(state, from, length)).toBeCloseTo(expected, 9);
  });

  it('is null when the forecast ends before the window, or there is none, or no data', () => {
    expect(meanOverWindow(state, NOON, 4 * HOUR + 1)).toBeNull();
    expect(meanOverWindow(live('DE', 400), NOON, 2 * HOUR)).toBeNull();
    expect(meanOverWindow(zoneState('DE'), NOON, HOUR)).toBeNull();
  });

  it('goes by the reading, not the forecast, while the reading is valid', () => {
    const both = { ...state, forecast: forecast('DE', [999, 300], NOON) };
    expect(meanOverWindow(both, NOON, 2 * HOUR)).toBe(350);
  });

  it('goes by the forecast where the last reading has ended', () => {
    const late = {
      ...state,
      reading: reading('DE', 999, { validFrom: NOON - HOUR }),
      forecast: forecast('DE', [400, 200]),
    };
    expect(meanOverWindow(late, NOON, 2 * HOUR)).toBe(300);
  });

  it('of a yearly average is the average', () => {
    expect(meanOverWindow(yearly('FR', 31), NOON, 100 * HOUR)).toBe(31);
  });

  it('lies between the least and the greatest value that it is of', () => {
    const values = fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 6, maxLength: 12 });
    const offset = fc.integer({ min: 0, max: 3 * 60 }).map((minutes) => minutes * MINUTE);
    fc.assert(
      fc.property(values, offset, offset, (grams, start, length) => {
        const [now = 0, ...ahead] = grams;
        const mean = meanOverWindow(live('DE', now, ...ahead), NOON + start, length + MINUTE);
        expect(mean).toBeGreaterThanOrEqual(Math.min(...grams) - 1e-9);
        expect(mean).toBeLessThanOrEqual(Math.max(...grams) + 1e-9);
      }),
    );
  });
});

describe('ranks', () => {
  it('begin at 1 for the cleanest, are shared by equals, and pass over zones without data', () => {
    const map = carbonMap(1, [
      live('DE', 400),
      live('FR', 50),
      live('ES', 50),
      zoneState('PL'),
      yearly('SE-SE3', 20),
    ]);
    expect(Object.fromEntries(rankZones(map))).toEqual({ 'SE-SE3': 1, ES: 2, FR: 2, DE: 4 });
  });
});

describe('the cleanest zones', () => {
  const map = carbonMap(1, [
    live('DE', 400, 100, 100),
    live('FR', 50, 500, 500),
    live('PL', 700),
    zoneState('IT-NO'),
  ]);
  const names = (options: Parameters<typeof cleanestZones>[1]) =>
    cleanestZones(map, options).map(({ state }) => state.zone);

  it('come first now', () => {
    expect(names({})).toEqual(['FR', 'DE', 'PL']);
  });

  it('may be others over a window, for which zones without a forecast are left out', () => {
    expect(
      cleanestZones(map, { window: 3 * HOUR }).map(({ state, gramsPerKwh }) => [state.zone, gramsPerKwh]),
    ).toEqual([
      ['DE', 200],
      ['FR', 350],
    ]);
  });

  it('are among those asked for, and as many as asked for', () => {
    expect(names({ zones: ['PL', 'DE', 'XX'] })).toEqual(['DE', 'PL']);
    expect(names({ first: 1 })).toEqual(['FR']);
    expect(names({ first: 0 })).toEqual([]);
  });
});

describe('the trend', () => {
  it.each([
    ['falling', [400, 300, 200]],
    ['rising', [420, 500, 600]],
    ['steady', [401, 410, 399]],
  ])('is %s by the forecast', (expected, ahead) => {
    expect(trendOf(live('DE', 400, ...ahead), NOON)).toBe(expected);
  });

  it('is told by the past when the forecast is absent or too short', () => {
    const past = [1, 2, 3].map((h) => reading('DE', 500, { validFrom: NOON - h * HOUR }));
    expect(trendOf(live('DE', 400), NOON, past)).toBe('falling');
    expect(trendOf(live('DE', 600, 100), NOON, past)).toBe('rising');
    expect(trendOf(live('DE', 510), NOON, past)).toBe('steady');
  });

  it('forgets a past that is too far back', () => {
    expect(trendOf(live('DE', 400), NOON, [reading('DE', 500, { validFrom: NOON - 4 * HOUR })])).toBeNull();
  });

  it('is null without data, and steady for a yearly average', () => {
    expect(trendOf(zoneState('DE'), NOON)).toBeNull();
    expect(trendOf(yearly('DE', 342), NOON)).toBe('steady');
  });
});

describe('the best window', () => {
  const de = live('DE', 400, 300, 100, 120, 500);

  it('is the cleanest hours of the cleanest zone', () => {
    expect(bestWindow([de, live('FR', 150, 150, 150)], NOON, 2 * HOUR, NOON + 24 * HOUR)).toEqual({
      zone: 'DE',
      start: NOON + 2 * HOUR,
      end: NOON + 4 * HOUR,
      gramsPerKwh: 110,
    });
  });

  it('ends in time', () => {
    expect(bestWindow([de], NOON, 2 * HOUR, NOON + 3 * HOUR)).toMatchObject({
      start: NOON + HOUR,
      gramsPerKwh: 200,
    });
    expect(bestWindow([de], NOON, 2 * HOUR, NOON + HOUR)).toBeNull();
  });

  it('begins at once when that is as good as later', () => {
    const flat = live('DE', 100, 100, 100, 100);
    expect(bestWindow([flat], NOON + 10 * MINUTE, HOUR, NOON + 24 * HOUR)?.start).toBe(NOON + 10 * MINUTE);
  });

  it('does not begin later than a forecast reaches', () => {
    expect(bestWindow([live('DE', 400)], NOON, 2 * HOUR, NOON + 24 * HOUR)).toBeNull();
  });

  it('is as good as the best of every minute', () => {
    const values = fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 4, maxLength: 8 });
    const minutes = (min: number, max: number) => fc.integer({ min, max }).map((n) => n * MINUTE);
    fc.assert(
      fc.property(values, minutes(1, 150), minutes(0, 59), ([now = 0, ...ahead], duration, late) => {
        const state = live('DE', now, ...ahead);
        const at = NOON + late;
        const end = NOON + (ahead.length + 1) * HOUR;
        let least = Infinity;
        for (let start = at; start + duration <= end; start += MINUTE) {
          least = Math.min(least, meanOverWindow(state, start, duration) ?? Infinity);
        }
        expect(bestWindow([state], at, duration, end)?.gramsPerKwh ?? Infinity).toBeCloseTo(least, 6);
      }),
    );
  });
});
