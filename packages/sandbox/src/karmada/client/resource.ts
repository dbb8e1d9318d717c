/** Where objects of one kind are served. */
export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

/** `apiVersion/kind`: names a resource in maps. */
export function resourceId(resource: Pick<Resource, 'apiVersion' | 'kind'>): string {
  return `${resource.apiVersion}/${resource.kind}`;
}

function root(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

export function groupVersionPath(apiVersion: string): string {
  return root(apiVersion);
}

/** The path of the collection; without a namespace that of all namespaces. */
export function collectionPath(resource: Resource, namespace?: string): string {
  const scope = resource.namespaced && namespace !== undefined ? `/namespaces/${namespace}` : '';
  return `${root(resource.apiVersion)}${scope}/${resource.plural}`;
}

export function objectPath(resource: Resource, namespace: string | undefined, name: string): string {
  return `${collectionPath(resource, namespace)}/${encodeURIComponent(name)}`;
}

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
export const NAMESPACE: Resource = {
  apiVersion: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
};
export const EVENT: Resource = { apiVersion: 'v1', kind: 'Event', plural: 'events', namespaced: true };
export const CUSTOM_RESOURCE_DEFINITION: Resource = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
};
