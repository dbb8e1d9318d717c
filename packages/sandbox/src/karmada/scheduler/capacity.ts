import { parseQuantity } from '../../runtime/quantity.ts';
import type { Cluster, ReplicaRequirements } from '../types.ts';

function free(cluster: Cluster, resource: string): number {
  const summary = cluster.status?.resourceSummary;
  const amount = (list: Readonly<Record<string, string>> | undefined): number =>
    parseQuantity(list?.[resource]) ?? 0;
  return amount(summary?.allocatable) - amount(summary?.allocated) - amount(summary?.allocating);
}

/** How many replicas with these requirements still fit, judged by the cluster's resource summary. */
export function availableReplicas(cluster: Cluster, requirements: ReplicaRequirements | undefined): number {
  let fits = free(cluster, 'pods');
  for (const [resource, value] of Object.entries(requirements?.resourceRequest ?? {})) {
    const request = parseQuantity(value) ?? 0;
    if (request > 0) fits = Math.min(fits, free(cluster, resource) / request);
  }
  return Math.max(0, Math.floor(fits));
}
