import { type Forecast, HOUR, type Reading } from '@windvane/carbon-map';

/** Where an intensity is heading. */
export type Trend = 'falling' | 'steady' | 'rising';

/** A change of less than this part of the present value is called steady. */
const DEAD_BAND = 0.03;
/** The mean over this time from now on is compared with now. */
const AHEAD = 3 * HOUR;

/**
 * The direction of a zone: its forecast for the next three hours against the present reading, or, without a
 * forecast, the present reading against the one before. Null when neither is known.
 */
export function trendOf(
  reading: Reading,
  forecast: Forecast | null,
  previousGrams: number | null,
): Trend | null {
  if (forecast !== null) {
    const next = forecast.points.filter(({ at }) => at >= reading.validTo && at < reading.validTo + AHEAD);
    if (next.length > 0) {
      const mean = next.reduce((sum, point) => sum + point.gramsPerKwh, 0) / next.length;
      return direction(reading.gramsPerKwh, mean);
    }
  }
  return previousGrams === null ? null : direction(previousGrams, reading.gramsPerKwh);
}

function direction(from: number, to: number): Trend {
  const band = Math.max(from, 1) * DEAD_BAND;
  if (to > from + band) return 'rising';
  return to < from - band ? 'falling' : 'steady';
}
