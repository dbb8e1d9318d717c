import { cloneJson, isObject, type JsonObject, ownValue, setOwn } from './json.ts';
import { computedDefaults, type StructuralSchema } from './schema.ts';

/**
 * Fills in the schema's defaults, in place: missing properties, and nulls where the schema does not allow
 * null (without a default such a null is dropped, as the API server does). Objects that a default creates
 * are themselves defaulted.
 */
export function applyDefaults(schema: StructuralSchema | undefined, object: JsonObject): void {
  fill(schema, object);
}

function fill(schema: StructuralSchema | undefined, value: unknown): void {
  if (schema === undefined) {
    return;
  }
  if (Array.isArray(value)) {
    value.forEach((item: unknown, index) => {
      if (item === null && isForbiddenNull(schema.items) && schema.items?.default !== undefined) {
        value[index] = cloneJson(schema.items.default);
      }
      fill(schema.items, value[index]);
    });
  } else if (isObject(value)) {
    fillObject(schema, value);
  }
}

function fillObject(schema: StructuralSchema, object: JsonObject): void {
  const { properties = {}, additionalProperties } = schema;
  for (const [key, property] of Object.entries(properties)) {
    if (ownValue(object, key) === undefined && property.default !== undefined) {
      setOwn(object, key, cloneJson(property.default));
    }
  }
  for (const key of Object.keys(object)) {
    const child = Object.hasOwn(properties, key)
      ? properties[key]
      : typeof additionalProperties === 'object'
        ? additionalProperties
        : undefined;
    if (object[key] === null && isForbiddenNull(child)) {
      if (child?.default === undefined) {
        Reflect.deleteProperty(object, key);
        continue;
      }
      setOwn(object, key, cloneJson(child.default));
    }
    fill(child, object[key]);
  }
  schema[computedDefaults]?.(object);
}

/** A schema that says nothing about its type says nothing about null either. */
function isForbiddenNull(schema: StructuralSchema | undefined): boolean {
  return schema !== undefined && !schema.nullable && !schema['x-kubernetes-preserve-unknown-fields'];
}
