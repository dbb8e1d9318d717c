import type { KubeObject } from '../../runtime/client/object.ts';
import type { ManifestConfig, ResourceMeta } from '../types.ts';

/** Plural of a kind as the API servers of clusters name it: built-in kinds and the usual way of naming. */
function pluralOf(kind: string): string {
  const name = kind.toLowerCase();
  if (name === 'endpoints') return name;
  if (/(s|x|ch|sh)$/.test(name)) return `${name}es`;
  return /[^aeiou]y$/.test(name) ? `${name.slice(0, -1)}ies` : `${name}s`;
}

/** What a ManifestWork's status calls its manifest at `ordinal`. */
export function resourceMeta({ apiVersion, kind, metadata }: KubeObject, ordinal: number): ResourceMeta {
  const [group = '', version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  return {
    ordinal,
    group,
    version,
    kind,
    resource: pluralOf(kind),
    name: metadata.name,
    namespace: metadata.namespace ?? '',
  };
}

/** The configuration that a ManifestWork holds for one of its manifests. */
export function configFor(
  meta: ResourceMeta,
  configs: readonly ManifestConfig[] | undefined,
): ManifestConfig | undefined {
  return configs?.find(
    ({ resourceIdentifier: { group = '', resource, name, namespace = '' } }) =>
      group === meta.group &&
      resource === meta.resource &&
      name === meta.name &&
      namespace === meta.namespace,
  );
}
