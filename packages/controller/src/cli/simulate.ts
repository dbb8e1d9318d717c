import type { Writable } from 'node:stream';
import { parseInstant } from '@windvane/carbon-map';
import { parseDuration } from '../config/duration.ts';
import { UserError } from '../config/user-error.ts';
import { createProgress } from '../simulate/progress.ts';
import { renderSimulation, renderTemporal, renderWorkloads } from '../simulate/render.ts';
import {
  runSimulate,
  runTemporal,
  type SimulateOptions,
  type TemporalOptions,
} from '../simulate/simulate.ts';
import { SimulationError } from '../simulate/simulation-error.ts';
import { runWorkloads } from '../simulate/workloads.ts';
import type { ExitCode, Output } from './output.ts';

/** Options of the command line, all values as texts. */
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
      | 'replicas'
      | 'objective'
      | 'prices'
      | 'carbonPrice'
      | 'workloads'
      | 'job'
      | 'slack'
      | 'jobs',
      string
    >
  >
> & { readonly temporal?: boolean; readonly json?: boolean };

/**
 * `windvane simulate`: what the engine would have saved on recorded intensities, against simpler rules and the
 * optimum. With `--temporal` or `--jobs`, for jobs that wait instead of services that move.
 */
export async function simulate(
  written: SimulateArguments,
  output: Output,
  stderr: Writable & { readonly isTTY?: boolean },
): Promise<ExitCode> {
  const run = written.temporal === true || written.jobs !== undefined ? simulateJobs : simulatePlacement;
  const progress = createProgress(stderr);
  try {
    const notes: string[] = [];
    const { text, result } = await run(written, progress.advance, (line) => void notes.push(line));
    progress.end();
    for (const line of notes) output.line(line);
    output.line(text);
    if (written.json === true) output.json(result);
    return 0;
  } catch (error) {
    progress.end();
    throw error instanceof SimulationError ? new UserError(error.message) : error;
  }
}

interface Simulated {
  readonly text: string;
  readonly result: object;
}

type OnProgress = NonNullable<SimulateOptions['onProgress']>;
type OnNote = NonNullable<SimulateOptions['onNote']>;

async function simulatePlacement(
  written: SimulateArguments,
  onProgress: OnProgress,
  onNote: OnNote,
): Promise<Simulated> {
  const options = { ...simulateOptions(written), onProgress, onNote };
  if (written.workloads !== undefined) {
    const all = await runWorkloads(written.workloads, options);
    return { text: renderWorkloads(all), result: all };
  }
  const result = await runSimulate(options);
  return { text: renderSimulation(result), result };
}

async function simulateJobs(
  written: SimulateArguments,
  onProgress: OnProgress,
  onNote: OnNote,
): Promise<Simulated> {
  const result = await runTemporal({ ...temporalOptions(written), onProgress, onNote });
  return { text: renderTemporal(result), result };
}

/** Checks the command line of a simulation of placements. Throws UserError. */
export function simulateOptions(written: SimulateArguments): SimulateOptions {
  const { profile } = written;
  refuse(written, ['job', 'slack'], 'belongs to --temporal: write that too or leave it out');
  if (profile !== undefined && profile !== 'ideal' && profile !== 'production') {
    throw new UserError(`--profile: "${profile}" is unknown: write ideal or production`);
  }
  if (written.workloads !== undefined) {
    refuse(written, ['replicas'], 'belongs to one workload: with --workloads the file says it');
  }
  if (written.workloads === undefined && profile !== 'production') {
    refuse(
      written,
      ['replicas'],
      'says nothing without --profile production: write that too or leave it out',
    );
  }
  return {
    ...replayOptions(written),
    ...pricing(written),
    ...given('moveCost', duration('--move-cost', written.moveCost)),
    ...given('maxSharePercent', count('--max-share', written.maxShare, 1, 100)),
    ...given('replicas', count('--replicas', written.replicas, 1, 100_000)),
    ...(profile === undefined ? {} : { profile }),
  };
}

