import type { Clock } from '@windvane/carbon-map';
import { run } from '../../src/cli/run.ts';

interface Line {
  readonly level: 'info' | 'warn' | 'error';
  readonly details: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** The whole program in this process. */
export interface Program {
  readonly grpc: string;
  readonly metrics: string;
  readonly lines: readonly Line[];
  stop(): Promise<void>;
}

/** Starts it and waits until it runs. Rejects with what keeps it from that. */
export async function startProgram(
  environment: Readonly<Record<string, string>>,
  clock?: Clock,
): Promise<Program> {
  const lines: Line[] = [];
  const stopping = new AbortController();
  const ports = Promise.withResolvers<{ readonly grpc: number; readonly metrics: number }>();
  const line =
    (level: Line['level']) =>
    (details: Readonly<Record<string, unknown>>, message: string): void => {
      lines.push({ level, details, message });
      if (message !== 'windvane-scaler is running') return;
      ports.resolve({ grpc: Number(details['grpc']), metrics: Number(details['metrics']) });
    };
  const log = { info: line('info'), warn: line('warn'), error: line('error') };
  const free = { WINDVANE_LISTEN: '127.0.0.1:0', WINDVANE_METRICS_LISTEN: '127.0.0.1:0' };
  const running = run({ ...free, ...environment }, stopping.signal, { log, ...(clock && { clock }) });
  running.catch((error: unknown) => ports.reject(error));
  const { grpc, metrics } = await ports.promise;
  return {
    grpc: `127.0.0.1:${grpc}`,
    metrics: `http://127.0.0.1:${metrics}`,
    lines,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
