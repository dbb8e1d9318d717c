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
