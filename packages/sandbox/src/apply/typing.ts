import { isObject, type JsonObject, ownValue } from '../schema/json.ts';
import { objectMetaSchema } from '../schema/object-meta.ts';
import type { StructuralSchema } from '../schema/schema.ts';
import { fieldName, keyElement, type PathElement, valueElement } from './path-element.ts';

/**
 * The type of a value for ownership. Without a schema the type is deduced from the value: maps are granular,
 * lists atomic.
 */
export interface TypeRef {
  readonly schema?: StructuralSchema;
  /** An ancestor preserves unknown fields, so undeclared fields are deduced instead of refused. */
  readonly preserves: boolean;
}

const DEDUCED: TypeRef = { preserves: true };

/** What ownership needs to know of a value: whether it is one leaf, or what its children are. */
export type Shape = 'leaf' | 'map' | 'list';

const roots = new WeakMap<StructuralSchema, TypeRef>();
const UNTYPED: StructuralSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

/** The type of a whole object: its schema with the metadata that every object has. */
export function rootType(schema: StructuralSchema | undefined): TypeRef {
  const key = schema ?? UNTYPED;
  const known = roots.get(key);
  if (known !== undefined) {
    return known;
  }
  const text: StructuralSchema = { type: 'string' };
  const properties = { ...key.properties, apiVersion: text, kind: text, metadata: objectMetaSchema };
  const root: TypeRef = { schema: { ...key, type: 'object', properties }, preserves: false };
  roots.set(key, root);
  return root;
}

/** How a value of a type is divided: atomic lists and maps are leaves, as are scalars and null. */
export function shapeOf({ schema }: TypeRef, value: unknown): Shape {
  if (Array.isArray(value)) {
    const listType = schema?.['x-kubernetes-list-type'];
    return listType === 'set' || listType === 'map' ? 'list' : 'leaf';
  }
  return isObject(value) && schema?.['x-kubernetes-map-type'] !== 'atomic' ? 'map' : 'leaf';
}

/** True for a field that the schema names, as opposed to a key of a map. */
export function isDeclared({ schema }: TypeRef, key: string): boolean {
  return Object.hasOwn(schema?.properties ?? {}, key);
}

/** The type of a field; undefined when the schema has no such field and unknown fields are not preserved. */
export function fieldType({ schema, preserves }: TypeRef, key: string): TypeRef | undefined {
  if (schema === undefined) {
    return DEDUCED;
  }
  const { properties = {}, additionalProperties } = schema;
  const inherited = preserves || schema['x-kubernetes-preserve-unknown-fields'] === true;
  const declared = Object.hasOwn(properties, key) ? properties[key] : undefined;
  if (declared !== undefined) {
    return { schema: declared, preserves: inherited };
  }
  if (typeof additionalProperties === 'object') {
    return { schema: additionalProperties, preserves: inherited };
  }
  if (additionalProperties === false) {
    return undefined;
  }
  const open = additionalProperties === true || inherited || Object.keys(properties).length === 0;
  return open ? DEDUCED : undefined;
}

/** The type of a field when it is known that the object passed validation. */
export function childType(parent: TypeRef, key: string): TypeRef {
  return fieldType(parent, key) ?? DEDUCED;
}

/** The type of a list's items. */
export function itemType({ schema, preserves }: TypeRef): TypeRef {
  const inherited = preserves || schema?.['x-kubernetes-preserve-unknown-fields'] === true;
  return schema?.items === undefined ? DEDUCED : { schema: schema.items, preserves: inherited };
}

/**
 * The path element that selects an item of an associative list. A key that the item leaves out takes its
 * schema's default (`protocol: TCP`).
 *
 * @returns the element, or the reason why the item cannot be in such a list
 */
export function itemElement(
  { schema }: TypeRef,
  item: unknown,
): { element: PathElement } | { problem: string } {
  if (schema?.['x-kubernetes-list-type'] === 'set') {
    if (isObject(item)) {
      return { problem: "associative list without keys has an element that's a map type" };
    }
    return item === null
      ? { problem: "associative list without keys has an element that's an explicit null" }
      : { element: valueElement(item) };
  }
  if (!isObject(item)) {
    return {
      problem:
        item === null
          ? 'associative list with keys may not have a null element'
          : 'associative list with keys may not have non-map elements',
    };
  }
  const names = schema?.['x-kubernetes-list-map-keys'] ?? [];
  const keys: JsonObject = {};
  for (const name of names) {
    const value = ownValue(item, name) ?? schema?.items?.properties?.[name]?.default;
    if (value !== undefined) {
      keys[name] = value;
    }
  }
  if (Object.keys(keys).length === 0) {
    const quoted = names.map((name) => JSON.stringify(name)).join(' ');
    return {
      problem: `associative list with keys has an element that omits all key fields [${quoted}] (and doesn't have default values for any key fields)`,
    };
  }
  return { element: keyElement(keys) };
}

/** The type of what a path element selects. */
export function typeBelow(parent: TypeRef, element: PathElement): TypeRef {
  const name = fieldName(element);
  return name === undefined ? itemType(parent) : childType(parent, name);
}
