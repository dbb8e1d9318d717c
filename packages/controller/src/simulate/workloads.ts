import type { Objective } from '../engine/problem.ts';
import {
  fleetOf,
  type PolicyName,
  percentBelow,
  readReplay,
  type SimulateOptions,
  type SimulateResult,
  simulateFleet,
} from './simulate.ts';
import { SimulationError } from './simulation-error.ts';
import { readWorkloads, type SimulatedWorkload } from './workloads-file.ts';

/** The JSON of `windvane simulate --workloads`. */
export interface WorkloadsResult {
  readonly hours: number;
  readonly clusters: SimulateResult['clusters'];
  readonly workloads: readonly WorkloadResult[];
  /** All of them together. */
  readonly policies: Readonly<Record<PolicyName, TotalResult>>;
}

interface WorkloadResult {
  readonly name: string;
  readonly replicas: number;
  readonly watts: number;
  readonly objective: Objective;
  readonly policies: SimulateResult['policies'];
}

interface TotalResult {
  /** CO2e of all replicas over all hours. */
  readonly kilograms: number;
  /** Saving of carbon against `even`, in percent. */
  readonly savingPercent: number;
}

const PERCENT_OF_SHARE = 100;

/**
 * Simulates every workload by itself, each with its own objective, places and move cost, and sums up their carbon.
 * Workloads that differ only in name and size are simulated once. Throws {@link SimulationError}.
 */
export async function runWorkloads(path: string, options: SimulateOptions): Promise<WorkloadsResult> {
  const replay = await readReplay(options);
  const workloads = await readWorkloads(
    path,
    options.clusters.map(({ name }) => name),
  );
  const groups = Map.groupBy(workloads, kindOf);
  const results = new Map<string, SimulateResult>();
  let done = 0;
  for (const [kind, [first]] of groups) {
    if (first === undefined) continue;
    const { objective, watts } = { ...first, objective: first.objective ?? replay.valuation.objective };
    const valuation = { ...replay.valuation, objective, wattsPerReplica: watts };
    const before = done;
    const fleet = named(first, () => fleetOf({ ...replay, valuation }, optionsFor(options, first)));
    const onProgress = (hour: number, of: number) => options.onProgress?.(before + hour / of, groups.size);
    results.set(kind, simulateFleet(fleet, { ...options, replicas: first.replicas, onProgress }));
    done++;
  }
  return summary(options, workloads, results, replay.valuation.objective);
}

/** What two workloads have to share to fare alike. */
function kindOf(workload: SimulatedWorkload): string {
  return JSON.stringify({ ...workload, name: null });
}

function optionsFor(options: SimulateOptions, workload: SimulatedWorkload): SimulateOptions {
  const { clusters, moveHours, maxSharePercent } = workload;
  return {
    ...options,
    clusters: options.clusters.filter(({ name }) => clusters === null || clusters.includes(name)),
    ...(moveHours === null ? {} : { moveCost: moveHours * 3_600_000 }),
    ...(maxSharePercent === null ? {} : { maxSharePercent: Math.min(PERCENT_OF_SHARE, maxSharePercent) }),
  };
}

function named<T>({ name }: SimulatedWorkload, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw error instanceof SimulationError
      ? new SimulationError(`workload ${name}: ${error.message}`)
      : error;
  }
}

function summary(
  options: SimulateOptions,
  workloads: readonly SimulatedWorkload[],
  results: ReadonlyMap<string, SimulateResult>,
  objective: Objective,
): WorkloadsResult {
  const told = workloads.flatMap((workload) => {
    const result = results.get(kindOf(workload));
    return result === undefined ? [] : [{ workload, result }];
  });
  const kilograms = (policy: PolicyName) =>
    told.reduce((sum, { workload, result }) => {
      const kilowattHours = (workload.replicas * workload.watts * result.hours) / 1000;
      return sum + (kilowattHours * result.policies[policy].gramsPerKwh) / 1000;
    }, 0);
  const total = (policy: PolicyName): TotalResult => ({
    kilograms: kilograms(policy),
    savingPercent: percentBelow(kilograms(policy), kilograms('even')),
  });
  return {
    hours: Math.max(0, ...told.map(({ result }) => result.hours)),
    clusters: options.clusters,
    workloads: told.map(({ workload, result }) => ({
      name: workload.name,
      replicas: workload.replicas,
      watts: workload.watts,
      objective: workload.objective ?? objective,
      policies: result.policies,
    })),
    policies: {
      even: total('even'),
      bestStatic: total('bestStatic'),
      greedy: total('greedy'),
      hysteresis: total('hysteresis'),
      windvane: total('windvane'),
      optimum: total('optimum'),
    },
  };
}
