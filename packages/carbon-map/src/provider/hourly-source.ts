import type { Forecast, Reading, SignalPair, ZoneCode } from '../model/reading.ts';
import { type Clock, HOUR, type Instant, type Millis } from '../model/time.ts';
import { type Check, type HourPart, hourlyForecast, newestHour, pastHours, type Slot } from './hourly.ts';
import { forecastPoints, orderedHistory } from './points.ts';

/** Part of a source's series for one zone, as it was sent. */
interface ZoneSeries {
  readonly zone: ZoneCode;
  readonly slots: readonly Slot[];
  /** What makes a number of what was sent. */
  readonly check: Check;
}

/** A source whose series is finer than an hour, told by the hour: what the contract asks for, made of its slots. */
export interface HourlySource {
  /** Throws as {@link newestHour} does. */
  reading(series: ZoneSeries, at: Instant, estimated: boolean): Reading;
  /** The past over [from, to). Throws as {@link pastHours} does. */
  past(series: ZoneSeries, from: Instant, to: Instant, estimated: boolean): readonly Reading[];
  /** Null when nothing of it lies ahead. Throws as {@link hourlyForecast} does. */
  forecast(series: ZoneSeries, at: Instant, horizon: Millis, issuedAt: Instant): Forecast | null;
}

export function createHourlySource(name: string, pair: SignalPair, clock: Clock): HourlySource {
  const toReading = (zone: ZoneCode, { from, to, gramsPerKwh }: HourPart, estimated: boolean): Reading => ({
    zone,
    gramsPerKwh,
    ...pair,
    source: name,
    estimated,
    validFrom: from,
    validTo: to,
    fetchedAt: clock.now(),
  });
  return {
    reading: ({ zone, slots, check }, at, estimated) =>
      toReading(zone, newestHour(name, slots, at, check), estimated),
    past({ zone, slots, check }, from, to, estimated) {
      const parts = pastHours(slots, clock.now(), check);
      return orderedHistory(
        parts.map((part) => toReading(zone, part, estimated)),
        from,
        to,
      );
    },
    forecast({ zone, slots, check }, at, horizon, issuedAt) {
      const points = forecastPoints(name, hourlyForecast(name, slots, at, check), at, horizon, HOUR);
      if (points.length === 0) return null;
      return { zone, ...pair, source: name, issuedAt: Math.min(issuedAt, at), resolution: HOUR, points };
    },
  };
}
