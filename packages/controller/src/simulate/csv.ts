import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parseInstant } from '@windvane/carbon-map';
import { SimulationError } from './simulation-error.ts';

/** Hours since the Unix epoch, UTC: the clock of a simulation. */
export type Hour = number;

/** One value an hour from `first` on; a missing hour takes the value before it. */
export interface HourlySeries {
  readonly first: Hour;
  readonly values: Float64Array;
}

const HOUR_MS = 3_600_000;

export type Fail = (message: string) => never;

/** A file's text; `.gz` is unpacked. Throws {@link SimulationError}. */
export async function textOf(path: string): Promise<string> {
  try {
    const bytes = await readFile(path);
    return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : 'it is not a gzip file';
    throw new SimulationError(`${path} cannot be read (${why}); name an existing file`);
  }
}

/** Reads the named columns of every row, wherever they stand; `take` may fail with the line's number. */
export function forEachRow(
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
export function hourReader(): (text: string, fail: Fail) => Hour {
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

/** Brings rows in any order into a series. */
export function hourlySeries(hours: readonly number[], values: readonly number[]): HourlySeries {
  const first = hours.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const last = hours.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const series = new Float64Array(last - first + 1).fill(Number.NaN);
  for (const [index, hour] of hours.entries()) series[hour - first] = values[index] ?? Number.NaN;
  for (let index = 1; index < series.length; index++) {
    if (Number.isNaN(series[index] ?? 0)) series[index] = series[index - 1] ?? 0;
  }
  return { first, values: series };
}
