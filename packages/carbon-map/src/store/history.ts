import type { Reading } from '../model/reading.ts';
import type { Instant } from '../model/time.ts';

/** Whether `next` takes the place of `kept`, both of the same zone, pair and validFrom: a measurement is never overwritten by an estimate. */
export function replaces(kept: Reading | undefined, next: Reading): boolean {
  return kept === undefined || kept.estimated || !next.estimated;
}

/** Index of the first reading with validFrom at or after `from`, in an ascending list. */
export function firstAtOrAfter(readings: readonly Reading[], from: Instant): number {
  let low = 0;
  let high = readings.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const reading = readings[middle];
    if (reading !== undefined && reading.validFrom < from) low = middle + 1;
    else high = middle;
  }
  return low;
}
