import { z } from 'zod';
import type { KubeObject } from '../../../kube/resource.ts';
import { labelSelectorSchema, matchesLabels } from '../../shared/label-selector.ts';
import { memoized } from '../../shared/memo.ts';
import type { ManagedCluster } from '../fleet.ts';
import type { PlacementSpec } from '../read/placement.ts';

const SET_LABEL = 'cluster.open-cluster-management.io/clusterset';

const setSchema = z.object({
  clusterSelector: z
    .object({ selectorType: z.string().nullish(), labelSelector: labelSelectorSchema.nullish() })
    .nullish(),
});

const readSet = memoized((set: KubeObject) => setSchema.safeParse(set.spec ?? {}).data ?? null);

/**
 * Whether a cluster belongs to a set (ManagedClusterSet v1beta2): by the label that makes sets exclusive, or by the
 * set's own label selector. A set without a selector there selects nothing, as metav1.LabelSelectorAsSelector has it.
 */
function belongs(cluster: ManagedCluster, set: KubeObject): boolean {
  const selector = readSet(set)?.clusterSelector;
  const type = selector?.selectorType ?? '';
  if (type === '' || type === 'ExclusiveClusterSetLabel') {
    return cluster.labels[SET_LABEL] === set.metadata.name;
  }
  if (type !== 'LabelSelector') return false;
  const labels = selector?.labelSelector;
  return labels !== undefined && labels !== null && matchesLabels(cluster.labels, labels);
}

/** The sets of a hub, and which of them each namespace may use. */
export interface ClusterSets {
  /** By name. */
  readonly sets: ReadonlyMap<string, KubeObject>;
  /** Names of the sets that a namespace is bound to. */
  readonly bound: (namespace: string) => readonly string[];
}

/** Names of the sets that a Placement draws from: those bound to its namespace, of those that it names if any. */
export function eligibleSets(namespace: string, spec: PlacementSpec, { sets, bound }: ClusterSets): string[] {
  const wanted = spec.clusterSets ?? [];
  return [...new Set(bound(namespace))]
    .filter((name) => sets.has(name) && (wanted.length === 0 || wanted.includes(name)))
    .sort();
}

/** Clusters of these sets that are not being deleted, in the order of the fleet. */
export function membersOf(
  names: readonly string[],
  fleet: readonly ManagedCluster[],
  { sets }: ClusterSets,
): ManagedCluster[] {
  const chosen = names.flatMap((name) => sets.get(name) ?? []);
  return fleet.filter((cluster) => !cluster.deleting && chosen.some((set) => belongs(cluster, set)));
}
