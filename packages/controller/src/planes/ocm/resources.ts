import type { ResourceType } from '../../kube/resource.ts';

const clusterGroup = 'cluster.open-cluster-management.io';
const workGroup = { group: 'work.open-cluster-management.io', namespaced: true };

export const MANAGED_CLUSTER: ResourceType = {
  group: clusterGroup,
  version: 'v1',
  plural: 'managedclusters',
  kind: 'ManagedCluster',
  namespaced: false,
};
export const MANAGED_CLUSTER_SET: ResourceType = {
  group: clusterGroup,
  version: 'v1beta2',
  plural: 'managedclustersets',
  kind: 'ManagedClusterSet',
  namespaced: false,
};
export const MANAGED_CLUSTER_SET_BINDING: ResourceType = {
  group: clusterGroup,
  version: 'v1beta2',
  plural: 'managedclustersetbindings',
  kind: 'ManagedClusterSetBinding',
  namespaced: true,
};
export const PLACEMENT: ResourceType = {
  group: clusterGroup,
  version: 'v1beta1',
  plural: 'placements',
  kind: 'Placement',
  namespaced: true,
};
export const PLACEMENT_DECISION: ResourceType = {
  group: clusterGroup,
  version: 'v1beta1',
  plural: 'placementdecisions',
  kind: 'PlacementDecision',
  namespaced: true,
};
export const ADD_ON_PLACEMENT_SCORE: ResourceType = {
  group: clusterGroup,
  version: 'v1alpha1',
  plural: 'addonplacementscores',
  kind: 'AddOnPlacementScore',
  namespaced: true,
};
export const MANIFEST_WORK: ResourceType = {
  ...workGroup,
  version: 'v1',
  plural: 'manifestworks',
  kind: 'ManifestWork',
};
export const MANIFEST_WORK_REPLICA_SET: ResourceType = {
  ...workGroup,
  version: 'v1alpha1',
  plural: 'manifestworkreplicasets',
  kind: 'ManifestWorkReplicaSet',
};

/** Other consumers of decisions. Each is looked at where it is served. */
export const CLUSTER_MANAGEMENT_ADD_ON: ResourceType = {
  group: 'addon.open-cluster-management.io',
  version: 'v1alpha1',
  plural: 'clustermanagementaddons',
  kind: 'ClusterManagementAddOn',
  namespaced: false,
};
export const PLACEMENT_BINDING: ResourceType = {
  group: 'policy.open-cluster-management.io',
  version: 'v1',
  plural: 'placementbindings',
  kind: 'PlacementBinding',
  namespaced: true,
};
export const APPLICATION_SET: ResourceType = {
  group: 'argoproj.io',
  version: 'v1alpha1',
  plural: 'applicationsets',
  kind: 'ApplicationSet',
  namespaced: true,
};

/** A server without these is no hub of Open Cluster Management. */
export const requiredKinds: readonly ResourceType[] = [
  MANAGED_CLUSTER,
  MANAGED_CLUSTER_SET,
  MANAGED_CLUSTER_SET_BINDING,
  PLACEMENT,
  PLACEMENT_DECISION,
  ADD_ON_PLACEMENT_SCORE,
];
