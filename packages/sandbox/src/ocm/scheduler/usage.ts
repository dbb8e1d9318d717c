import type { Store } from '../../runtime/client/store.ts';
import type { PlacementDecision } from '../types.ts';

/** How often all decisions on the hub name each cluster, kept up to date change by change. */
export interface Usage {
  /** Grows with every change of a decision. */
  generation(): number;
  /** Counts without the decisions of one Placement (`namespace/name`). */
  besides(placement: string): ReadonlyMap<string, number>;
}

function clustersIn(decision: PlacementDecision | undefined): readonly string[] {
  return (decision?.status?.decisions ?? []).map(({ clusterName }) => clusterName);
}

export function createUsage(decisions: Store<PlacementDecision>): Usage {
  const counts = new Map<string, number>();
  let generation = 0;
  const add = (names: readonly string[], by: 1 | -1): void => {
    for (const name of names) {
      const next = (counts.get(name) ?? 0) + by;
      if (next === 0) counts.delete(name);
      else counts.set(name, next);
    }
  };
  for (const decision of decisions.values()) add(clustersIn(decision), 1);
  decisions.subscribe(({ before, after }) => {
    generation += 1;
    add(clustersIn(before), -1);
    add(clustersIn(after), 1);
  });
  return {
    generation: () => generation,
    besides(placement) {
      const others = new Map(counts);
      for (const decision of decisions.by('placement', placement)) {
        for (const name of clustersIn(decision)) {
          const next = (others.get(name) ?? 0) - 1;
          if (next === 0) others.delete(name);
          else others.set(name, next);
        }
      }
      return others;
    },
  };
}
