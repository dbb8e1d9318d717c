import { Writable } from 'node:stream';
import { type ExitCode } from '../../src/cli/output.ts';
import { runProgram } from '../../src/cli/program.ts';

/** How one run of the program ended. */
export interface Run {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
  /** The last line of stdout, read as JSON. */
  json(): unknown;
}

/** A stream that keeps what is written to it. */
export function collector(): { readonly stream: Writable; text(): string } {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  return { stream, text: () => text };
}

/** Runs one command line to its end. */
export async function windvane(
  args: readonly string[],
  more: { environment?: Readonly<Record<string, string>>; stop?: AbortSignal } = {},
): Promise<Run> {
  const [stdout, stderr] = [collector(), collector()];
  const code = await runProgram(args, {
    stdout: stdout.stream,
    stderr: stderr.stream,
    environment: more.environment ?? {},
    heedStop: () => more.stop ?? new AbortController().signal,
  });
  return {
    code,
    out: stdout.text(),
    err: stderr.text(),
    json: () => JSON.parse(stdout.text().trimEnd().split('\n').at(-1) ?? ''),
  };
}
