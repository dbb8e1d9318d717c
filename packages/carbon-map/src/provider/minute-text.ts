import type { Instant } from '../model/time.ts';

/** A time to the minute, `2018-01-20T12:00Z`, as several APIs want it in a URL. */
export function minuteText(at: Instant): string {
  return `${new Date(at).toISOString().slice(0, 16)}Z`;
}
