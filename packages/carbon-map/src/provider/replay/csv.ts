import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type Instant, parseInstant } from '../../model/time.ts';
import { ProviderError } from '../provider.ts';

/** A CSV file on disk (`.gz` is unpacked on the way) or its text, with a name for messages. */
export type CsvSource = { readonly path: string } | { readonly text: string; readonly name?: string };

/** One row, with what a message needs to name a bad field. */
export interface CsvRow {
  readonly line: number;
  /** Fields in the order of the columns that were asked for. */
  readonly fields: readonly string[];
  /** The error for one field: names file, line, column and the remedy. */
  bad(column: string, remedy: string): ProviderError;
}

/** Reads rows one by one, so that a file of any size needs no more memory than its parsed values. Throws {@link ProviderError}. */
export async function* readCsv(
  source: CsvSource,
  provider: string,
  columns: readonly string[],
): AsyncGenerator<CsvRow> {
  const file = csvName(source);
  const fail = (line: number, message: string): ProviderError =>
    new ProviderError('bad-payload', provider, `${file} line ${line}${message}`);
  let line = 0;
  let positions: readonly number[] | null = null;
  let width = 0;
  let lastColumn = '';
  for await (const text of readLines(source, provider)) {
    line += 1;
    if (text === '') continue;
    const parts = text.split(',');
    if (positions === null) {
      const header = parts.map((part) => part.trim().toLowerCase());
      const missing = columns.find((column) => !header.includes(column));
      if (missing !== undefined) {
        throw fail(line, `: column ${missing} is missing; the header must be "${columns.join(',')}"`);
      }
      positions = columns.map((column) => header.indexOf(column));
      width = parts.length;
      lastColumn = header.at(-1) ?? '';
      continue;
    }
    // A decimal comma would else be read as a smaller number.
    if (parts.length > width) {
      const remedy = 'write decimals with a point, and no comma within a field';
      throw fail(
        line,
        `, after column ${lastColumn}: ${parts.length} fields where the header has ${width}; ${remedy}`,
      );
    }
    const fields = positions.map((position) => parts[position]?.trim() ?? '');
    const at = line;
    yield {
      line,
      fields,
      bad(column, remedy) {
        const value = fields[columns.indexOf(column)] ?? '';
        return fail(
          at,
          `, column ${column}: ${value === '' ? 'the value is missing' : `"${value}" is not valid`}; ${remedy}`,
        );
      },
    };
  }
  if (positions === null) throw fail(1, `: the file is empty; the header must be "${columns.join(',')}"`);
}

/** Instant of a field. Rows of one hour repeat the same text, so the last answer is kept. */
export function instantReader(column: string): (row: CsvRow, text: string) => Instant {
  let lastText = '';
  let last: Instant = 0;
  return (row, text) => {
    if (text === lastText) return last;
    const at = parseInstant(text);
    if (at === null) throw row.bad(column, 'write a UTC instant such as 2022-06-01T00:00:00Z');
    lastText = text;
    last = at;
    return at;
  };
}

export function csvName(source: CsvSource): string {
  return 'path' in source ? basename(source.path) : (source.name ?? 'csv');
}

async function* readLines(source: CsvSource, provider: string): AsyncGenerator<string> {
  let rest = '';
  try {
    for await (const chunk of textChunks(source)) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line;
    }
  } catch (error) {
    if (error instanceof ProviderError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new ProviderError(
      'unavailable',
      provider,
      `cannot read ${csvName(source)} (${reason}); check the path`,
      { cause: error },
    );
  }
  if (rest !== '') yield rest;
}

function textChunks(source: CsvSource): Readable {
  if ('text' in source) return Readable.from([source.text]);
  const file = createReadStream(source.path);
  if (!source.path.endsWith('.gz')) return file.setEncoding('utf8');
  const unpacked = createGunzip().setEncoding('utf8');
  // pipe() does not carry errors over.
  file.on('error', (error) => unpacked.destroy(error));
  return file.pipe(unpacked);
}
