import { moneyPerHour } from './cost.ts';
import type { BindingConstraint, ClusterEvidence, Decision } from './decision.ts';
import type { JudgedCluster } from './options.ts';
import type { Objective, PlacementProblem } from './problem.ts';

const EPSILON = 1e-6;

/** Why every cluster got its share, in ascending order of names. */
export function clusterEvidence(
  problem: PlacementProblem,
  clusters: readonly JudgedCluster[],
  current: readonly number[],
  target: readonly number[],
  upper: readonly number[],
  lower: readonly number[],
): ClusterEvidence[] {
  const ranked = ranking(clusters);
  const ranks = new Map(ranked.map((index, at) => [index, at + 1]));
  return clusters.map((cluster, index) => {
    const share = target[index] ?? 0;
    const rank = ranks.get(index) ?? null;
    const constraint = constraintOf(
      cluster,
      share,
      current[index] ?? 0,
      upper[index] ?? 0,
      lower[index] ?? 0,
    );
    const standing = rank === null ? '' : `${place(problem.objective, rank)} of ${ranked.length}; `;
    const why = constraint === 'none' ? '' : ` (${constraintText(cluster, constraint)})`;
    const verb = share > EPSILON ? `gets ${percent(share)}` : 'gets nothing';
    return {
      cluster: cluster.name,
      meanGramsPerKwh: meanGrams(problem, cluster),
      rank,
      constraint,
      targetShare: share,
      reason: `${cluster.name}: ${amount(problem, cluster)}, ${standing}${verb}${why}`,
    };
  });
}

function constraintText({ option }: JudgedCluster, constraint: BindingConstraint): string {
  const { sharedWith = 0 } = option;
  if (constraint !== 'headroom' || sharedWith === 0) return constraint;
  return `headroom, shared with ${sharedWith} other ${sharedWith === 1 ? 'unit' : 'units'}`;
}

/** Indices of the clusters that may be fed, best first. */
function ranking(clusters: readonly JudgedCluster[]): number[] {
  return clusters
    .map((_, index) => index)
    .filter((index) => clusters[index]?.role === 'feed')
    .sort((a, b) => (clusters[a]?.meanCost ?? 0) - (clusters[b]?.meanCost ?? 0) || a - b);
}

function constraintOf(
  cluster: JudgedCluster,
  share: number,
  current: number,
  upper: number,
  lower: number,
): BindingConstraint {
  if (cluster.barrier !== null) return cluster.barrier;
  if (share >= upper - EPSILON && share < 1 - EPSILON) {
    return cluster.option.headroomReplicas !== null && upper < cluster.option.maxShare - EPSILON
      ? 'headroom'
      : 'max-share';
  }
  return lower > EPSILON && share <= lower + EPSILON && current > 0 ? 'min-replicas' : 'none';
}

/** The best cluster that is given nothing, compared with the one that is given most. */
export function runnerUpOf(
  problem: PlacementProblem,
  clusters: readonly JudgedCluster[],
  target: readonly number[],
): Decision['runnerUp'] {
  const main = clusters.reduce<number>(
    (most, _, index) => ((target[index] ?? 0) > (target[most] ?? 0) + EPSILON ? index : most),
    0,
  );
  const reference = (target[main] ?? 0) > EPSILON ? (clusters[main]?.meanCost ?? Number.NaN) : Number.NaN;
  const left = clusters
    .filter((cluster, index) => (target[index] ?? 0) <= EPSILON && cluster.costs.length > 0)
    .toSorted((a, b) => a.meanCost - b.meanCost)[0];
  if (left === undefined || !Number.isFinite(reference)) return null;
  const hours = left.costs.length;
  const change = reference === 0 ? 0 : (left.meanCost - reference) / Math.abs(reference);
  const word = problem.objective === 'carbon' ? ['dirtier', 'cleaner'] : ['dearer', 'cheaper'];
  const compared = `${percent(Math.abs(change))} ${change >= 0 ? word[0] : word[1]} than ${clusters[main]?.name ?? ''} over the next ${hours} h`;
  const barrier = left.barrier === null ? '' : `, and ${BARRIER_TEXT[left.barrier]}`;
  return { cluster: left.name, reason: `${compared}${barrier}` };
}

