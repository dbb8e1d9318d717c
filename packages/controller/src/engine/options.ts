import type { ClusterOption, PlacementProblem } from './problem.ts';

/**
 * What may be done with a cluster.
 * `feed`: it may gain and lose. `leave`: it may only lose, and shall. `fixed`: it keeps exactly what it has.
 */
export type Role = 'feed' | 'leave' | 'fixed';

/** One cluster of a problem, judged. */
export interface JudgedCluster {
  readonly name: string;
  readonly option: ClusterOption;
  readonly role: Role;
  /** Why it is not `feed`; null when it is. */
  readonly barrier: 'not-ready' | 'outside-locations' | 'avoid' | 'no-data' | null;
  /** Cost of one replica for each hour from the present one on, in the objective's unit; empty without data. */
  readonly costs: Float64Array;
  /** What one gCO2eq per kWh more, before PUE, adds to a cost. */
  readonly costPerGram: number;
}

/** Hours that a decision looks at, the present one included. Longer horizons did not help on real traces. */
export const HORIZON_HOURS = 25;

/** Without any forecast the present value is believed for this long: a band of 12 % for a move cost of half an hour. */
const PERSISTENCE_HOURS = 4;

const HOUR_MS = 3_600_000;

/** Judges every cluster, in ascending order of names: the order of the input carries no meaning. */
export function judgeClusters(problem: PlacementProblem): JudgedCluster[] {
  const hours = horizonHours(problem);
  return problem.clusters
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((option) => {
      const costs = hourlyCosts(problem, option, hours);
      const barrier = barrierOf(option, costs);
      const costPerGram = costModel(problem, option).perGram * (option.pue ?? 1);
      return { name: option.name, option, role: roleOf(option, barrier), barrier, costs, costPerGram };
    });
}

function barrierOf(option: ClusterOption, costs: Float64Array): JudgedCluster['barrier'] {
  if (!option.allowed) return 'outside-locations';
  if (option.avoid) return 'avoid';
  if (!option.ready) return 'not-ready';
  return costs.length === 0 ? 'no-data' : null;
}

function roleOf(option: ClusterOption, barrier: JudgedCluster['barrier']): Role {
  if (barrier === null) return 'feed';
  // Work in a cluster that does not answer cannot be moved by guarded steps.
  if (!option.ready) return 'fixed';
  return barrier === 'no-data' ? 'fixed' : 'leave';
}

/**
 * Expected cost of one replica per hour: grams per kWh for `carbon`, money for `cost`, money with the carbon price for
 * `blended`. The horizon is the shortest forecast among the clusters of the problem, so that sums are comparable.
 */
function hourlyCosts(problem: PlacementProblem, option: ClusterOption, hours: number): Float64Array {
  if (option.gramsPerKwh === null || option.zone === null) return new Float64Array(0);
  if (problem.objective !== 'carbon' && option.pricePerReplicaHour === null) return new Float64Array(0);
  const { fixed, perGram } = costModel(problem, option);
  const costs = new Float64Array(hours);
  for (let hour = 0; hour < hours; hour++) {
    costs[hour] = fixed + perGram * expectedGrams(problem, option, hour);
  }
  return costs;
}

/** cost = fixed + perGram x gCO2eq per kWh. */
function costModel(
  problem: PlacementProblem,
  option: ClusterOption,
): { readonly fixed: number; readonly perGram: number } {
  if (problem.objective === 'carbon') return { fixed: 0, perGram: 1 };
  const fixed = option.pricePerReplicaHour ?? 0;
  if (problem.objective === 'cost') return { fixed, perGram: 0 };
  const kilowatts = problem.wattsPerReplica / 1000;
  return { fixed, perGram: (kilowatts * problem.carbonPricePerKg) / 1000 };
}

/** Hours on which clusters are compared. */
function horizonHours(problem: PlacementProblem): number {
  let hours = HORIZON_HOURS;
  for (const option of problem.clusters) {
    if (option.gramsPerKwh === null) continue;
    const covered = forecastHours(problem, option);
    hours = Math.min(hours, Math.max(covered, PERSISTENCE_HOURS));
  }
  return hours;
}

function forecastHours(problem: PlacementProblem, option: ClusterOption): number {
  const last = option.forecast.at(-1);
  if (last === undefined) return 0;
  return Math.max(0, Math.ceil((last.at + problem.forecastResolution - problem.at) / HOUR_MS));
}

/** Mean of the forecast over one hour from now; the present hour and hours beyond the forecast take the reading. */
function expectedGrams(problem: PlacementProblem, option: ClusterOption, hour: number): number {
  const present = option.gramsPerKwh ?? 0;
  if (hour === 0) return present;
  const resolution = problem.forecastResolution;
  const first = option.forecast[0];
  if (first === undefined) return present;
  const from = problem.at + hour * HOUR_MS;
  const start = Math.floor((from - first.at) / resolution);
  const end = Math.max(start + 1, Math.floor((from + HOUR_MS - first.at) / resolution));
  let sum = 0;
  let count = 0;
  for (let index = Math.max(0, start); index < end && index < option.forecast.length; index++) {
    sum += option.forecast[index]?.gramsPerKwh ?? 0;
    count++;
  }
  return count === 0 ? present : sum / count;
}
