import type { ApiCore } from '../core.ts';
import type { JsonObject, KubeObject } from '../object.ts';
import type { ResourceType } from '../registry/resource.ts';

/** A meta.k8s.io Table of `objects`, as `kubectl get` asks for it. */
export function tableOf(
  _core: ApiCore,
  _type: ResourceType,
  metaVersion: string,
  _includeObject: string | null,
  objects: readonly KubeObject[],
  metadata: JsonObject,
): JsonObject {
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${metaVersion}`,
    metadata,
    columnDefinitions: [{ name: 'Name', type: 'string', format: 'name', description: '', priority: 0 }],
    rows: objects.map((object) => ({ cells: [object.metadata.name], object })),
  };
}

/** Later tables of a watch come without column definitions. */
export function withoutColumns(table: JsonObject): JsonObject {
  return { ...table, columnDefinitions: null };
}
