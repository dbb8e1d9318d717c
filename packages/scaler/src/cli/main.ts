#!/usr/bin/env node
import process from 'node:process';
import { parseArgs } from 'node:util';
import { UserError } from '@windvane/controller/config';
import { connectKube, KubeError } from '@windvane/controller/kube';
import { readSettings } from '../config/settings.ts';
import { doctor, run } from './run.ts';
import { uninstall, uninstallText } from './uninstall.ts';

const USAGE = `windvane-scaler              answers KEDA, set by its environment (docs/scaler.md)
windvane-scaler doctor [--json]
                             says what a scaler with these settings would stand on, and which triggers need mending
windvane-scaler uninstall [--release] [--json]
                             lists what would stay at zero without the scaler, and lets it go`;

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // Whoever asks twice does not want to wait.
    if (stopping.signal.aborted) process.exit(130);
    stopping.abort();
  });
}

async function runUninstall(args: readonly string[]): Promise<void> {
  const { release, json } = parse(args);
  const { kubeconfig, namespace, address } = readSettings(process.env);
  const api = connectKube(kubeconfig === null ? {} : { path: kubeconfig });
  const report = await uninstall({ api, namespace, scalerAddress: address, release });
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : uninstallText(report));
  // Something stays behind: a script may want to stop here.
  if (report.held.some(({ released }) => !released)) process.exitCode = 2;
}

async function runDoctor(json: boolean): Promise<void> {
  const findings = await doctor(process.env, stopping.signal);
  for (const { level, subject, message } of json ? [] : findings) {
    process.stdout.write(`${level.padEnd(8)} ${subject}: ${message}\n`);
  }
  if (json) process.stdout.write(`${JSON.stringify({ findings })}\n`);
  if (findings.some(({ level }) => level === 'error')) process.exitCode = 1;
}

function parse(args: readonly string[]): { readonly release: boolean; readonly json: boolean } {
  try {
    const options = {
      release: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UserError([error instanceof Error ? error.message : String(error), ...USAGE.split('\n')]);
  }
}

// Timers of the clock keep no process alive, but a command that waits for one is not at its end.
const alive = setInterval(() => {}, 2 ** 30);
try {
  const [verb = 'run', ...rest] = process.argv.slice(2);
  if (verb === 'uninstall') await runUninstall(rest);
  else if (verb === 'doctor' && rest.every((option) => option === '--json')) await runDoctor(rest.length > 0);
  else if (verb === 'run' && rest.length === 0) await run(process.env, stopping.signal);
  else throw new UserError([`"${process.argv.slice(2).join(' ')}" is not understood`, ...USAGE.split('\n')]);
} catch (error) {
  if (!(error instanceof UserError) && !(error instanceof KubeError)) throw error;
  const lines = error instanceof UserError ? error.lines : [error.message];
  for (const line of lines) process.stderr.write(`windvane-scaler: ${line}\n`);
  process.exitCode = 2;
} finally {
  clearInterval(alive);
}
