import type { JsonObject } from '../object.ts';
import type { Registry } from '../registry/registry.ts';
import { apiVersionOf, type ResourceType } from '../registry/resource.ts';

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** What can be done with a resource. */
export function verbsOf(type: ResourceType): string[] {
  if (type.review) return ['create'];
  return type.storage === '/namespaces' ? VERBS.filter((verb) => verb !== 'deletecollection') : [...VERBS];
}

/** A subresource as discovery tells of it. */
export interface SubresourceEntry {
  readonly name: string;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}

export function subresourcesOf(type: ResourceType): SubresourceEntry[] {
  const { group, version, kind } = type;
  const verbs = ['get', 'patch', 'update'];
  return [
    ...(type.storage === '/namespaces'
      ? [{ name: 'finalize', group, version, kind, verbs: ['update'] }]
      : []),
    ...(type.scale === undefined
      ? []
      : [{ name: 'scale', group: 'autoscaling', version: 'v1', kind: 'Scale', verbs }]),
    ...(type.hasStatus ? [{ name: 'status', group, version, kind, verbs }] : []),
  ];
}

/** The resources of one group and version, in the plain form of discovery. */
export function resourceList(registry: Registry, group: string, version: string): JsonObject {
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf({ group, version }),
    resources: registry.inGroupVersion(group, version).flatMap((type) => [
      {
        name: type.plural,
        singularName: type.singular,
        namespaced: type.namespaced,
        kind: type.kind,
        verbs: verbsOf(type),
        ...(type.shortNames.length === 0 ? {} : { shortNames: type.shortNames }),
        ...(type.categories.length === 0 ? {} : { categories: type.categories }),
      },
      ...subresourcesOf(type).map((sub) => ({
        name: `${type.plural}/${sub.name}`,
        singularName: '',
        namespaced: type.namespaced,
        ...(sub.kind === 'Scale' ? { group: sub.group, version: sub.version } : {}),
        kind: sub.kind,
        verbs: sub.verbs,
      })),
    ]),
  };
}
