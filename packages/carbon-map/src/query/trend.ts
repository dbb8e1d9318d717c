import type { ZoneState } from '../model/carbon-map.ts';
import type { Reading } from '../model/reading.ts';
import { HOUR, type Instant, type Millis } from '../model/time.ts';
import { meanOverWindow } from './window.ts';

export type Trend = 'falling' | 'steady' | 'rising';

/** A change below this part of the present intensity is noise, not a trend. */
const DEAD_BAND = 0.05;
/** How far ahead, or back, a trend looks. */
const REACH: Millis = 3 * HOUR;

/**
 * Where a zone is heading: the mean expected over the next three hours against the present reading; without a forecast
 * for them, the present reading against the mean of the last three hours of `history`. Null without data for either.
 */
export function trendOf(state: ZoneState, at: Instant, history: readonly Reading[] = []): Trend | null {
  const { reading, data } = state;
  if (reading === null) return null;
  if (data === 'baseline') return 'steady';
  const ahead = state.forecast === null ? null : meanOverWindow(state, at, REACH);
  if (ahead !== null) return direction(reading.gramsPerKwh, ahead);
  const past = history.filter(
    ({ validFrom }) => validFrom >= reading.validFrom - REACH && validFrom < reading.validFrom,
  );
  if (past.length === 0) return null;
  return direction(
    past.reduce((sum, { gramsPerKwh }) => sum + gramsPerKwh, 0) / past.length,
    reading.gramsPerKwh,
  );
}

function direction(from: number, to: number): Trend {
  const band = DEAD_BAND * Math.max(from, 1);
  if (to > from + band) return 'rising';
  return to < from - band ? 'falling' : 'steady';
}
