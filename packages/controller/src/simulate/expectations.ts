import type { ForecastPoint } from '@windvane/carbon-map';
import { createZoneForecaster } from '../engine/forecast/forecaster.ts';
import { pastForecast } from '../engine/forecast/past.ts';
import { HORIZON_HOURS } from '../engine/options.ts';
import type { PastForecast } from '../engine/problem.ts';
import type { SimulatedFleet } from './fleet.ts';
import type { ForecastRuns, Hour, IntensityTrace } from './traces.ts';

/** What is known of one zone in one hour, without any look ahead. */
export interface Expectation {
  readonly gramsPerKwh: number;
  readonly forecast: readonly ForecastPoint[];
  readonly pastForecasts: readonly PastForecast[];
}

const HOUR_MS = 3_600_000;
const PAST_DAYS = 60;
const REVISIONS = 6;
const DAY = 24;
/** Hours of history before the first one that counts; more teaches little and takes time. */
const MOST_HISTORY = 400 * DAY;

/**
 * Walks through the hours of a simulation in order and tells what is expected of each zone.
 *
 * @param horizon hours that every forecast covers, the present one included.
 */
export function createExpectations(
  fleet: SimulatedFleet,
  horizon: number = HORIZON_HOURS,
): (hour: Hour) => Expectation[] {
  const walkers = new Map<string, (hour: Hour) => Expectation>();
  for (const [cluster, { zone }] of fleet.clusters.entries()) {
    const trace = fleet.traces[cluster];
    const runs = fleet.forecasts[cluster];
    if (trace !== undefined && runs !== undefined) walkers.set(zone, walker(fleet, trace, runs, horizon));
  }
  return (hour) => {
    const byZone = new Map([...walkers].map(([zone, walk]) => [zone, walk(hour)]));
    return fleet.clusters.flatMap(({ zone }) => byZone.get(zone) ?? []);
  };
}

function walker(
  fleet: SimulatedFleet,
  trace: IntensityTrace,
  runs: ForecastRuns,
  horizon: number,
): (hour: Hour) => Expectation {
  const forecaster = createZoneForecaster(horizon);
  const predictions = new Map<Hour, Float64Array>();
  const past = new Map<Hour, PastForecast>();
  let next = Math.max(trace.first, fleet.from - MOST_HISTORY);
  const advance = (hour: Hour) => {
    const run = runs.get(hour);
    if (run !== undefined) forecaster.publish(hour, run);
    const known = trace.values[hour - fleet.lag - trace.first];
    if (known !== undefined) forecaster.observe(hour - fleet.lag, known);
    const prediction = forecaster.predict(hour);
    if (prediction !== null) predictions.set(hour, prediction);
    const made = hour - REVISIONS;
    const issued = predictions.get(made);
    const reissued = Array.from({ length: REVISIONS }, (_, step) => predictions.get(made + step + 1));
    if (issued !== undefined && reissued.every((each) => each !== undefined)) {
      past.set(made, pastForecast(issued, reissued));
    }
    predictions.delete(made - 1);
    past.delete(hour - (PAST_DAYS + 1) * DAY);
  };
  return (hour) => {
    while (next <= hour) advance(next++);
    const prediction = predictions.get(hour);
    const lagged = trace.values[Math.max(0, hour - fleet.lag - trace.first)] ?? 0;
    if (prediction === undefined) return { gramsPerKwh: lagged, forecast: [], pastForecasts: [] };
    const forecast = Array.from(prediction, (gramsPerKwh, ahead) => ({
      at: (hour + ahead) * HOUR_MS,
      gramsPerKwh,
      expectedError: null,
    }));
    return { gramsPerKwh: prediction[0] ?? lagged, forecast, pastForecasts: pastDays(past, hour) };
  };
}

function pastDays(past: ReadonlyMap<Hour, PastForecast>, hour: Hour): PastForecast[] {
  const days: PastForecast[] = [];
  for (let day = 1; day <= PAST_DAYS; day++) {
    const one = past.get(hour - day * DAY);
    if (one === undefined) break;
    days.push(one);
  }
  return days;
}
