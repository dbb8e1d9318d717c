import { type Forecast, type ForecastPoint, MAX_GRAMS_PER_KWH, type Reading } from '../model/reading.ts';
import { DAY, HOUR, type Instant, type Millis, startOfHour } from '../model/time.ts';
import { expectedErrors } from './expected-error.ts';
import { hourlySeries } from './hourly.ts';
import { seasonalModel } from './seasonal.ts';

/** How much history is worth asking a store for. */
export const FORECAST_HISTORY: Millis = 21 * DAY;
/** Older than this, the newest reading says nothing about the present any more. */
const LARGEST_LAG = 12;

/**
 * Windvane's own forecast from the readings of one zone in one pair (`source` is `windvane`), hourly from the hour that
 * holds `at`; that hour's own reading, when it is there, is its first point. Looks at nothing that begins after `at`.
 * Null without a day of history, or when the newest reading is more than half a day old.
 */
export function ownForecast(readings: readonly Reading[], at: Instant, horizon: Millis): Forecast | null {
  const [any] = readings;
  if (any === undefined) return null;
  const { first, values } = hourlySeries(readings, at - FORECAST_HISTORY, at);
  const present = values.length - 1;
  const known = values.findLastIndex((value) => !Number.isNaN(value)) + 1;
  if (known === 0 || present - known > LARGEST_LAG) return null;

  const hours = Math.ceil((at + horizon - startOfHour(at)) / HOUR);
  const errors = expectedErrors(values, known, present + hours - known);
  const observed = values.filter((value) => !Number.isNaN(value));
  const [least, most] = [
    observed.reduce((a, b) => Math.min(a, b)),
    observed.reduce((a, b) => Math.max(a, b)),
  ];
  const expected = seasonalModel(values, known);
  const points: ForecastPoint[] = [];
  for (let index = present; index < present + hours; index++) {
    const value = index < known ? (values[index] ?? Number.NaN) : expected(index);
    if (Number.isNaN(value)) return null;
    points.push({
      at: first + index * HOUR,
      // A fading error may point outside of everything seen; half as far again is as far as it is believed.
      gramsPerKwh: Math.min(Math.max(value, least / 1.5), most * 1.5, MAX_GRAMS_PER_KWH),
      expectedError: index < known ? 0 : (errors[index - known] ?? null),
    });
  }
  const { zone, signal, basis } = any;
  return { zone, signal, basis, source: 'windvane', issuedAt: at, resolution: HOUR, points };
}
