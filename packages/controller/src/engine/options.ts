import { type CostTerms, costModel } from './cost.ts';
import type { ClusterOption, PlacementProblem } from './problem.ts';

/**
 * What may be done with a cluster.
 * `feed`: it may gain and lose. `leave`: it may only lose, and shall. `fixed`: it keeps exactly what it has.
 */
type Role = 'feed' | 'leave' | 'fixed';

/** One cluster of a problem, judged. */
export interface JudgedCluster {
  readonly name: string;
  readonly option: ClusterOption;
  readonly role: Role;
  /** Why it is not `feed`; null when it is. */
  readonly barrier: 'not-ready' | 'outside-locations' | 'avoid' | 'no-data' | 'no-price' | null;
  /** Cost of one replica for each hour from the present one on, in the objective's unit; empty without data. */
  readonly costs: Float64Array;
  /** Mean of the costs over the horizon; infinite without data, so that it comes last. */
  readonly meanCost: number;
  /** What one gCO2eq per kWh more, before PUE, adds to a cost. */
  readonly costPerGram: number;
}

/** Hours that a decision looks at, the present one included. Longer horizons did not help on real traces. */
export const HORIZON_HOURS = 25;

/** Without any forecast the present value is believed for this long: a band of 12 % for a move cost of half an hour. */
const PERSISTENCE_HOURS = 4;

const HOUR_MS = 3_600_000;

/**
 * Units of one class share their list of options, and so their judgement: it is remembered for as long as that very
 * list lives. The answer is the same as without memory.
 */
const memory = new WeakMap<
  readonly ClusterOption[],
  { readonly terms: CostTerms; readonly judged: readonly JudgedCluster[] }
>();

/** Judges every cluster, in ascending order of names: the order of the input carries no meaning. */
export function judgeClusters(problem: PlacementProblem): readonly JudgedCluster[] {
  const known = memory.get(problem.clusters);
  if (known !== undefined && sameTerms(known.terms, problem)) return known.judged;
  const judged = judge(problem);
  const { at, objective, forecastResolution, carbonPricePerKg, wattsPerReplica } = problem;
  const terms = { at, objective, forecastResolution, carbonPricePerKg, wattsPerReplica };
  memory.set(problem.clusters, { terms, judged });
  return judged;
}

function sameTerms(a: CostTerms, b: CostTerms): boolean {
  return (
    a.at === b.at &&
    a.objective === b.objective &&
    a.forecastResolution === b.forecastResolution &&
    a.carbonPricePerKg === b.carbonPricePerKg &&
    a.wattsPerReplica === b.wattsPerReplica
  );
}

function judge(problem: PlacementProblem): JudgedCluster[] {
  const hours = horizonHours(problem);
  return problem.clusters
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((option) => {
      const costs = hourlyCosts(problem, option, hours);
      const model = costModel(problem, option);
      const barrier = barrierOf(option, costs, model === null);
      return {
        name: option.name,
        option,
        role: roleOf(option, barrier),
        barrier,
        costs,
        meanCost:
          costs.length === 0 ? Number.POSITIVE_INFINITY : costs.reduce((a, b) => a + b, 0) / costs.length,
        costPerGram: (model?.perGram ?? 0) * (option.pue ?? 1),
      };
    });
}

function barrierOf(option: ClusterOption, costs: Float64Array, unpriced: boolean): JudgedCluster['barrier'] {
  if (!option.allowed) return 'outside-locations';
  if (option.avoid) return 'avoid';
  if (!option.ready) return 'not-ready';
  if (costs.length > 0) return null;
  return unpriced ? 'no-price' : 'no-data';
}

function roleOf(option: ClusterOption, barrier: JudgedCluster['barrier']): Role {
  if (barrier === null) return 'feed';
  // Work in a cluster that does not answer cannot be moved by guarded steps.
  if (!option.ready) return 'fixed';
  return barrier === 'no-data' || barrier === 'no-price' ? 'fixed' : 'leave';
}

/**
 * Expected cost of one replica for each hour from the present one on: grams per kWh for `carbon`, money for `cost`,
 * money with the carbon price for `blended`. Empty without data.
 */
function hourlyCosts(terms: CostTerms, option: ClusterOption, hours: number): Float64Array {
  if (option.gramsPerKwh === null || option.zone === null) return new Float64Array(0);
  const model = costModel(terms, option);
  if (model === null) return new Float64Array(0);
  const costs = new Float64Array(hours);
  for (let hour = 0; hour < hours; hour++) {
    costs[hour] = model.fixed(hour) + model.perGram * expectedGrams(terms, option, hour);
  }
  return costs;
}

/**
 * Hours on which clusters are compared: as far as every forecast reaches that there is. A cluster without one (a yearly
 * average, for example) stands at its reading for that long; when nobody has one, readings are believed for less.
 */
function horizonHours(problem: PlacementProblem): number {
  let hours = Number.POSITIVE_INFINITY;
  for (const option of problem.clusters) {
    const covered = option.gramsPerKwh === null ? 0 : knownHours(problem, option);
    if (covered > 0) hours = Math.min(hours, Math.max(covered, PERSISTENCE_HOURS));
  }
  return Number.isFinite(hours) ? Math.min(hours, HORIZON_HOURS) : PERSISTENCE_HOURS;
}

/** How far ahead the cluster's costs are known. A price that is one number holds for good. */
function knownHours(problem: PlacementProblem, option: ClusterOption): number {
  const { objective } = problem;
  const price = option.pricePerReplicaHour ?? option.pricePerKwh ?? null;
  const priced = typeof price === 'object' && price !== null ? price.length : HORIZON_HOURS;
  if (objective === 'cost') return priced;
  const forecast = forecastHours(problem, option);
  return objective === 'carbon' ? forecast : Math.min(forecast, priced);
}

function forecastHours(problem: PlacementProblem, option: ClusterOption): number {
  const last = option.forecast.at(-1);
  if (last === undefined) return 0;
  return Math.max(0, Math.ceil((last.at + problem.forecastResolution - problem.at) / HOUR_MS));
}

/**
 * Mean of the forecast over one hour from now; the present hour takes the reading. Hours beyond the forecast repeat its
 * last day; without a forecast the reading is all there is.
 */
function expectedGrams(terms: CostTerms, option: ClusterOption, hour: number): number {
  const present = option.gramsPerKwh ?? 0;
  if (hour === 0) return present;
  const resolution = terms.forecastResolution;
  const first = option.forecast[0];
  if (first === undefined) return present;
  const from = terms.at + hour * HOUR_MS;
  const start = Math.floor((from - first.at) / resolution);
  if (start >= option.forecast.length) return hour < 24 ? present : expectedGrams(terms, option, hour - 24);
  const end = Math.max(start + 1, Math.floor((from + HOUR_MS - first.at) / resolution));
  let sum = 0;
  let count = 0;
  for (let index = Math.max(0, start); index < end && index < option.forecast.length; index++) {
    sum += option.forecast[index]?.gramsPerKwh ?? 0;
    count++;
  }
  return count === 0 ? present : sum / count;
}
