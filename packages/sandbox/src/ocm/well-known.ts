/** Names that OCM writes and reads on objects (its api module, cluster/v1, v1beta1, v1beta2 and work/v1alpha1). */

export const CLUSTER_SET_LABEL = 'cluster.open-cluster-management.io/clusterset';
export const CLUSTER_NAME_LABEL = 'open-cluster-management.io/cluster-name';

export const PLACEMENT_LABEL = 'cluster.open-cluster-management.io/placement';
export const DECISION_GROUP_INDEX_LABEL = 'cluster.open-cluster-management.io/decision-group-index';
export const DECISION_GROUP_NAME_LABEL = 'cluster.open-cluster-management.io/decision-group-name';
export const SCHEDULING_DISABLED_ANNOTATION =
  'cluster.open-cluster-management.io/experimental-scheduling-disable';

export const UNAVAILABLE_TAINT = 'cluster.open-cluster-management.io/unavailable';
export const UNREACHABLE_TAINT = 'cluster.open-cluster-management.io/unreachable';

export const AVAILABLE = 'ManagedClusterConditionAvailable';
export const JOINED = 'ManagedClusterJoined';
export const ACCEPTED = 'HubAcceptedManagedCluster';

export const REPLICA_SET_LABEL = 'work.open-cluster-management.io/manifestworkreplicaset';
export const PLACEMENT_NAME_LABEL = 'work.open-cluster-management.io/placementname';
export const REPLICA_SET_FINALIZER = 'work.open-cluster-management.io/manifest-work-cleanup';
/** Of the work agent, on ManifestWorks. */
export const WORK_FINALIZER = 'cluster.open-cluster-management.io/manifest-work-cleanup';
