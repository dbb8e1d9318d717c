import type { Writable } from 'node:stream';
import { UserError } from '../config/user-error.ts';

/** Everything that the command line writes goes through here. */
export interface Output {
  /** A line for people: on stdout, or on stderr when stdout belongs to `--json`. */
  line(text: string): void;
  /** A mistake or failure, on stderr. */
  error(text: string): void;
  /** The one JSON object of `--json`: the last line of stdout. */
  json(value: unknown): void;
  /** Control sequences for a terminal. */
  raw(text: string): void;
  /** Somebody watches: people's output goes to a terminal. */
  readonly interactive: boolean;
  size(): { readonly columns: number; readonly rows: number };
}

type Stream = Writable & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number };

export interface OutputOptions {
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly json: boolean;
}

const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;

export function createOutput({ stdout, stderr, json }: OutputOptions): Output {
  const people = json ? stderr : stdout;
  return {
    line: (text) => void people.write(`${text}\n`),
    error: (text) => void stderr.write(`${text}\n`),
    json: (value) => void stdout.write(`${JSON.stringify(value)}\n`),
    raw: (text) => void people.write(text),
    interactive: people.isTTY === true,
    size: () => ({ columns: people.columns ?? DEFAULT_COLUMNS, rows: people.rows ?? DEFAULT_ROWS }),
  };
}

/** 0 it worked, 1 it failed, 2 the user has to mend something. */
export type ExitCode = 0 | 1 | 2;

/** Tells an error and says how the program ends. A user's mistake gets its lines, a fault its stack as well. */
export function reportError(error: unknown, output: Output): ExitCode {
  if (error instanceof UserError) {
    for (const line of error.lines) output.error(`windvane: ${line}`);
    return 2;
  }
  output.error(`windvane: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return 1;
}
