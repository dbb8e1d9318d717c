import { parseQuantity } from '../../shared/quantity.ts';
import type { ManagedCluster } from '../fleet.ts';
import type { PrioritizerPolicy } from '../read/placement.ts';

/** Scores that an add-on gave a cluster, -100..100; undefined for none, and for expired ones. */
export type AddOnScores = (cluster: string, resource: string, score: string) => number | undefined;

/** What OCM's prioritizers look at. */
export interface ScoringInput {
  /** Clusters that the Placement has decided for at present. */
  readonly decided: ReadonlySet<string>;
  /** How many other Placements have decided for each cluster. */
  readonly usage: ReadonlyMap<string, number>;
  readonly scores: AddOnScores;
}

type Score = (cluster: ManagedCluster) => number;

/** One term of the sum. */
interface Term {
  readonly weight: number;
  readonly score: Score;
}

const DEFAULTS: readonly (readonly [string, number])[] = [
  ['Balance', 1],
  ['Steady', 1],
];
const BEST = 100;

/**
 * The terms of a prioritizer policy (open-cluster-management-io/ocm, pkg/placement/controllers/scheduling/schedule.go):
 * Additive adds Balance and Steady at weight 1 unless they are configured, Exact takes what is listed alone. A built-in
 * listed twice counts as listed last; an add-on listed twice is summed. Null for a policy that OCM calls misconfigured.
 */
export function termsOf(
  policy: PrioritizerPolicy | null | undefined,
  clusters: readonly ManagedCluster[],
  input: ScoringInput,
): readonly Term[] | null {
  const mode = policy?.mode ?? '';
  if (mode !== '' && mode !== 'Additive' && mode !== 'Exact') return null;
  const builtIns = new Map<string, number>(mode === 'Exact' ? [] : DEFAULTS);
  const terms: Term[] = [];
  for (const { scoreCoordinate, weight } of policy?.configurations ?? []) {
    if (scoreCoordinate === undefined || scoreCoordinate === null) return null;
    const { type, builtIn, addOn } = scoreCoordinate;
    if ((type ?? 'BuiltIn') === 'BuiltIn') {
      builtIns.set(builtIn ?? '', weight ?? 1);
    } else {
      if (addOn === undefined || addOn === null) {
        if ((weight ?? 1) !== 0) return null;
        continue;
      }
      const score: Score = ({ name }) => input.scores(name, addOn.resourceName, addOn.scoreName) ?? 0;
      terms.push({ weight: weight ?? 1, score });
    }
  }
  for (const [name, weight] of builtIns) {
    if (weight === 0) continue;
    const score = builtInScore(name, clusters, input);
    if (score === null) return null;
    terms.push({ weight, score });
  }
  return terms.filter(({ weight }) => weight !== 0);
}

function builtInScore(name: string, clusters: readonly ManagedCluster[], input: ScoringInput): Score | null {
  if (name === 'Steady') return (cluster) => (input.decided.has(cluster.name) ? BEST : 0);
  if (name === 'Balance') return balance(input.usage);
  if (name === 'ResourceAllocatableCPU') return allocatable('cpu', clusters);
  if (name === 'ResourceAllocatableMemory') return allocatable('memory', clusters);
  return null;
}

/** 100 for a cluster that nobody uses, down to -100 for the one that most other Placements use. */
function balance(usage: ReadonlyMap<string, number>): Score {
  const most = Math.max(0, ...usage.values());
  return ({ name }) => {
    const count = usage.get(name);
    return count === undefined ? BEST : 2 * Math.trunc(BEST * (0.5 - count / most));
  };
}

/** -100 for the least allocatable amount among the clusters, 100 for the largest; 0 for one that does not tell. */
function allocatable(resource: string, clusters: readonly ManagedCluster[]): Score {
  const amountOf = (cluster: ManagedCluster): number | null =>
    cluster.capacity[resource] === undefined ? null : parseQuantity(cluster.allocatable[resource] ?? '');
  const amounts = clusters.map(amountOf).filter((amount) => amount !== null);
  const least = Math.min(...amounts);
  const range = Math.max(...amounts) - least;
  return (cluster) => {
    const amount = amountOf(cluster);
    if (amount === null) return 0;
    return range === 0 ? BEST : Math.trunc(((amount - least) / range - 0.5) * 2 * BEST);
  };
}
