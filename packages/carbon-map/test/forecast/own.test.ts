import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectedErrors } from '../../src/forecast/expected-error.ts';
import { hourlySeries } from '../../src/forecast/hourly.ts';
import {
  createReplayProvider,
  DAY,
  HOUR,
  type Instant,
  MINUTE,
  ownForecast,
  type Reading,
} from '../../src/index.ts';
import { AVERAGE_LIFECYCLE, NOON, reading } from '../support/fixtures.ts';

/** A past up to and with the hour of noon, by hours before noon. */
function past(hours: number, valueOf: (at: Instant) => number): readonly Reading[] {
  return Array.from({ length: hours }, (_, i) => {
    const validFrom = NOON - (hours - 1 - i) * HOUR;
    return reading('DE', valueOf(validFrom), { validFrom });
  });
}

/** A grid with much sun: the same every day. */
const daily = (at: Instant): number => 300 + 100 * Math.cos((2 * Math.PI * at) / DAY);

const grams = (readings: readonly Reading[], at = NOON, horizon = DAY) =>
  ownForecast(readings, at, horizon)?.points.map((point) => point.gramsPerKwh);

describe('our own forecast', () => {
  it('knows a grid that does the same every day', () => {
    const forecast = ownForecast(past(10 * 24, daily), NOON, 2 * DAY);
    expect(forecast).toMatchObject({
      zone: 'DE',
      ...AVERAGE_LIFECYCLE,
      source: 'windvane',
      issuedAt: NOON,
      resolution: HOUR,
    });
    expect(forecast?.points).toHaveLength(48);
    for (const [i, point] of (forecast?.points ?? []).entries()) {
      expect(point.at).toBe(NOON + i * HOUR);
      expect(point.gramsPerKwh).toBeCloseTo(daily(point.at), 6);
      expect(point.expectedError).toBeCloseTo(0, 6);
    }
  });

  it('begins with what is observed, and carries a present error on, less by the hour', () => {
    const readings = past(10 * 24, (at) => (at === NOON ? 260 : 200));
    const points = grams(readings) ?? [];
    expect(points[0]).toBe(260);
    expect(points[1]).toBeCloseTo(200 + 60 * 0.96, 6);
    for (let i = 1; i < 23; i++) expect(points[i]).toBeGreaterThan(points[i + 1] ?? 0);
  });

  it('begins with the present hour also when data lags behind', () => {
    const lagging = past(10 * 24, daily).slice(0, -3);
    const forecast = ownForecast(lagging, NOON + 10 * MINUTE, DAY);
    expect(forecast?.points[0]?.at).toBe(NOON);
    expect(forecast?.points[0]?.gramsPerKwh).toBeCloseTo(daily(NOON), 6);
  });

  it('expects more of an error the less the past told of it', () => {
    let state = 7;
    const noise = (): number => (state = (state * 16807) % 2147483647) / 2147483647;
    const calm = ownForecast(
      past(21 * 24, (at) => daily(at) + 2 * noise()),
      NOON,
      DAY,
    )?.points.at(-1)?.expectedError;
    const wild = ownForecast(
      past(21 * 24, (at) => daily(at) + 90 * noise()),
      NOON,
      DAY,
    )?.points.at(-1)?.expectedError;
    expect(calm).toBeLessThan(5);
    expect(wild).toBeGreaterThan(10);
  });

  it('is null without a day of past, or when the past ended long ago', () => {
    expect(ownForecast([], NOON, DAY)).toBeNull();
    expect(ownForecast(past(12, daily), NOON, DAY)).toBeNull();
    expect(ownForecast(past(10 * 24, daily), NOON + DAY, DAY)).toBeNull();
  });

  it('stands gaps', () => {
    const gappy = past(10 * 24, daily).filter((_, i) => i % 7 !== 0);
    for (const value of grams(gappy) ?? [Number.NaN]) expect(value).toBeGreaterThan(0);
  });

  it('reads nothing that begins after the moment it is issued', () => {
    const readings = past(10 * 24, daily);
    const later = [1, 2, 3].map((h) => reading('DE', 2_000, { validFrom: NOON + h * HOUR }));
    expect(grams([...readings, ...later])).toEqual(grams(readings));
  });

  it('stays near what was ever seen, whatever the past', () => {
    const values = fc.array(fc.integer({ min: 1, max: 2_500 }), { minLength: 30, maxLength: 24 * 12 });
    fc.assert(
      fc.property(values, (seen) => {
        const readings = past(seen.length, (at) => seen[seen.length - 1 - (NOON - at) / HOUR] ?? 1);
        for (const value of grams(readings, NOON, 2 * DAY) ?? []) {
          expect(value).toBeGreaterThanOrEqual(Math.min(...seen) / 1.5);
          expect(value).toBeLessThanOrEqual(Math.min(2_500, Math.max(...seen) * 1.5));
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('the hourly series', () => {
  it('takes the mean of half hours and leaves unknown hours open', () => {
    const halves = [
      reading('GB', 100, { validFrom: NOON }),
      reading('GB', 200, { validFrom: NOON + 30 * MINUTE }),
      reading('GB', 90, { validFrom: NOON + 2 * HOUR }),
    ];
    const { first, values } = hourlySeries(halves, NOON - HOUR, NOON + 2 * HOUR + MINUTE);
    expect(first).toBe(NOON - HOUR);
    expect([...values]).toEqual([Number.NaN, 150, Number.NaN, 90]);
  });
});

describe('expected errors', () => {
  it('are null for leads that no trial reached', () => {
    const values = Float64Array.from({ length: 30 }, () => 100);
    const errors = expectedErrors(values, 30, 48);
    expect(errors[0]).toBe(0);
    expect(errors.at(-1)).toBeNull();
  });
});

const traces = resolve(import.meta.dirname, '../../../../../shared/traces');
const absent = !existsSync(join(traces, 'intensity.csv'));

describe.skipIf(absent)(`on a year of twelve zones${absent ? ': no shared/traces here' : ''}`, () => {
  it('beats "same hour yesterday" everywhere, and the published day-ahead forecasts on average', async () => {
    const replay = createReplayProvider({
      csv: { path: join(traces, 'intensity.csv') },
      forecasts: { path: join(traces, 'forecasts.csv') },
    });
    const { zones, to } = await replay.load();
    const error = { ours: 0, theirs: 0 };
    for (const zone of zones) {
      const actual = new Map(
        (await replay.history(zone, 0, to)).map((row) => [row.validFrom, row.gramsPerKwh]),
      );
      const sums = { ours: 0, theirs: 0, yesterday: 0 };
      let count = 0;
      // Issued at 00:00Z with nothing known of that hour, as the published ones are; every fifth day is enough to tell.
      for (let issue = Date.parse('2022-02-01T00:00Z'); issue + DAY <= to; issue += 5 * DAY) {
        const known = await replay.history(zone, issue - 21 * DAY, issue);
        const ours = ownForecast(known, issue, DAY)?.points ?? [];
        const theirs = (await replay.forecast(zone, issue, DAY))?.points ?? [];
        for (const [i, point] of ours.entries()) {
          const truth = actual.get(point.at) ?? Number.NaN;
          sums.ours += Math.abs(point.gramsPerKwh - truth) / truth;
          sums.theirs += Math.abs((theirs[i]?.gramsPerKwh ?? Number.NaN) - truth) / truth;
          sums.yesterday += Math.abs((actual.get(point.at - DAY) ?? Number.NaN) - truth) / truth;
          count++;
        }
      }
      expect(count).toBe(67 * 24);
      expect(sums.ours).toBeLessThan(sums.yesterday);
      error.ours += sums.ours;
      error.theirs += sums.theirs;
    }
    expect(error.ours).toBeLessThan(error.theirs);
  });
});
