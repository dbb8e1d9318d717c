import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

/** A program of this repository in a process of its own. */
export interface Running {
  readonly pid: number;
  /** All that it has printed. */
  text(): string;
  /** The first line that fits, once it is printed. Rejects when the program ends before. */
  line(fits: RegExp): Promise<RegExpExecArray>;
  /** Its exit code, once it has ended by itself; null when a signal ended it. */
  exit(): Promise<number | null>;
  /** Sends the signal and waits for its end. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** Starts `node PROGRAM ARGS` at the root of the repository. */
export function startProgram(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Running {
  const child: ChildProcess = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', program, ...args],
    { cwd: ROOT, env: { PATH: process.env['PATH'], ...environment }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let text = '';
  let ended = false;
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const look of waiting) look();
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      wake();
    });
  }
  const exit = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      ended = true;
      wake();
      resolve(code);
    });
  });
  return {
    pid: child.pid ?? 0,
    text: () => text,
    line: (fits) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = fits.exec(text);
          if (found === null && !ended) return;
          waiting.delete(look);
          if (found === null) reject(new Error(`${program} ended without saying ${fits}:\n${text}`));
          else resolve(found);
        };
        waiting.add(look);
        look();
      }),
    exit: () => exit,
    async end(signal) {
      if (!ended) child.kill(signal);
      await exit;
    },
  };
}
