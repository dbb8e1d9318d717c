import type { PastForecast } from '../problem.ts';
import { createZoneForecaster } from './forecaster.ts';
import { pastForecast } from './past.ts';

/** What is expected of one zone in one hour, and how such expectations turned out before. */
interface ZoneExpectation {
  /** Expected intensity of the present hour and the ones after it, in gCO2eq per kWh. */
  readonly expected: Float64Array;
  /** Expected absolute error of each of them. */
  readonly errors: Float64Array;
  /** Forecasts made at this hour of the days before, most recent first; see `ClusterOption.pastForecasts`. */
  readonly past: readonly PastForecast[];
}

/** Follows one zone through time. Hours are counted from the Unix epoch, UTC. */
export interface ZoneOutlook {
  /** The actual value of an hour; ascending. */
  observe(hour: number, gramsPerKwh: number): void;
  /** A forecast that somebody published for the hours from `firstHour` on. */
  publish(firstHour: number, values: ArrayLike<number>): void;
  /** Goes on to an hour, ascending and without leaving one out; null while less than a day is known. */
  advance(hour: number): ZoneExpectation | null;
  /** Forecasts made at that hour of the days before, as in `ZoneExpectation`: for an hour not yet gone on to. */
  past(hour: number): readonly PastForecast[];
}

const PAST_DAYS = 60;
const REVISIONS = 6;
const DAY = 24;

/**
 * @param hours how many hours each expectation covers, the present one included.
 * @param pastDays how many days are looked back on: each takes about 30 KB at 25 hours.
 */
export function createZoneOutlook(hours: number, pastDays: number = PAST_DAYS): ZoneOutlook {
  const forecaster = createZoneForecaster(hours);
  const predictions = new Map<number, Float64Array>();
  const past = new Map<number, PastForecast>();
  const remember = (hour: number) => {
    const made = hour - REVISIONS;
    const issued = predictions.get(made);
    const reissued = Array.from({ length: REVISIONS }, (_, step) => predictions.get(made + step + 1));
    if (issued !== undefined && reissued.every((each) => each !== undefined)) {
      past.set(made, pastForecast(issued, reissued));
    }
    predictions.delete(made);
    past.delete(hour - (pastDays + 1) * DAY);
  };
  return {
    observe: (hour, gramsPerKwh) => forecaster.observe(hour, gramsPerKwh),
    publish: (firstHour, values) => forecaster.publish(firstHour, values),
    advance(hour) {
      const expected = forecaster.predict(hour);
      if (expected === null) return null;
      predictions.set(hour, expected);
      remember(hour);
      return { expected, errors: forecaster.errors(), past: sameHour(past, hour, pastDays) };
    },
    past: (hour) => sameHour(past, hour, pastDays),
  };
}

function sameHour(past: ReadonlyMap<number, PastForecast>, hour: number, pastDays: number): PastForecast[] {
  const days: PastForecast[] = [];
  for (let day = 1; day <= pastDays; day++) {
    const one = past.get(hour - day * DAY);
    if (one === undefined) break;
    days.push(one);
  }
  return days;
}

/** The past of a zone whose forecast never changes, a yearly average for example: it stands in the way of no other zone. */
export function neverRevised(hours: number): readonly PastForecast[] {
  const unchanged = { hours, steps: REVISIONS, changes: new Float32Array(REVISIONS * hours) };
  return Array.from({ length: PAST_DAYS }, () => unchanged);
}
