import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parseInstant } from '@windvane/carbon-map';

/** Hours since the Unix epoch, UTC: the clock of a simulation. */
export type Hour = number;

/** Hourly carbon intensity of one zone from `first` on, in gCO2eq per kWh; a missing hour takes the value before it. */
export interface IntensityTrace {
  readonly first: Hour;
  readonly values: Float64Array;
}

/** Forecasts of one zone by the hour in which they were issued; values are for that hour and the ones after it. */
export type ForecastRuns = ReadonlyMap<Hour, Float64Array>;

/** A mistake in what the user asked for or in a file; the message names it and the remedy. */
export class SimulationError extends Error {
  override readonly name = 'SimulationError';
}

const HOUR_MS = 3_600_000;
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
  const traces = new Map<string, IntensityTrace>();
  for (const [zone, { hours, values }] of rows) traces.set(zone, filled(hours, values));
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

type Fail = (message: string) => never;

async function textOf(path: string): Promise<string> {
  try {
    const bytes = await readFile(path);
    return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : 'it is not a gzip file';
    throw new SimulationError(`${path} cannot be read (${why}); name an existing CSV file`);
  }
}

function forEachRow(
  text: string,
  path: string,
  columns: readonly string[],
  take: (fields: readonly string[], fail: Fail) => void,
): void {
  let line = 0;
  const fail: Fail = (message) => {
    throw new SimulationError(`${basename(path)} line ${line}: ${message}`);
  };
  let positions: number[] | null = null;
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\n', start);
    const row = text.slice(start, end < 0 ? text.length : end).trim();
    start = end < 0 ? text.length : end + 1;
    line++;
    if (row === '') continue;
    const fields = row.split(',');
    if (positions === null) {
      const missing = columns.find((column) => !fields.includes(column));
      if (missing !== undefined)
        fail(`column ${missing} is missing; the header must be ${columns.join(',')}`);
      positions = columns.map((column) => fields.indexOf(column));
      continue;
    }
    take(
      positions.map((position) => fields[position] ?? ''),
      fail,
    );
  }
  if (positions === null) fail(`the file is empty; the header must be ${columns.join(',')}`);
}

/** Rows of one hour repeat the same text, so the last answer is kept. */
function hourReader(): (text: string, fail: Fail) => Hour {
  let lastText = '';
  let last: Hour = 0;
  return (text, fail) => {
    if (text === lastText) return last;
    const at = parseInstant(text);
    if (at === null) return fail(`"${text}" is not a UTC instant such as 2022-06-01T00:00Z`);
    lastText = text;
    last = Math.floor(at / HOUR_MS);
    return last;
  };
}

function gramsOf(text: string, fail: Fail): number {
  const value = text === '' ? Number.NaN : Number(text);
  if (!(value >= 0 && value <= LARGEST))
    fail(`"${text}" is not a carbon intensity from 0 to ${LARGEST} g/kWh`);
  return value;
}

function filled(hours: readonly number[], values: readonly number[]): IntensityTrace {
  const first = hours.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const last = hours.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const series = new Float64Array(last - first + 1).fill(Number.NaN);
  for (const [index, hour] of hours.entries()) series[hour - first] = values[index] ?? Number.NaN;
  for (let index = 1; index < series.length; index++) {
    if (Number.isNaN(series[index] ?? 0)) series[index] = series[index - 1] ?? 0;
  }
  return { first, values: series };
}
