import { DAY, HOUR, MINUTE, type Millis } from '@windvane/carbon-map';

const SECOND: Millis = 1_000;
const UNITS: Readonly<Record<string, Millis>> = { d: DAY, h: HOUR, m: MINUTE, s: SECOND };
const WHOLE = /^(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?$/;
const PART = /(\d+)([dhms])/g;

/** Reads `90m`, `1h30m`, `2d` or `45s`; null for anything else. `0` alone is no time at all. */
export function parseDuration(text: string): Millis | null {
  const trimmed = text.trim();
  if (trimmed === '0') return 0;
  if (trimmed === '' || !WHOLE.test(trimmed)) return null;
  let total = 0;
  for (const [, count, unit] of trimmed.matchAll(PART)) total += Number(count) * (UNITS[unit ?? ''] ?? 0);
  return Number.isSafeInteger(total) ? total : null;
}

/** Writes a length of time in the largest unit that leaves nothing over: `90m`, `2h`, `45s`. Rounds to seconds. */
export function formatDuration(length: Millis): string {
  const seconds = Math.round(length / SECOND) * SECOND;
  if (seconds === 0) return '0s';
  for (const [unit, millis] of Object.entries(UNITS)) {
    if (seconds % millis === 0) return `${seconds / millis}${unit}`;
  }
  return `${seconds / SECOND}s`;
}
