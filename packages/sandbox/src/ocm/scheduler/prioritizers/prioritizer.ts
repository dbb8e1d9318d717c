import type { AddOnPlacementScore, ManagedCluster } from '../../types.ts';

/** What the prioritizers look at beside the clusters. */
export interface Surroundings {
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  /** Clusters in the present decisions of the Placement. */
  readonly decided: ReadonlySet<string>;
  /** How often the decisions of all other Placements on the hub name a cluster. */
  readonly usage: () => ReadonlyMap<string, number>;
  /** The AddOnPlacementScore of a name in the namespace of a cluster. */
  readonly scoreObject: (cluster: string, resourceName: string) => AddOnPlacementScore | undefined;
}

/** From -100 to 100. */
type Score = (cluster: ManagedCluster) => number;

/** Looks at the clusters that passed all filters and answers with the score of each. */
export type Prioritizer = (clusters: readonly ManagedCluster[], around: Surroundings) => Score;

export const MAX_SCORE = 100;
