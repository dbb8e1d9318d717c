import type { PastForecast } from '../problem.ts';

/**
 * Compares a forecast with the ones that were made in the hours after it.
 *
 * @param issued expected values from the hour on in which it was made.
 * @param reissued the same, made 1, 2, 3, ... hours later and each beginning with its own hour.
 */
export function pastForecast(issued: Float64Array, reissued: readonly Float64Array[]): PastForecast {
  const hours = issued.length;
  const changes = new Float32Array(reissued.length * hours);
  for (const [index, later] of reissued.entries()) {
    const step = index + 1;
    for (let hour = step; hour < hours; hour++) {
      const now = later[hour - step];
      if (now !== undefined) changes[index * hours + hour] = now - (issued[hour] ?? now);
    }
  }
  return { hours, steps: reissued.length, changes };
}
