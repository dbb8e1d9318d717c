import type { Instant } from '@windvane/carbon-map';

const RFC_3339 =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?:T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?$/i;

/** Reads an RFC 3339 instant; seconds may be left out, and a date alone is its midnight in UTC. Null for anything else. */
export function parseInstant(text: string): Instant | null {
  const trimmed = text.trim();
  if (!RFC_3339.test(trimmed)) return null;
  const instant = Date.parse(trimmed);
  if (Number.isNaN(instant)) return null;
  // Date.parse rolls 30 February over into March: such a day is no instant.
  const day = Number(trimmed.slice(8, 10));
  const month = Number(trimmed.slice(5, 7));
  const lastDay = new Date(Date.UTC(Number(trimmed.slice(0, 4)), month, 0)).getUTCDate();
  return day <= lastDay ? instant : null;
}
