import type { ForecastPoint, Reading } from '../model/reading.ts';
import { type Instant, type Millis, startOfHour } from '../model/time.ts';
import { replaces } from '../store/history.ts';
import { ProviderError, type ProviderErrorKind } from './provider.ts';

/** One value of a series as a source sent it, its number already checked. */
export interface TimedValue {
  readonly at: Instant;
  readonly gramsPerKwh: number;
}

/**
 * Makes forecast points of what a source sent, in whatever order: from the present hour to the horizon,
 * ascending, up to the first gap. Throws a `bad-payload` {@link ProviderError} when one time has two values.
 */
export function forecastPoints(
  provider: string,
  values: readonly TimedValue[],
  at: Instant,
  horizon: Millis,
  resolution: Millis,
): readonly ForecastPoint[] {
  const sorted = values
    .filter((value) => value.at >= startOfHour(at) && value.at < at + horizon)
    .sort((a, b) => a.at - b.at);
  const points: ForecastPoint[] = [];
  for (const { at: time, gramsPerKwh } of sorted) {
    const last = points.at(-1);
    if (last !== undefined && last.at === time) {
      if (last.gramsPerKwh === gramsPerKwh) continue;
      const when = new Date(time).toISOString();
      throw new ProviderError('bad-payload', provider, `the forecast holds two values for ${when}`);
    }
    if (last !== undefined && time !== last.at + resolution) break;
    points.push({ at: time, gramsPerKwh, expectedError: null });
  }
  return points;
}

/** History as the contract wants it: within [from, to), ascending, one per time, measured before estimated. */
export function orderedHistory(readings: readonly Reading[], from: Instant, to: Instant): readonly Reading[] {
  const byTime = new Map<Instant, Reading>();
  for (const reading of readings) {
    if (reading.validFrom < from || reading.validFrom >= to) continue;
    if (replaces(byTime.get(reading.validFrom), reading)) byTime.set(reading.validFrom, reading);
  }
  return [...byTime.values()].sort((a, b) => a.validFrom - b.validFrom);
}

/** What can be used of several rows, each read by a function of its own; throws the first fault only when none can. */
export function usable<T>(rows: readonly (() => T)[]): readonly T[] {
  const good: T[] = [];
  let fault: unknown = null;
  for (const row of rows) {
    try {
      good.push(row());
    } catch (error) {
      fault ??= error;
    }
  }
  if (good.length === 0 && fault !== null) throw fault;
  return good;
}

/** The answer of a call, or null when it fails with that kind of error. */
export async function nullIf<T>(kind: ProviderErrorKind, call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof ProviderError && error.kind === kind) return null;
    throw error;
  }
}
