import { duplicate } from './errors.ts';
import { canonicalText, isObject, type JsonObject, ownValue } from './json.ts';
import type { FieldError, StructuralSchema } from './schema.ts';

/** Reports items that repeat in lists of type `set`, and keys that repeat in lists of type `map`. */
export function duplicateEntries(
  schema: StructuralSchema | undefined,
  value: unknown,
  path: string,
): FieldError[] {
  if (schema === undefined) {
    return [];
  }
  if (Array.isArray(value)) {
    const identities = identitiesOf(schema, value);
    return [
      ...repeats(identities).map((index) => duplicate(`${path}[${index}]`, identities[index])),
      ...value.flatMap((item: unknown, index) => duplicateEntries(schema.items, item, `${path}[${index}]`)),
    ];
  }
  if (!isObject(value)) {
    return [];
  }
  return Object.entries(value).flatMap(([key, child]) => {
    const { properties = {}, additionalProperties } = schema;
    if (Object.hasOwn(properties, key)) {
      return duplicateEntries(properties[key], child, path === '' ? key : `${path}.${key}`);
    }
    return typeof additionalProperties === 'object'
      ? duplicateEntries(additionalProperties, child, `${path}[${key}]`)
      : [];
  });
}

function identitiesOf(schema: StructuralSchema, items: readonly unknown[]): unknown[] {
  if (schema['x-kubernetes-list-type'] === 'set') {
    return [...items];
  }
  if (schema['x-kubernetes-list-type'] !== 'map') {
    return [];
  }
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  return items.map((item) => {
    const identity: JsonObject = {};
    for (const key of isObject(item) ? keys : []) {
      const part = isObject(item) ? ownValue(item, key) : undefined;
      if (part !== undefined) {
        identity[key] = part;
      }
    }
    return identity;
  });
}

/** Indices of the second occurrence of each value: the API server names each repeated value once. */
function repeats(values: readonly unknown[]): number[] {
  const times = new Map<string, number>();
  return values.flatMap((value, index) => {
    const text = canonicalText(value);
    const before = times.get(text) ?? 0;
    times.set(text, before + 1);
    return before === 1 ? [index] : [];
  });
}
