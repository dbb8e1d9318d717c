import type { ApiCore } from '../core.ts';
import type { JsonObject, KubeObject } from '../object.ts';
import { apiVersionOf, type ResourceType } from '../registry/resource.ts';
import { builtinColumns } from './builtin.ts';
import type { Column } from './column.ts';
import { customColumns } from './custom.ts';

const NAME: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description:
    'Name must be unique within a namespace. Is required when creating resources, although some resources may ' +
    'allow a client to request the generation of an appropriate name automatically. Name is primarily intended ' +
    'for creation idempotence and configuration definition. Cannot be updated.',
  priority: 0,
  cell: (object) => object.metadata.name,
};

const columns = new WeakMap<ResourceType, readonly Column[]>();

/** A meta.k8s.io Table of `objects`, as `kubectl get` asks for it. */
export function tableOf(
  core: ApiCore,
  type: ResourceType,
  metaVersion: string,
  includeObject: string | null,
  objects: readonly KubeObject[],
  metadata: JsonObject,
): JsonObject {
  const shown = columnsOf(type);
  const now = core.now();
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${metaVersion}`,
    metadata,
    columnDefinitions: shown.map(({ name, type: cellType, format, description, priority }) => ({
      name,
      type: cellType,
      format,
      description,
      priority,
    })),
    rows: objects.map((object) => ({
      cells: shown.map((column) => column.cell(object, now)),
      ...embedded(metaVersion, includeObject, object),
    })),
  };
}

/** Later tables of a watch come without column definitions. */
export function withoutColumns(table: JsonObject): JsonObject {
  return { ...table, columnDefinitions: null };
}

function columnsOf(type: ResourceType): readonly Column[] {
  let known = columns.get(type);
  if (known === undefined) {
    known = type.custom
      ? [NAME, ...customColumns(type.columns)]
      : withName(builtinColumns(`${apiVersionOf(type)}/${type.kind}`));
    columns.set(type, known);
  }
  return known;
}

/** Events put their name last; everything else begins with it. */
function withName(own: readonly Column[]): readonly Column[] {
  return own.some((column) => column.format === 'name') ? own : [NAME, ...own];
}

function embedded(metaVersion: string, includeObject: string | null, object: KubeObject): JsonObject {
  if (includeObject === 'None') return {};
  if (includeObject === 'Object') return { object };
  const apiVersion = `meta.k8s.io/${metaVersion}`;
  return { object: { kind: 'PartialObjectMetadata', apiVersion, metadata: object.metadata } };
}
