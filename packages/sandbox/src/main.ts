#!/usr/bin/env node
import { runSandbox } from './cli.ts';

const ended = new Promise((resolve) => {
  process.once('SIGINT', resolve);
  process.once('SIGTERM', resolve);
});

process.exitCode = await runSandbox(
  process.argv.slice(2),
  {
    info: (line) => void process.stdout.write(`${line}\n`),
    error: (line) => void process.stderr.write(`${line}\n`),
  },
  ended,
);
