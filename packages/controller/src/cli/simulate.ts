import { parseInstant } from '@windvane/carbon-map';
import { parseDuration } from '../config/duration.ts';
import { UserError } from '../config/user-error.ts';
import { renderSimulation } from '../simulate/render.ts';
import { runSimulate, type SimulateOptions } from '../simulate/simulate.ts';
import { SimulationError } from '../simulate/traces.ts';
import type { ExitCode, Output } from './output.ts';

/** Options of the command line, all as texts. */
export type SimulateArguments = Readonly<
  Partial<
    Record<
      | 'traces'
      | 'forecasts'
      | 'clusters'
      | 'moveCost'
      | 'maxShare'
      | 'dataLag'
      | 'from'
      | 'to'
      | 'profile'
      | 'replicas',
      string
    >
  >
> & { readonly json?: boolean };

/** `windvane simulate`: what the engine would have saved on recorded intensities, against simpler rules and the optimum. */
export async function simulate(written: SimulateArguments, output: Output): Promise<ExitCode> {
  const options = simulateOptions(written);
  try {
    const result = await runSimulate(options);
    output.line(renderSimulation(result));
    if (written.json === true) output.json(result);
    return 0;
  } catch (error) {
    throw error instanceof SimulationError ? new UserError(error.message) : error;
  }
}

/** Checks the command line. Throws UserError. */
export function simulateOptions(written: SimulateArguments): SimulateOptions {
  const { traces, forecasts, profile } = written;
  if (traces === undefined) throw new UserError('--traces is missing: name a CSV of recorded intensities');
  if (profile !== undefined && profile !== 'ideal' && profile !== 'production') {
    throw new UserError(`--profile: "${profile}" is unknown: write ideal or production`);
  }
  return {
    traces,
    clusters: clustersOf(written.clusters),
    ...(forecasts === undefined ? {} : { forecasts }),
    ...given('moveCost', duration('--move-cost', written.moveCost)),
    ...given('dataLag', duration('--data-lag', written.dataLag)),
    ...given('maxSharePercent', count('--max-share', written.maxShare, 1, 100)),
    ...given('replicas', count('--replicas', written.replicas, 1, 100_000)),
    ...given('from', instant('--from', written.from)),
    ...given('to', instant('--to', written.to)),
    ...(profile === undefined ? {} : { profile }),
  };
}

/** `NAME=ZONE[,...]`; a zone alone is its own name. */
function clustersOf(text: string | undefined): SimulateOptions['clusters'] {
  if (text === undefined)
    throw new UserError('--clusters is missing: write NAME=ZONE[,...], for example a=DE,b=FR');
  const clusters = text.split(',').map((entry) => {
    const [name = '', zone = name, ...more] = entry.split('=').map((part) => part.trim());
    if (name !== '' && zone !== '' && more.length === 0) return { name, zone };
    throw new UserError(
      `--clusters: "${entry}" cannot be read: write NAME=ZONE[,...], for example a=DE,b=FR`,
    );
  });
  const twice = clusters.find(
    ({ name }, index) => clusters.findIndex((other) => other.name === name) !== index,
  );
  if (twice !== undefined)
    throw new UserError(`--clusters: the name "${twice.name}" stands twice: give each its own`);
  return clusters;
}

function duration(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const length = parseDuration(text);
  if (length !== null) return length;
  throw new UserError(`${option}: "${text}" is not a duration: write for example 30m or 1h`);
}

function instant(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const at = parseInstant(text);
  if (at !== null) return at;
  throw new UserError(
    `${option}: "${text}" is not an instant: write RFC 3339, for example 2022-06-01T00:00Z`,
  );
}

function count(option: string, text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new UserError(`${option}: "${text}" cannot be used: write a whole number from ${min} to ${max}`);
}

function given<K extends string, T>(name: K, value: T | undefined): { readonly [P in K]?: T } {
  const set: { [P in K]?: T } = {};
  if (value !== undefined) set[name] = value;
  return set;
}
