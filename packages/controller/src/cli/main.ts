#!/usr/bin/env node
import process from 'node:process';
import { runProgram } from './program.ts';

const stopping = new AbortController();
let heeded = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // A verb that does not heed it has nothing to end in order, and whoever asks twice does not want to wait.
    if (!heeded || stopping.signal.aborted) process.exit(130);
    stopping.abort();
  });
}
// A closed pipe (`windvane map | head`) is an end, not a failure.
process.stdout.on('error', () => process.exit(0));

// Timers of the clock keep no process alive, but a command that waits for one is not at its end.
const alive = setInterval(() => {}, 2 ** 30);
process.exitCode = await runProgram(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  heedStop() {
    heeded = true;
    return stopping.signal;
  },
});
clearInterval(alive);
