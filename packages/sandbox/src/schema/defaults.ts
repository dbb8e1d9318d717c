import { cloneJson, isObject, type JsonObject, ownValue, setOwn } from './json.ts';
import { objectMetaSchema } from './object-meta.ts';
import { native, type StructuralSchema } from './schema.ts';

/**
 * Fills in the schema's defaults, in place: missing properties, and nulls where the schema does not allow
 * null (without a default such a null is dropped, as the API server does). Objects that a default creates
 * are themselves defaulted. Empty labels, annotations, finalizers and owner references are dropped.
 */
export function applyDefaults(schema: StructuralSchema | undefined, object: JsonObject): void {
  fill(schema, object);
  // The metadata of custom resources goes through a Go type too, whatever their schema says of it.
  fill(objectMetaSchema, object.metadata);
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
    const initial = property.default ?? property[native]?.zero;
    if (ownValue(object, key) === undefined && initial !== undefined) {
      setOwn(object, key, cloneJson(initial));
    }
  }
  for (const key of Object.keys(object)) {
    const child = Object.hasOwn(properties, key)
      ? properties[key]
      : typeof additionalProperties === 'object'
        ? additionalProperties
        : undefined;
    if (object[key] === null && isForbiddenNull(child)) {
      const initial = child?.default ?? child?.[native]?.zero;
      if (initial === null) {
        continue;
      }
      if (initial === undefined) {
        Reflect.deleteProperty(object, key);
        continue;
      }
      setOwn(object, key, cloneJson(initial));
    }
    fill(child, object[key]);
    if (child?.[native]?.dropEmpty && isEmpty(object[key])) {
      Reflect.deleteProperty(object, key);
    }
  }
  schema[native]?.complete?.(object);
}

/** A schema that says nothing about its type says nothing about null either. */
function isForbiddenNull(schema: StructuralSchema | undefined): boolean {
  return schema !== undefined && !schema.nullable && !schema['x-kubernetes-preserve-unknown-fields'];
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0;
}

/**
 * What an object of a kind is before anybody set anything: `{}` for custom resources, the zero value of the
 * Go type for built-in kinds. Nobody owns what was there from the start.
 */
export function zeroObject(schema: StructuralSchema | undefined): JsonObject {
  const zero: JsonObject = {};
  for (const [key, property] of Object.entries(schema?.properties ?? {})) {
    const initial = property[native]?.zero;
    if (initial !== undefined) {
      zero[key] = isObject(initial) ? { ...zeroObject(property), ...cloneJson(initial) } : initial;
    }
  }
  return zero;
}
