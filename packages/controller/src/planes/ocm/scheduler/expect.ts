import type { Instant } from '@windvane/carbon-map';
import type { ManagedCluster } from '../fleet.ts';
import type { PlacementSpec } from '../read/placement.ts';
import { toleratedClusters } from './feasible.ts';
import { type ScoringInput, termsOf } from './prioritizers.ts';

/** Everything that OCM's decision for one Placement depends on. */
export interface ExpectInput extends ScoringInput {
  readonly spec: PlacementSpec;
  /** Clusters of its sets that meet its predicates. */
  readonly selected: readonly ManagedCluster[];
  readonly now: Instant;
}

/**
 * Which clusters OCM would decide for, in ascending order of names: the sums of weight times score, the highest first,
 * ties by name, as many as the Placement asks for. Null for a Placement that OCM calls misconfigured: its decisions are
 * emptied then.
 */
export function expectedClusters(input: ExpectInput): readonly string[] | null {
  const { spec, selected, decided, now } = input;
  const clusters = toleratedClusters(selected, spec, decided, now);
  const terms = termsOf(spec.prioritizerPolicy, clusters, input);
  if (terms === null) return null;
  const sums = clusters.map((cluster) => ({
    name: cluster.name,
    sum: terms.reduce((sum, { weight, score }) => sum + weight * score(cluster), 0),
  }));
  sums.sort((a, b) => b.sum - a.sum || (a.name < b.name ? -1 : 1));
  const count = spec.numberOfClusters ?? sums.length;
  return sums
    .slice(0, Math.max(0, count))
    .map(({ name }) => name)
    .sort();
}
