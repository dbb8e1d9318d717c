import type { Resource } from '../runtime/client/resource.ts';

function karmada(
  group: string,
  version: string,
  kind: string,
  plural: string,
  namespaced: boolean,
): Resource {
  return { apiVersion: `${group}.karmada.io/${version}`, kind, plural, namespaced };
}

export const CLUSTER: Resource = karmada('cluster', 'v1alpha1', 'Cluster', 'clusters', false);
export const PROPAGATION_POLICY: Resource = karmada(
  'policy',
  'v1alpha1',
  'PropagationPolicy',
  'propagationpolicies',
  true,
);
export const CLUSTER_PROPAGATION_POLICY: Resource = karmada(
  'policy',
  'v1alpha1',
  'ClusterPropagationPolicy',
  'clusterpropagationpolicies',
  false,
);
export const OVERRIDE_POLICY: Resource = karmada(
  'policy',
  'v1alpha1',
  'OverridePolicy',
  'overridepolicies',
  true,
);
export const CLUSTER_OVERRIDE_POLICY: Resource = karmada(
  'policy',
  'v1alpha1',
  'ClusterOverridePolicy',
  'clusteroverridepolicies',
  false,
);
export const RESOURCE_BINDING: Resource = karmada(
  'work',
  'v1alpha2',
  'ResourceBinding',
  'resourcebindings',
  true,
);
export const CLUSTER_RESOURCE_BINDING: Resource = karmada(
  'work',
  'v1alpha2',
  'ClusterResourceBinding',
  'clusterresourcebindings',
  false,
);
export const WORK: Resource = karmada('work', 'v1alpha1', 'Work', 'works', true);
