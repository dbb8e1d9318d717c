import { HOUR, type Instant, MINUTE, SECOND, startOfHour } from '../../model/time.ts';
import type { Slot } from '../hourly.ts';

/** The finest slot of the API, and what a lone value is taken to stand for. */
const QUARTER = 15 * MINUTE;

/**
 * Slots of two parallel arrays. Their length is the least distance in the series, an hour at most: countries
 * report by the quarter of an hour, the half hour or the hour, and holes must not look like long slots.
 */
export function slotsOf(unixSeconds: readonly number[], values: readonly unknown[]): readonly Slot[] {
  const times = unixSeconds.map((seconds) => seconds * SECOND);
  const length = slotLength(times);
  return times.map((from, i) => ({
    from,
    to: Math.min(from + length, startOfHour(from) + HOUR),
    value: values[i],
  }));
}

function slotLength(times: readonly Instant[]): number {
  const sorted = [...new Set(times)].sort((a, b) => a - b);
  const distances = sorted.slice(1).map((time, i) => time - (sorted[i] ?? time));
  const least = distances.length === 0 ? QUARTER : Math.min(...distances);
  return Math.min(least, HOUR);
}
