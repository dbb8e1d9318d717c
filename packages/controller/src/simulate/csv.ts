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
  /** Rows of an hour that had one already; the last of an hour counts. None when not said. */
  readonly repeated?: number;
  /** Hours without a row, and the most of them one after the other. None when not said. */
  readonly missing?: { readonly hours: number; readonly longest: number };
}

const HOUR_MS = 3_600_000;

export type Fail = (message: string) => never;

/** A file's text; `.gz` is unpacked. Throws {@link SimulationError}. */
export async function textOf(path: string): Promise<string> {
  try {
    const bytes = await readFile(path);
    return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
    throw new SimulationError(`${path} cannot be read (${code}); ${readingRemedy(code)}`);
  }
}

function readingRemedy(code: string): string {
  if (code.startsWith('Z_'))
    return 'it is no gzip file, or a broken one: pack it again, or name it without .gz';
  if (code === 'EACCES') return 'let this user read it, or name another file';
  return 'name an existing file';
}

/** The error for a file with a header and nothing below. */
export function noRows(path: string): SimulationError {
  return new SimulationError(`${basename(path)} holds a header only; write the recorded hours below it`);
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
  let repeated = 0;
  for (const [index, hour] of hours.entries()) {
    if (!Number.isNaN(series[hour - first] ?? Number.NaN)) repeated++;
    series[hour - first] = values[index] ?? Number.NaN;
  }
  const missing = { hours: 0, longest: 0 };
  for (let index = 1, gap = 0; index < series.length; index++) {
    gap = Number.isNaN(series[index] ?? 0) ? gap + 1 : 0;
    if (gap === 0) continue;
    series[index] = series[index - 1] ?? 0;
    missing.hours++;
    missing.longest = Math.max(missing.longest, gap);
  }
  return { first, values: series, repeated, missing };
}

/** What was made of rows that are not one an hour, for people; nothing when they are. */
export function repeatedNote(path: string, byKey: ReadonlyMap<string, HourlySeries>): readonly string[] {
  const [rows, keys] = counted(byKey, ({ repeated = 0 }) => repeated);
  if (rows === 0) return [];
  return [`${basename(path)}: hours with more than one row (${keys}): the last row of an hour counts`];
}

/** What was made of hours without a row, for people; nothing when there are none. */
export function missingNote(path: string, byKey: ReadonlyMap<string, HourlySeries>): readonly string[] {
  const [hours, keys] = counted(byKey, ({ missing }) => missing?.hours ?? 0);
  if (hours === 0) return [];
  const longest = Math.max(...[...byKey.values()].map(({ missing }) => missing?.longest ?? 0));
  const what = `${hours} ${hours === 1 ? 'hour is' : 'hours are'} missing (${keys}; at most ${longest} in a row)`;
  return [`${basename(path)}: ${what}: each takes the value before it`];
}

function counted(
  byKey: ReadonlyMap<string, HourlySeries>,
  count: (series: HourlySeries) => number,
): readonly [sum: number, keys: string] {
  const found = [...byKey].flatMap(([key, series]) =>
    count(series) > 0 ? [{ key, of: count(series) }] : [],
  );
  return [found.reduce((sum, { of }) => sum + of, 0), found.map(({ key }) => key).join(', ')];
}
