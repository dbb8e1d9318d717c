#!/usr/bin/env node
import process from 'node:process';
import { UserError } from '@windvane/controller/config';
import { run } from './run.ts';

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // Whoever asks twice does not want to wait.
    if (stopping.signal.aborted) process.exit(130);
    stopping.abort();
  });
}

try {
  await run(process.env, stopping.signal);
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  for (const line of error.lines) process.stderr.write(`windvane-scaler: ${line}\n`);
  process.exitCode = 2;
}
