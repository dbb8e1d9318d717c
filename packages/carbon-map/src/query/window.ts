import type { ZoneState } from '../model/carbon-map.ts';
import type { Instant, Millis } from '../model/time.ts';

/**
 * Mean intensity over [from, from + length) in gCO2eq per kWh, each point weighted by the part of it inside the window;
 * the reading stands for the time of its validity and for what lies before the forecast's first point. Null when the zone has no data
 * or its forecast ends before the window does: half a window must not be compared with a whole one.
 * A zone whose data is a yearly average is flat: its mean is the average.
 */
export function meanOverWindow(state: ZoneState, from: Instant, length: Millis): number | null {
  const { reading, forecast, data } = state;
  if (reading === null) return null;
  if (length <= 0 || data === 'baseline') return reading.gramsPerKwh;
  const to = from + length;
  const points = forecast?.points ?? [];
  // The reading speaks for the time of its validity and up to the forecast's begin, the forecast for the rest.
  const readingEnds = Math.max(reading.validTo, points[0]?.at ?? 0);
  let covered = Math.max(0, Math.min(to, readingEnds) - from);
  let sum = covered * reading.gramsPerKwh;
  for (const point of points) {
    const pointEnds = point.at + (forecast?.resolution ?? 0);
    const overlap = Math.min(to, pointEnds) - Math.max(from, point.at, readingEnds);
    if (overlap <= 0) continue;
    covered += overlap;
    sum += overlap * point.gramsPerKwh;
  }
  return covered >= length ? sum / covered : null;
}
