import type { Objective } from '../engine/problem.ts';
import { type Account, accountOf } from './account.ts';
import { missingNote, repeatedNote } from './csv.ts';
import { createFleet, type SimulatedFleet } from './fleet.ts';
import { readJobs } from './jobs-file.ts';
import { optimum } from './optimum.ts';
import { bestStatic, even, greedy, hysteresis } from './policies.ts';
import { type PriceTraces, readPrices } from './prices.ts';
import { SimulationError } from './simulation-error.ts';
import { regularJobs, simulateJobs, type TemporalResult } from './temporal.ts';
import { type ForecastRuns, type IntensityTrace, readForecasts, readIntensity } from './traces.ts';
import { CARBON_ONLY, type Valuation } from './valuation.ts';
import { idealProfile, productionProfile, windvane } from './windvane.ts';

/** What `windvane simulate` is asked. */
export interface SimulateOptions {
  /** CSV as `timestamp_utc,zone,carbon_intensity_g_per_kwh`, hourly. */
  readonly traces: string;
  /** CSV, may be gzipped, as `issued_at,target_time,zone,forecast`. */
  readonly forecasts?: string;
  readonly clusters: readonly { readonly name: string; readonly zone: string }[];
  /** Work that a move loses, in milliseconds; half an hour when not given. */
  readonly moveCost?: number;
  /** Largest share of one cluster in whole percent, 1..100. */
  readonly maxSharePercent?: number;
  /** How late actual values are known, in milliseconds; rounded up to hours. */
  readonly dataLag?: number;
  /** Instants in milliseconds. Rows before `from` are history. */
  readonly from?: number;
  readonly to?: number;
  /** What is counted; `carbon` when not given. The others need `prices`. */
  readonly objective?: Objective;
  /** CSV as `timestamp_utc,zone,price_per_kwh` or `timestamp_utc,cluster,price_per_replica_hour`. */
  readonly prices?: string;
  /** Worth of a kg of CO2e in the currency of the prices, for `blended`. */
  readonly carbonPricePerKg?: number;
  readonly profile?: 'ideal' | 'production';
  /** Replicas of the Deployment under `production`. */
  readonly replicas?: number;
  readonly onProgress?: (done: number, of: number) => void;
  /** Told, once each, what was made of a file that does not say one value an hour. */
  readonly onNote?: (line: string) => void;
}

export const POLICIES = ['even', 'bestStatic', 'greedy', 'hysteresis', 'windvane', 'optimum'] as const;
export type PolicyName = (typeof POLICIES)[number];

/** One policy's figures. */
interface PolicyResult extends Omit<Account, 'cost'> {
  /** Money per replica and hour, under objectives that count it. */
  readonly costPerHour?: number;
  /** Saving against `even`, in percent of what the objective counts. */
  readonly savingPercent: number;
  /** Cost above `optimum`, in percent of it. */
  readonly regretPercent: number;
}

/** The JSON of `windvane simulate --json`. */
export interface SimulateResult {
  readonly hours: number;
  readonly clusters: readonly { readonly name: string; readonly zone: string }[];
  readonly moveCostHours: number;
  /** Named unless it is `carbon`. */
  readonly objective?: Objective;
  readonly policies: Readonly<Record<PolicyName, PolicyResult>>;
}

const HOUR_MS = 3_600_000;
const DEFAULT_MOVE_COST = HOUR_MS / 2;
const DEFAULT_REPLICAS = 20;

/** Reads the files and simulates placements. Throws {@link SimulationError} for what a user can mend. */
export async function runSimulate(options: SimulateOptions): Promise<SimulateResult> {
  return simulateFleet(await fleetFor(options), options);
}

/** What `windvane simulate --temporal` and `--jobs` are asked beside the fleet. */
export type TemporalOptions = Omit<
  SimulateOptions,
  'profile' | 'replicas' | 'maxSharePercent' | 'moveCost' | 'objective' | 'prices' | 'carbonPricePerKg'
> &
  (
    | { readonly jobDuration: number; readonly slack: number }
    /** JSON lines of `{id, createdAt, startBy, duration, cluster}`. */
    | { readonly jobs: string }
  );

/** Simulates jobs that wait for their time, and with a jobs file for their place too. Throws {@link SimulationError}. */
export async function runTemporal(options: TemporalOptions): Promise<TemporalResult> {
  const fleet = await fleetFor(options);
  const jobs =
    'jobs' in options
      ? await readJobs(options.jobs, fleet)
      : regularJobs(fleet, options.jobDuration / HOUR_MS, Math.floor(options.slack / HOUR_MS));
  if (jobs.length === 0) throw new SimulationError('no job fits between --from and --to');
  return simulateJobs(fleet, jobs, options.onProgress);
}

