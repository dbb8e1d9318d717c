import { isObject, type JsonObject } from './json.ts';
import type { StructuralSchema } from './schema.ts';

const OBJECT_FIELDS: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

/**
 * Removes, in place, every field that the schema does not describe, as the API server does for custom
 * resources. `apiVersion`, `kind` and `metadata` of the object and of embedded resources are kept whole.
 * `x-kubernetes-preserve-unknown-fields` keeps the unknown fields of its own level; children that are
 * described are pruned by their own schema.
 *
 * @returns the sorted paths of the removed fields (`spec.foo`, `spec.list[0].bar`)
 */
export function pruneUnknown(schema: StructuralSchema | undefined, object: JsonObject): string[] {
  const removed: string[] = [];
  pruneObject({ ...schema, 'x-kubernetes-embedded-resource': true }, object, '', removed);
  return removed.sort();
}

function prune(schema: StructuralSchema | undefined, value: unknown, path: string, removed: string[]): void {
  if (Array.isArray(value)) {
    if (schema?.['x-kubernetes-preserve-unknown-fields'] && schema.items === undefined) {
      return;
    }
    value.forEach((item: unknown, index) => prune(schema?.items, item, `${path}[${index}]`, removed));
  } else if (isObject(value)) {
    pruneObject(schema ?? {}, value, path, removed);
  }
}

function pruneObject(schema: StructuralSchema, object: JsonObject, path: string, removed: string[]): void {
  const { properties, additionalProperties } = schema;
  for (const key of Object.keys(object)) {
    if (schema['x-kubernetes-embedded-resource'] && OBJECT_FIELDS.has(key)) {
      continue;
    }
    const childPath = path === '' ? key : `${path}.${key}`;
    const property = properties !== undefined && Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (property !== undefined) {
      prune(property, object[key], childPath, removed);
    } else if (typeof additionalProperties === 'object') {
      prune(additionalProperties, object[key], childPath, removed);
    } else if (additionalProperties !== true && !schema['x-kubernetes-preserve-unknown-fields']) {
      removed.push(childPath);
      Reflect.deleteProperty(object, key);
    }
  }
}
