import {
  type Fail,
  forEachRow,
  type Hour,
  type HourlySeries,
  hourlySeries,
  hourReader,
  noRows,
  textOf,
} from './csv.ts';

/** Hourly carbon intensity of one zone, in gCO2eq per kWh. */
export type IntensityTrace = HourlySeries;

/** Forecasts of one zone by the hour in which they were issued; values are for that hour and the ones after it. */
export type ForecastRuns = ReadonlyMap<Hour, Float64Array>;

const LARGEST = 2_500;
const LONGEST_RUN = 240;

/** Reads `timestamp_utc,zone,carbon_intensity_g_per_kwh`; `.gz` is unpacked. Throws {@link SimulationError}. */
export async function readIntensity(path: string): Promise<Map<string, IntensityTrace>> {
  const rows = new Map<string, { hours: number[]; values: number[] }>();
  const columns = ['timestamp_utc', 'zone', 'carbon_intensity_g_per_kwh'];
  const hourOf = hourReader();
  forEachRow(await textOf(path), path, columns, ([time = '', zone = '', value = ''], fail) => {
    let trace = rows.get(zone);
    if (trace === undefined) {
      trace = { hours: [], values: [] };
      rows.set(zone, trace);
    }
    trace.hours.push(hourOf(time, fail));
    trace.values.push(gramsOf(value, fail));
  });
  if (rows.size === 0) throw noRows(path);
  const traces = new Map<string, IntensityTrace>();
  for (const [zone, { hours, values }] of rows) traces.set(zone, hourlySeries(hours, values));
  return traces;
}

/** Reads `issued_at,target_time,zone,forecast`; `.gz` is unpacked. Throws {@link SimulationError}. */
export async function readForecasts(path: string): Promise<Map<string, ForecastRuns>> {
  const zones = new Map<string, Map<Hour, Float64Array>>();
  const issuedOf = hourReader();
  const targetOf = hourReader();
  const columns = ['issued_at', 'target_time', 'zone', 'forecast'];
  forEachRow(await textOf(path), path, columns, ([issuedAt = '', time = '', zone = '', value = ''], fail) => {
    const issued = issuedOf(issuedAt, fail);
    const ahead = targetOf(time, fail) - issued;
    if (ahead < 0 || ahead >= LONGEST_RUN) fail(`target_time ${time} is not within ten days of issued_at`);
    let runs = zones.get(zone);
    if (runs === undefined) {
      runs = new Map();
      zones.set(zone, runs);
    }
    let run = runs.get(issued);
    if (run === undefined || run.length <= ahead) {
      const longer = new Float64Array(Math.max(48, ahead + 24)).fill(Number.NaN);
      if (run !== undefined) longer.set(run);
      run = longer;
      runs.set(issued, run);
    }
    run[ahead] = gramsOf(value, fail);
  });
  return zones;
}

function gramsOf(text: string, fail: Fail): number {
  const value = text === '' ? Number.NaN : Number(text);
  if (!(value >= 0 && value <= LARGEST))
    fail(`"${text}" is not a carbon intensity from 0 to ${LARGEST} g/kWh`);
  return value;
}
