#!/usr/bin/env node
import process from 'node:process';
import { UserError } from '@windvane/controller/config';
import { connectKube, KubeError } from '@windvane/controller/kube';
import { readSettings } from '../config/settings.ts';
import { type CommandLine, readCommandLine } from './command-line.ts';
import { doctor, run } from './run.ts';
import { uninstall, uninstallText } from './uninstall.ts';

const USAGE = `windvane-scaler [run]        answers KEDA, set by its environment (docs/scaler.md)
windvane-scaler doctor [--json]
                             says what a scaler with these settings would stand on, and which triggers need mending
windvane-scaler uninstall [--release] [--json]
                             lists what would stay at zero without the scaler, and lets it go with --release
`;

const stopping = new AbortController();
let heeded = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // A verb that does not heed it has nothing to end in order, and whoever asks twice does not want to wait.
    if (!heeded || stopping.signal.aborted) process.exit(130);
    stopping.abort();
  });
}

async function runUninstall({ release, json }: CommandLine): Promise<void> {
  const { kubeconfig, namespace, address } = readSettings(process.env);
  const api = connectKube(kubeconfig === null ? {} : { path: kubeconfig });
  const report = await uninstall({ api, namespace, scalerAddress: address, release });
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : uninstallText(report));
  // Something stays behind: a script may want to stop here.
  if (report.held.some(({ released }) => !released)) process.exitCode = 2;
}

async function runDoctor({ json }: CommandLine): Promise<void> {
  const findings = await doctor(process.env, stopping.signal);
  for (const { level, subject, message } of json ? [] : findings) {
    process.stdout.write(`${level.padEnd(8)} ${subject}: ${message}\n`);
  }
  if (json) process.stdout.write(`${JSON.stringify({ findings })}\n`);
  if (findings.some(({ level }) => level === 'error')) process.exitCode = 1;
}

// A closed pipe (`windvane-scaler doctor | head`) is an end, not a failure.
process.stdout.on('error', () => process.exit(0));

// Timers of the clock keep no process alive, but a command that waits for one is not at its end.
const alive = setInterval(() => {}, 2 ** 30);
try {
  const line = readCommandLine(process.argv.slice(2));
  if (line.verb === 'help') process.stdout.write(USAGE);
  else if (line.verb === 'uninstall') await runUninstall(line);
  else if (line.verb === 'doctor') await runDoctor(line);
  else {
    heeded = true;
    await run(process.env, stopping.signal);
  }
} catch (error) {
  if (!(error instanceof UserError) && !(error instanceof KubeError)) throw error;
  const lines = error instanceof UserError ? error.lines : [error.message];
  for (const line of lines) process.stderr.write(`windvane-scaler: ${line}\n`);
  process.exitCode = 2;
} finally {
  clearInterval(alive);
}
