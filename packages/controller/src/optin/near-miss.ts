import { nearMisses } from '@windvane/carbon-map';

/** The known name that is closest to what was written, if it is close. */
export function nearMiss(written: string, known: Iterable<string>): string | null {
  return nearMisses(written, known, 1)[0] ?? null;
}
