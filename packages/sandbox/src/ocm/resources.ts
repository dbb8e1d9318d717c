import type { Resource } from '../runtime/client/resource.ts';

const cluster = (version: string, kind: string, namespaced = true): Resource => ({
  apiVersion: `cluster.open-cluster-management.io/${version}`,
  kind,
  plural: `${kind.toLowerCase()}s`,
  namespaced,
});

const work = (version: string, kind: string): Resource => ({
  apiVersion: `work.open-cluster-management.io/${version}`,
  kind,
  plural: `${kind.toLowerCase()}s`,
  namespaced: true,
});

export const MANAGED_CLUSTER: Resource = cluster('v1', 'ManagedCluster', false);
export const MANAGED_CLUSTER_SET: Resource = cluster('v1beta2', 'ManagedClusterSet', false);
export const MANAGED_CLUSTER_SET_BINDING: Resource = cluster('v1beta2', 'ManagedClusterSetBinding');
export const PLACEMENT: Resource = cluster('v1beta1', 'Placement');
export const PLACEMENT_DECISION: Resource = cluster('v1beta1', 'PlacementDecision');
export const ADD_ON_PLACEMENT_SCORE: Resource = cluster('v1alpha1', 'AddOnPlacementScore');
export const MANIFEST_WORK: Resource = work('v1', 'ManifestWork');
export const MANIFEST_WORK_REPLICA_SET: Resource = work('v1alpha1', 'ManifestWorkReplicaSet');