async function fleetFor(options: SimulateOptions): Promise<SimulatedFleet> {
  return fleetOf(await readReplay(options), options);
}

/** The files of a simulation, read. */
export interface Replay {
  readonly traces: ReadonlyMap<string, IntensityTrace>;
  readonly forecasts: ReadonlyMap<string, ForecastRuns> | null;
  readonly valuation: Valuation;
}

/** Reads the files. Throws {@link SimulationError}. */
export async function readReplay(options: SimulateOptions): Promise<Replay> {
  const { objective = 'carbon', carbonPricePerKg = 0 } = options;
  const traces = await readIntensity(options.traces);
  const prices = options.prices === undefined ? null : await readPrices(options.prices);
  for (const line of notesOf(options, traces, prices)) options.onNote?.(line);
  return {
    traces,
    forecasts: options.forecasts === undefined ? null : await readForecasts(options.forecasts),
    valuation: {
      ...CARBON_ONLY,
      objective,
      prices,
      carbonPricePerKg,
    },
  };
}

/** Of the zones and clusters that take part; a price holds until the next, so that hours without one are no gap. */
function notesOf(options: SimulateOptions, traces: Replay['traces'], prices: PriceTraces | null): string[] {
  const names = new Set(options.clusters.flatMap(({ name, zone }) => [name, zone]));
  const used = new Map([...traces].filter(([zone]) => options.clusters.some((each) => each.zone === zone)));
  const priced = new Map([...(prices?.byKey ?? [])].filter(([key]) => names.has(key)));
  return [
    ...repeatedNote(options.traces, used),
    ...missingNote(options.traces, used),
    ...repeatedNote(prices?.file ?? '', priced),
  ];
}

/** The fleet that the options describe. Throws {@link SimulationError}. */
export function fleetOf(replay: Replay, options: SimulateOptions): SimulatedFleet {
  const maxSharePercent = options.maxSharePercent ?? 100;
  if (!Number.isInteger(maxSharePercent) || maxSharePercent < 1 || maxSharePercent > 100) {
    throw new SimulationError(`--max-share ${maxSharePercent} must be a whole percent from 1 to 100`);
  }
  return createFleet({
    ...replay,
    clusters: options.clusters,
    from: options.from === undefined ? null : Math.ceil(options.from / HOUR_MS),
    to: options.to === undefined ? null : Math.ceil(options.to / HOUR_MS),
    lag: Math.ceil((options.dataLag ?? 0) / HOUR_MS),
    maxSharePercent,
    moveHours: (options.moveCost ?? DEFAULT_MOVE_COST) / HOUR_MS,
  });
}

/** Runs every policy over one fleet. */
export function simulateFleet(
  fleet: SimulatedFleet,
  options: Pick<SimulateOptions, 'profile' | 'replicas' | 'onProgress'>,
): SimulateResult {
  const profile =
    options.profile === 'production'
      ? productionProfile(fleet, options.replicas ?? DEFAULT_REPLICAS)
      : idealProfile(fleet);
  const accounts = {
    even: accountOf(fleet, even(fleet)),
    bestStatic: accountOf(fleet, bestStatic(fleet)),
    greedy: accountOf(fleet, greedy(fleet)),
    hysteresis: accountOf(fleet, hysteresis(fleet)),
    windvane: accountOf(fleet, windvane(fleet, profile, options.onProgress)),
    optimum: accountOf(fleet, optimum(fleet)),
  };
  const { objective } = fleet.valuation;
  const result = (name: PolicyName): PolicyResult => {
    const { gramsPerKwh, cost, movesPerWeek } = accounts[name];
    return {
      gramsPerKwh,
      ...(objective === 'carbon' ? {} : { costPerHour: cost }),
      movesPerWeek,
      savingPercent: percentBelow(cost, accounts.even.cost),
      regretPercent: -percentBelow(cost, accounts.optimum.cost),
    };
  };
  return {
    hours: fleet.to - fleet.from,
    clusters: fleet.clusters.map(({ name, zone }) => ({ name, zone })),
    moveCostHours: fleet.moveHours,
    ...(objective === 'carbon' ? {} : { objective }),
    policies: {
      even: result('even'),
      bestStatic: result('bestStatic'),
      greedy: result('greedy'),
      hysteresis: result('hysteresis'),
      windvane: result('windvane'),
      optimum: result('optimum'),
    },
  };
}

/** A cost can be below 0 where prices are: the part is of its size. */
export function percentBelow(value: number, reference: number): number {
  return reference === 0 ? 0 : (100 * (reference - value)) / Math.abs(reference);
}
