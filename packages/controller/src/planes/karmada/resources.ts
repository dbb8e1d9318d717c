import type { ResourceType } from '../../kube/resource.ts';

const policyGroup = { group: 'policy.karmada.io', version: 'v1alpha1' };

export const PROPAGATION_POLICY: ResourceType = {
  ...policyGroup,
  plural: 'propagationpolicies',
  kind: 'PropagationPolicy',
  namespaced: true,
};
export const CLUSTER_PROPAGATION_POLICY: ResourceType = {
  ...policyGroup,
  plural: 'clusterpropagationpolicies',
  kind: 'ClusterPropagationPolicy',
  namespaced: false,
};
export const OVERRIDE_POLICY: ResourceType = {
  ...policyGroup,
  plural: 'overridepolicies',
  kind: 'OverridePolicy',
  namespaced: true,
};
export const CLUSTER_OVERRIDE_POLICY: ResourceType = {
  ...policyGroup,
  plural: 'clusteroverridepolicies',
  kind: 'ClusterOverridePolicy',
  namespaced: false,
};
export const WORK: ResourceType = {
  group: 'work.karmada.io',
  version: 'v1alpha1',
  plural: 'works',
  kind: 'Work',
  namespaced: true,
};
export const RESOURCE_BINDING: ResourceType = {
  group: 'work.karmada.io',
  version: 'v1alpha2',
  plural: 'resourcebindings',
  kind: 'ResourceBinding',
  namespaced: true,
};
export const CLUSTER: ResourceType = {
  group: 'cluster.karmada.io',
  version: 'v1alpha1',
  plural: 'clusters',
  kind: 'Cluster',
  namespaced: false,
};
export const HORIZONTAL_POD_AUTOSCALER: ResourceType = {
  group: 'autoscaling',
  version: 'v2',
  plural: 'horizontalpodautoscalers',
  kind: 'HorizontalPodAutoscaler',
  namespaced: true,
};
export const SCALED_OBJECT: ResourceType = {
  group: 'keda.sh',
  version: 'v1alpha1',
  plural: 'scaledobjects',
  kind: 'ScaledObject',
  namespaced: true,
};

export const JOB: ResourceType = {
  group: 'batch',
  version: 'v1',
  plural: 'jobs',
  kind: 'Job',
  namespaced: true,
};

/** Kinds whose annotations opt in. All but Deployment and ReplicaSet are refused, each with its reason. */
export const workloadKinds: readonly ResourceType[] = [
  { group: 'apps', version: 'v1', plural: 'deployments', kind: 'Deployment', namespaced: true },
  { group: 'apps', version: 'v1', plural: 'replicasets', kind: 'ReplicaSet', namespaced: true },
  { group: 'apps', version: 'v1', plural: 'statefulsets', kind: 'StatefulSet', namespaced: true },
  JOB,
];
