import type { ForecastPoint } from '@windvane/carbon-map';
import { createZoneOutlook } from '../engine/forecast/outlook.ts';
import { HORIZON_HOURS } from '../engine/options.ts';
import type { PastForecast } from '../engine/problem.ts';
import type { Hour } from './csv.ts';
import type { SimulatedFleet } from './fleet.ts';
import type { ForecastRuns, IntensityTrace } from './traces.ts';

/** What is known of one zone in one hour, without any look ahead. */
export interface Expectation {
  readonly gramsPerKwh: number;
  readonly forecast: readonly ForecastPoint[];
  readonly pastForecasts: readonly PastForecast[];
}

const HOUR_MS = 3_600_000;
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
  const outlook = createZoneOutlook(horizon);
  let next = Math.max(trace.first, fleet.from - MOST_HISTORY);
  const advance = (hour: Hour) => {
    const run = runs.get(hour);
    if (run !== undefined) outlook.publish(hour, run);
    const known = trace.values[hour - fleet.lag - trace.first];
    if (known !== undefined) outlook.observe(hour - fleet.lag, known);
    return outlook.advance(hour);
  };
  return (hour) => {
    while (next < hour) advance(next++);
    next = hour + 1;
    const expectation = advance(hour);
    const newest = trace.values[Math.max(0, hour - fleet.lag - trace.first)] ?? 0;
    if (expectation === null) return { gramsPerKwh: newest, forecast: [], pastForecasts: [] };
    const { expected, errors, past } = expectation;
    const forecast = Array.from(expected, (gramsPerKwh, ahead) => ({
      at: (hour + ahead) * HOUR_MS,
      gramsPerKwh,
      expectedError: errors[ahead] ?? null,
    }));
    return { gramsPerKwh: expected[0] ?? newest, forecast, pastForecasts: past };
  };
}
