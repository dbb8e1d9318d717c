import type { Hour } from './csv.ts';
import { SimulationError } from './simulation-error.ts';
import type { ForecastRuns, IntensityTrace } from './traces.ts';
import { CARBON_ONLY, type CostSeries, costSeries, type Valuation } from './valuation.ts';

/** Everything that the policies of one simulation share. */
export interface SimulatedFleet {
  readonly clusters: readonly { readonly name: string; readonly zone: string }[];
  /** First hour that counts, and the first that no longer does. */
  readonly from: Hour;
  readonly to: Hour;
  /** Intensity per cluster of the hours `from` to `to`. */
  readonly actual: readonly Float64Array[];
  /** What is counted, and per cluster how it follows from the intensity. */
  readonly valuation: Valuation;
  readonly series: readonly CostSeries[];
  /** Cost per cluster of the hours `from` to `to`, in the objective's unit: under `carbon` the intensity itself. */
  readonly costs: readonly Float64Array[];
  readonly traces: readonly IntensityTrace[];
  /** Published forecasts per cluster; empty without. */
  readonly forecasts: readonly ForecastRuns[];
  /** Hours by which actual values are known too late. */
  readonly lag: number;
  /** Largest share of one cluster, in whole atoms out of `atoms`. */
  readonly cap: { readonly atoms: number; readonly perCluster: number };
  /** Hours of work that a move loses. */
  readonly moveHours: number;
}

/** What {@link createFleet} is made from. */
export interface FleetSource {
  readonly clusters: readonly { readonly name: string; readonly zone: string }[];
  readonly traces: ReadonlyMap<string, IntensityTrace>;
  readonly forecasts: ReadonlyMap<string, ForecastRuns> | null;
  readonly from: Hour | null;
  readonly to: Hour | null;
  readonly lag: number;
  /** Whole percent, 1..100. */
  readonly maxSharePercent: number;
  readonly moveHours: number;
  /** Carbon alone when not given. */
  readonly valuation?: Valuation;
}

const NO_RUNS: ForecastRuns = new Map();

/** Checks the request against the traces. Throws {@link SimulationError}. */
export function createFleet(source: FleetSource): SimulatedFleet {
  const { clusters, traces, maxSharePercent } = source;
  if (clusters.length === 0) throw new SimulationError('no clusters; give --clusters NAME=ZONE,NAME=ZONE');
  const chosen = clusters.map(({ name, zone }) => {
    const trace = traces.get(zone);
    if (trace !== undefined) return trace;
    const known = [...traces.keys()].toSorted().join(', ');
    throw new SimulationError(`cluster ${name}: zone ${zone} is not in the traces; they hold ${known}`);
  });
  const duplicate = clusters.find(({ name }, at) => clusters.findIndex((other) => other.name === name) < at);
  if (duplicate !== undefined) throw new SimulationError(`two clusters are named ${duplicate.name}`);
  const first = Math.max(...chosen.map((trace) => trace.first));
  const end = Math.min(...chosen.map((trace) => trace.first + trace.values.length));
  const from = Math.max(source.from ?? first, first);
  const to = Math.min(source.to ?? end, end);
  if (to - from < 1) throw new SimulationError('the traces hold no hour between --from and --to');
  if (maxSharePercent * clusters.length < 100) {
    throw new SimulationError(
      `--max-share ${maxSharePercent} leaves work over: ${clusters.length} clusters hold ${maxSharePercent * clusters.length} percent`,
    );
  }
  const divisor = gcd(100, maxSharePercent);
  const valuation = source.valuation ?? CARBON_ONLY;
  const actual = chosen.map((trace) => trace.values.slice(from - trace.first, to - trace.first));
  const series = clusters.map((cluster) => costSeries(valuation, cluster, from, to));
  return {
    clusters,
    from,
    to,
    actual,
    valuation,
    series,
    costs: actual.map((grams, cluster) =>
      valuation.objective === 'carbon'
        ? grams
        : grams.map((each, hour) => costOf(series[cluster], hour, each)),
    ),
    traces: chosen,
    forecasts: clusters.map(({ zone }) => source.forecasts?.get(zone) ?? NO_RUNS),
    lag: source.lag,
    cap: { atoms: 100 / divisor, perCluster: maxSharePercent / divisor },
    moveHours: source.moveHours,
  };
}

/** The newest actual value that is known in an hour, or the oldest of all before there is one. */
export function knownActual(fleet: SimulatedFleet, cluster: number, hour: Hour): number {
  const trace = fleet.traces[cluster];
  if (trace === undefined) return Number.NaN;
  return trace.values[Math.max(0, hour - fleet.lag - trace.first)] ?? Number.NaN;
}

/** The cost of a cluster as far as it is known in an hour: prices at once, the intensity with its lag. */
export function knownCost(fleet: SimulatedFleet, cluster: number, hour: Hour): number {
  return costOf(fleet.series[cluster], hour - fleet.from, knownActual(fleet, cluster, hour));
}

function costOf(series: CostSeries | undefined, hour: number, grams: number): number {
  return (series?.fixed[hour] ?? 0) + (series?.perGram ?? 1) * grams;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
