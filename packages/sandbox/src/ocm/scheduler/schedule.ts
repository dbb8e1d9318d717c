import type { ManagedCluster, Placement } from '../types.ts';
import type { Surroundings } from './prioritizers/prioritizer.ts';
import { weightsOf } from './prioritizers/weights.ts';
import { checkTolerations, toleratesCluster, tolerationEnds } from './tolerations.ts';

export interface ScheduleInput extends Surroundings {
  readonly placement: Placement;
  /** Clusters that passed the predicates. */
  readonly clusters: readonly ManagedCluster[];
  /** A cluster by name, whether the Placement may still have it or not. */
  readonly cluster: (name: string) => ManagedCluster | undefined;
}

export interface Schedule {
  /** The chosen clusters, best first. */
  readonly selected: readonly ManagedCluster[];
  /** The weighted sum of every cluster that passed the filters. */
  readonly scores: ReadonlyMap<string, number>;
  /** How many more were asked for. */
  readonly unscheduled: number;
  /** When to look again, in milliseconds since the Unix epoch; undefined when only an event may change anything. */
  readonly retryAt?: number;
}

/**
 * Chooses clusters as OCM's scheduler does: taints, then the weighted sum of the prioritizers, highest first
 * and ties by name, then the first numberOfClusters.
 *
 * @throws MisconfiguredError when the Placement selects nothing until it is put right.
 */
export function schedule(input: ScheduleInput): Schedule {
  const { placement, decided, now } = input;
  const { tolerations = [], prioritizerPolicy, numberOfClusters } = placement.spec ?? {};
  if (input.clusters.length > 0) checkTolerations(tolerations);
  const feasible = input.clusters.filter(
    (cluster) => toleratesCluster(cluster, tolerations, decided.has(cluster.metadata.name), now).tolerated,
  );
  const weighted = weightsOf(prioritizerPolicy).map(({ prioritizer, weight }) => ({
    score: prioritizer(feasible, input),
    weight,
  }));
  const ranked = feasible
    .map((cluster) => {
      let sum = 0;
      for (const { score, weight } of weighted) sum += weight * score(cluster);
      return { cluster, name: cluster.metadata.name, sum };
    })
    .sort((a, b) => (a.sum === b.sum ? (a.name < b.name ? -1 : 1) : b.sum - a.sum));
  const chosen = ranked.slice(0, numberOfClusters ?? ranked.length);
  const present = [...decided].map(input.cluster).filter((cluster) => cluster !== undefined);
  const retryAt = tolerationEnds(present, tolerations, now);
  return {
    selected: chosen.map(({ cluster }) => cluster),
    scores: new Map(ranked.map(({ name, sum }) => [name, sum])),
    unscheduled: numberOfClusters === undefined ? 0 : numberOfClusters - chosen.length,
    ...(retryAt === undefined ? {} : { retryAt }),
  };
}