/** Why a cluster is not given anything, in words. */
export const BARRIER_TEXT: Readonly<Record<Exclude<BindingConstraint, 'none'>, string>> = {
  'not-ready': 'not ready',
  'outside-locations': "outside the workload's locations",
  avoid: 'marked avoid',
  'no-data': 'without data',
  'no-price': 'without a price',
  'max-share': 'at its largest share',
  headroom: 'without room',
  'min-replicas': 'at its floor',
  'max-step': 'beyond one step',
};

/** `60 % de, 40 % se`, largest first. */
export function splitText(clusters: readonly JudgedCluster[], parts: readonly number[]): string {
  const held = clusters
    .map((cluster, index) => ({ name: cluster.name, part: parts[index] ?? 0 }))
    .filter(({ part }) => part > EPSILON)
    .toSorted((a, b) => b.part - a.part);
  return held.map(({ name, part }) => `${percent(part)} ${name}`).join(', ');
}

/** `12 %`; small values with one decimal. */
export function percent(part: number): string {
  const value = part * 100;
  return `${value > 0 && value < 1 ? value.toFixed(1) : Math.round(value)} %`;
}

/** `1 cluster`, `3 clusters`. */
export function clusterCount(clusters: number): string {
  return clusters === 1 ? '1 cluster' : `${clusters} clusters`;
}

/** `cleanest`, `2nd cheapest`. */
export function place(objective: Objective, rank: number): string {
  const word = objective === 'carbon' ? 'cleanest' : 'cheapest';
  if (rank === 1) return word;
  const suffix = rank % 100 >= 11 && rank % 100 <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][rank % 10] ?? 'th');
  return `${rank}${suffix} ${word}`;
}

function meanGrams(problem: PlacementProblem, cluster: JudgedCluster): number | null {
  const { gramsPerKwh, forecast } = cluster.option;
  if (gramsPerKwh === null) return null;
  if (problem.objective === 'carbon' && cluster.costs.length > 0) return cluster.meanCost;
  const values = [gramsPerKwh, ...forecast.slice(1, cluster.costs.length).map((point) => point.gramsPerKwh)];
  return values.reduce((a, b) => a + b, 0) / values.length;
}

/** Three digits of money: prices of replicas are small. */
function rounded(money: number): string {
  return Number(money.toPrecision(3)).toString();
}

/** `182 g/kWh over the next 25 h (241 now)`, and the price where money counts. */
function amount(problem: PlacementProblem, cluster: JudgedCluster): string {
  const { gramsPerKwh } = cluster.option;
  const mean = meanGrams(problem, cluster);
  if (gramsPerKwh === null || mean === null) return 'no carbon data';
  const hours = cluster.costs.length;
  const grams =
    hours === 0
      ? `${Math.round(gramsPerKwh)} g/kWh`
      : `${Math.round(mean)} g/kWh over the next ${hours} h (${Math.round(gramsPerKwh)} now)`;
  if (problem.objective === 'carbon') return grams;
  const price = moneyPerHour(cluster.option, problem.wattsPerReplica);
  return price === null ? `${grams}, no price` : `${grams}, ${rounded(price(0))} per replica and hour now`;
}

/** `; its carbon falls by 12 %`: what a move means for carbon when something else is counted. */
export function carbonText(
  problem: PlacementProblem,
  clusters: readonly JudgedCluster[],
  current: readonly number[],
  target: readonly number[],
): string {
  if (problem.objective === 'carbon') return '';
  const grams = (parts: readonly number[]) =>
    clusters.reduce(
      (sum, cluster, index) => sum + (parts[index] ?? 0) * (meanGrams(problem, cluster) ?? 0),
      0,
    );
  const before = grams(current);
  if (before <= 0) return '';
  const change = (grams(target) - before) / before;
  if (Math.abs(change) < 0.005) return '; its carbon stays the same';
  return `; its carbon ${change > 0 ? 'rises' : 'falls'} by ${percent(Math.abs(change))}`;
}

/** What a gain is a part of. */
export const COUNTED: Readonly<Record<Objective, string>> = {
  carbon: 'of the carbon',
  cost: 'of the cost',
  blended: 'of cost and carbon together',
};