/** What is counted, and the prices that this needs. */
function pricing(
  written: SimulateArguments,
): Pick<SimulateOptions, 'objective' | 'prices' | 'carbonPricePerKg'> {
  const { objective = 'carbon', prices, carbonPrice, workloads } = written;
  if (objective !== 'carbon' && objective !== 'cost' && objective !== 'blended') {
    throw new UserError(`--objective: "${objective}" is unknown: write carbon, cost or blended`);
  }
  // The workloads of a file may have objectives of their own.
  const own = workloads !== undefined;
  if (objective !== 'carbon' && prices === undefined) {
    throw new UserError(`--objective ${objective} needs --prices: name a CSV of prices`);
  }
  if (objective === 'carbon' && !own)
    refuse(written, ['prices', 'carbonPrice'], 'says nothing under --objective carbon');
  if (objective === 'cost' && !own) refuse(written, ['carbonPrice'], 'says nothing under --objective cost');
  if (objective === 'blended' && carbonPrice === undefined) {
    throw new UserError(
      '--objective blended needs --carbon-price: what a kg of CO2e is worth, for example 0.08',
    );
  }
  return {
    ...(objective === 'carbon' ? {} : { objective }),
    ...given('prices', prices),
    ...given('carbonPricePerKg', amount('--carbon-price', carbonPrice)),
  };
}

const DEFAULT_JOB = '6h';
const DEFAULT_SLACK = '24h';

/** Checks the command line of a simulation of jobs. Throws UserError. */
export function temporalOptions(written: SimulateArguments): TemporalOptions {
  const { jobs, job = DEFAULT_JOB, slack = DEFAULT_SLACK } = written;
  refuse(
    written,
    ['moveCost', 'maxShare', 'profile', 'replicas', 'objective', 'prices', 'carbonPrice', 'workloads'],
    'says nothing about jobs: leave it out, or leave out --temporal and --jobs',
  );
  const replay = replayOptions(written);
  if (jobs !== undefined) {
    if (written.temporal === true) throw new UserError('--temporal and --jobs: write one of the two');
    refuse(written, ['job', 'slack'], 'belongs to --temporal: with --jobs the file says it');
    return { ...replay, jobs };
  }
  const jobDuration = duration('--job', job) ?? 0;
  if (jobDuration === 0) throw new UserError(`--job: "${job}" is no time at all: write for example 6h`);
  return { ...replay, jobDuration, slack: duration('--slack', slack) ?? 0 };
}

/** What every simulation reads. */
function replayOptions(
  written: SimulateArguments,
): Pick<SimulateOptions, 'traces' | 'clusters' | 'forecasts' | 'dataLag' | 'from' | 'to'> {
  const { traces, forecasts } = written;
  if (traces === undefined) throw new UserError('--traces is missing: name a CSV of recorded intensities');
  return {
    traces,
    clusters: clustersOf(written.clusters),
    ...given('forecasts', forecasts),
    ...given('dataLag', duration('--data-lag', written.dataLag)),
    ...given('from', instant('--from', written.from)),
    ...given('to', instant('--to', written.to)),
  };
}

const FLAGS = {
  moveCost: '--move-cost',
  maxShare: '--max-share',
  profile: '--profile',
  replicas: '--replicas',
  objective: '--objective',
  prices: '--prices',
  carbonPrice: '--carbon-price',
  workloads: '--workloads',
  job: '--job',
  slack: '--slack',
} as const;

function refuse(written: SimulateArguments, names: readonly (keyof typeof FLAGS)[], why: string): void {
  const wrong = names.find((name) => written[name] !== undefined);
  if (wrong !== undefined) throw new UserError(`${FLAGS[wrong]} ${why}`);
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

function amount(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new UserError(`${option}: "${text}" cannot be used: write a number that is not negative`);
}

function given<K extends string, T>(name: K, value: T | undefined): { readonly [P in K]?: T } {
  const set: { [P in K]?: T } = {};
  if (value !== undefined) set[name] = value;
  return set;
}
