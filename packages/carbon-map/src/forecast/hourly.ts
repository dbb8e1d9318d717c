import type { Reading } from '../model/reading.ts';
import { HOUR, type Instant, startOfHour } from '../model/time.ts';

/** Hourly means of one zone in gCO2eq per kWh; NaN where nothing is known. Hour i begins at `first + i * HOUR`. */
export interface HourlySeries {
  readonly first: Instant;
  readonly values: Float64Array;
}

/** Hours from `from` up to and with the one that holds `to`; of several readings in one hour, their mean. */
export function hourlySeries(readings: readonly Reading[], from: Instant, to: Instant): HourlySeries {
  const first = startOfHour(from);
  const length = Math.max(0, (startOfHour(to) - first) / HOUR + 1);
  const sums = new Float64Array(length);
  const counts = new Float64Array(length);
  for (const { validFrom, gramsPerKwh } of readings) {
    const index = (startOfHour(validFrom) - first) / HOUR;
    if (index < 0 || index >= length) continue;
    sums[index] = (sums[index] ?? 0) + gramsPerKwh;
    counts[index] = (counts[index] ?? 0) + 1;
  }
  // 0 / 0 is NaN, which is what an unknown hour is.
  return { first, values: sums.map((sum, i) => sum / (counts[i] ?? 0)) };
}
