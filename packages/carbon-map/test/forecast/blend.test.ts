import { describe, expect, it } from 'vitest';
import { blendForecasts } from '../../src/forecast/blend.ts';
import { createTrackRecord } from '../../src/forecast/track-record.ts';
import { type Forecast, HOUR } from '../../src/index.ts';
import { forecast, NOON, reading } from '../support/fixtures.ts';

/** A forecast with the same expected error at every point. */
function withErrors(of: Forecast, error: number | null, source = of.source): Forecast {
  return { ...of, source, points: of.points.map((point) => ({ ...point, expectedError: error })) };
}

const theirs = forecast('DE', [100, 100, 100], NOON, { source: 'grid' });
const ours = (error: number, from = NOON, values = [200, 200, 200]): Forecast =>
  withErrors(forecast('DE', values, from), error, 'windvane');
const grams = (of: Forecast): readonly number[] => of.points.map((point) => point.gramsPerKwh);

describe('a blend', () => {
  it('weighs each by the inverse square of its error', () => {
    const blended = blendForecasts(theirs, ours(10), () => 10);
    expect(grams(blended)).toEqual([150, 150, 150]);
    expect(blended.source).toBe('grid+windvane');
    const [first = 0] = grams(blendForecasts(theirs, ours(20), () => 10));
    expect(first).toBeCloseTo(120, 9);
  });

  it('promises no less of an error than the better of the two', () => {
    expect(blendForecasts(theirs, ours(20), () => 10).points[0]?.expectedError).toBe(10);
  });

  it('leaves a source alone whose error is not known yet, and lends it our error', () => {
    const blended = blendForecasts(theirs, ours(20), () => null);
    expect(grams(blended)).toEqual([100, 100, 100]);
    expect(blended.points[0]?.expectedError).toBe(20);
  });

  it('goes by the error that a source states itself while we have none', () => {
    expect(grams(blendForecasts(withErrors(theirs, 20), ours(20), () => null))).toEqual([150, 150, 150]);
  });

  it('takes an observed hour for what it is', () => {
    expect(grams(blendForecasts(theirs, ours(0), () => 1))).toEqual([200, 200, 200]);
  });

  it('goes on with ours where theirs ends, if that leaves no gap', () => {
    const joined = blendForecasts(theirs, ours(10, NOON, [1, 1, 1, 7, 8]), () => null);
    expect(grams(joined)).toEqual([100, 100, 100, 7, 8]);
    expect(grams(blendForecasts(theirs, ours(10, NOON + 4 * HOUR), () => null))).toEqual([100, 100, 100]);
  });

  it('without ours is theirs, with its error as far as known', () => {
    const alone = blendForecasts(theirs, null, () => 12);
    expect(grams(alone)).toEqual([100, 100, 100]);
    expect(alone).toMatchObject({ source: 'grid', points: [{ expectedError: 12 }, {}, {}] });
  });
});

describe('a track record', () => {
  /** Forecasts that are always 30 too high, and the hours as they come. */
  function follow(hours: number) {
    const record = createTrackRecord();
    const said = (at: number): Forecast =>
      forecast(
        'DE',
        Array.from({ length: 24 }, () => 130),
        at,
        { source: 'grid' },
      );
    for (let hour = 0; hour < hours; hour++) {
      const at = NOON + hour * HOUR;
      record.observed(reading('DE', 100, { validFrom: at }));
      record.issued(said(at), at);
    }
    return { record, last: said(NOON + hours * HOUR) };
  }

  it('tells the mean error once enough hours have come', () => {
    const { record, last } = follow(72);
    expect(record.error(last, 2 * HOUR)).toBeCloseTo(30, 9);
    expect(record.error(last, 20 * HOUR)).toBeCloseTo(30, 9);
  });

  it('tells nothing before, and nothing of another source, zone or lead', () => {
    const { record, last } = follow(72);
    expect(follow(6).record.error(last, 2 * HOUR)).toBeNull();
    expect(record.error({ ...last, source: 'other' }, 2 * HOUR)).toBeNull();
    expect(record.error({ ...last, zone: 'FR' }, 2 * HOUR)).toBeNull();
    expect(record.error({ ...last, signal: 'marginal' }, 2 * HOUR)).toBeNull();
    expect(record.error(last, 40 * HOUR)).toBeNull();
  });

  it('counts an hour once, however often it is reported', () => {
    const record = createTrackRecord();
    const said = forecast(
      'DE',
      Array.from({ length: 24 }, () => 130),
      NOON,
      { source: 'grid' },
    );
    record.issued(said, NOON);
    for (let i = 0; i < 50; i++) record.observed(reading('DE', 100, { validFrom: NOON + HOUR }));
    expect(record.error(said, 2 * HOUR)).toBeNull();
  });
});
