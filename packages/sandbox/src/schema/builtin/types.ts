import { cloneJson, type JsonObject, ownValue, setOwn } from '../json.ts';
import { type NativeBehaviour, native, type StructuralSchema } from '../schema.ts';

/** Building blocks of the hand-written schemas of built-in kinds. */

export const text: StructuralSchema = { type: 'string' };
export const bool: StructuralSchema = { type: 'boolean' };
export const int32: StructuralSchema = { type: 'integer', format: 'int32' };
export const int64: StructuralSchema = { type: 'integer', format: 'int64' };
export const instant: StructuralSchema = { type: 'string', format: 'date-time', nullable: true };
export const intOrString: StructuralSchema = { 'x-kubernetes-int-or-string': true };
/** A resource quantity: `500m`, `1Gi`, or a number. */
export const quantity: StructuralSchema = { 'x-kubernetes-int-or-string': true };
export const quantities: StructuralSchema = {
  type: 'object',
  additionalProperties: quantity,
  [native]: { dropEmpty: true },
};
export const textMap: StructuralSchema = {
  type: 'object',
  additionalProperties: text,
  [native]: { dropEmpty: true },
};
export const atomicTextMap: StructuralSchema = { ...textMap, 'x-kubernetes-map-type': 'atomic' };
/** A type that the sandbox does not describe: its fields are kept as they come. */
export const open: StructuralSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

type Properties = Readonly<Record<string, StructuralSchema>>;

export function object(properties: Properties, ...required: string[]): StructuralSchema {
  return { type: 'object', properties, ...(required.length > 0 ? { required } : {}) };
}

/** An object that server-side apply owns as a whole. */
export function atomic(schema: StructuralSchema): StructuralSchema {
  return { ...schema, 'x-kubernetes-map-type': 'atomic' };
}

/** A list that server-side apply owns, and strategic merge replaces, as a whole. */
export function list(items: StructuralSchema): StructuralSchema {
  return { type: 'array', items, 'x-kubernetes-list-type': 'atomic', [native]: { dropEmpty: true } };
}

/** A list of scalars without repetition that both kinds of patch merge. */
export function set(items: StructuralSchema): StructuralSchema {
  return {
    type: 'array',
    items,
    'x-kubernetes-list-type': 'set',
    'x-kubernetes-patch-strategy': 'merge',
    [native]: { dropEmpty: true },
  };
}

/** A list of objects that server-side apply matches by all keys, and strategic merge by the first. */
export function keyed(items: StructuralSchema, first: string, ...others: string[]): StructuralSchema {
  return {
    type: 'array',
    items,
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': [first, ...others],
    'x-kubernetes-patch-strategy': 'merge',
    'x-kubernetes-patch-merge-key': first,
    [native]: { dropEmpty: true },
  };
}

/** The same schema for several fields. */
export function each(schema: StructuralSchema, ...names: string[]): Properties {
  return Object.fromEntries(names.map((name) => [name, schema]));
}

export function withDefault(schema: StructuralSchema, value: unknown): StructuralSchema {
  return { ...schema, default: value };
}

/** Adds defaults that depend on the object's other fields. */
export function computing(
  schema: StructuralSchema,
  complete: (object: JsonObject) => void,
): StructuralSchema {
  return behaving(schema, { complete });
}

/** A field that is there from the start: a struct (`{}`), or a value that is printed even when empty. */
export function always(schema: StructuralSchema, zero: unknown = {}): StructuralSchema {
  return behaving(schema, { zero, dropEmpty: false });
}

function behaving(schema: StructuralSchema, behaviour: NativeBehaviour): StructuralSchema {
  return { ...schema, [native]: { ...schema[native], ...behaviour } };
}

/** A field that an update may not change. */
export function immutable(schema: StructuralSchema): StructuralSchema {
  return {
    ...schema,
    'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'field is immutable' }],
  };
}

/** Sets a field that the object does not have. */
export function setMissing(target: JsonObject, key: string, value: unknown): void {
  if (ownValue(target, key) === undefined) {
    setOwn(target, key, cloneJson(value));
  }
}

export const labelSelector: StructuralSchema = atomic(
  object({
    matchLabels: textMap,
    matchExpressions: list(
      object({ ...each(text, 'key', 'operator'), values: list(text) }, 'key', 'operator'),
    ),
  }),
);

export const objectReference: StructuralSchema = atomic(
  object(each(text, 'apiVersion', 'fieldPath', 'kind', 'name', 'namespace', 'resourceVersion', 'uid')),
);

export const localReference: StructuralSchema = atomic(object({ name: text }));

/** Status conditions of a kind, with the times that its Go type prints even when they are not set. */
export function conditions(...times: string[]): StructuralSchema {
  return keyed(
    object(
      {
        ...each(text, 'type', 'status', 'reason', 'message'),
        ...each(always(instant, null), ...times),
        observedGeneration: int64,
      },
      'type',
      'status',
    ),
    'type',
  );
}
