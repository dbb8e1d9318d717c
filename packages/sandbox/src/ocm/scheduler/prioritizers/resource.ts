import { parseQuantity } from '../../../runtime/quantity.ts';
import type { ManagedCluster } from '../../types.ts';
import { MAX_SCORE, type Prioritizer } from './prioritizer.ts';

/** What is allocatable; undefined (no score) without that or without the capacity. */
function allocatableOf(cluster: ManagedCluster, resource: 'cpu' | 'memory'): number | undefined {
  const { allocatable, capacity } = cluster.status ?? {};
  return parseQuantity(capacity?.[resource]) === undefined
    ? undefined
    : parseQuantity(allocatable?.[resource]);
}

/** From -100 for the cluster with the least allocatable to 100 for the one with the most. */
export function resourceAllocatable(resource: 'cpu' | 'memory'): Prioritizer {
  return (clusters) => {
    const known = clusters
      .map((cluster) => allocatableOf(cluster, resource))
      .filter((value) => value !== undefined);
    const least = Math.min(...known);
    const most = Math.max(...known);
    return (cluster) => {
      const own = allocatableOf(cluster, resource);
      if (own === undefined) return 0;
      return most === least ? MAX_SCORE : Math.trunc(((own - least) / (most - least) - 0.5) * 2 * MAX_SCORE);
    };
  };
}
