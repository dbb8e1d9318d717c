import type { JsonObject } from '../object.ts';
import type { Registry } from '../registry/registry.ts';
import type { ResourceType } from '../registry/resource.ts';
import { subresourcesOf, verbsOf } from './resources.ts';

/** All of discovery in one document: the core group for `/api`, the named groups for `/apis`. */
export function aggregated(registry: Registry, core: boolean, version: string): JsonObject {
  const groups = [...registry.groups()].filter(([group]) => (group === '') === core);
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map(([group, versions]) => ({
      metadata: { ...(group === '' ? {} : { name: group }), creationTimestamp: null },
      versions: versions.map((served) => ({
        version: served,
        resources: registry.inGroupVersion(group, served).map(entry),
        freshness: 'Current',
      })),
    })),
  };
}

function entry(type: ResourceType): JsonObject {
  const subresources = subresourcesOf(type).map((sub) => ({
    subresource: sub.name,
    responseKind: { group: sub.group, version: sub.version, kind: sub.kind },
    verbs: sub.verbs,
  }));
  return {
    resource: type.plural,
    responseKind: { group: type.group, version: type.version, kind: type.kind },
    scope: type.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: type.singular,
    verbs: verbsOf(type),
    ...(type.shortNames.length === 0 ? {} : { shortNames: type.shortNames }),
    ...(type.categories.length === 0 ? {} : { categories: type.categories }),
    ...(subresources.length === 0 ? {} : { subresources }),
  };
}
