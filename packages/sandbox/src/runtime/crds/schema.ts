/** OpenAPI v3 as CustomResourceDefinitions hold it. */
export type Schema = Readonly<Record<string, unknown>>;

export const text: Schema = { type: 'string' };
export const flag: Schema = { type: 'boolean' };
export const int32: Schema = { type: 'integer', format: 'int32' };
export const int64: Schema = { type: 'integer', format: 'int64' };
export const time: Schema = { type: 'string', format: 'date-time' };
export const nullableTime: Schema = { ...time, nullable: true };
/** Any object, kept as it comes. */
export const anything: Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
/** Any JSON value. */
export const anyValue: Schema = { 'x-kubernetes-preserve-unknown-fields': true };

export function oneOf(...values: readonly string[]): Schema {
  return { type: 'string', enum: values };
}

export function withDefault(schema: Schema, value: unknown): Schema {
  return { ...schema, default: value };
}

export function object(
  properties: Readonly<Record<string, Schema>>,
  required: readonly string[] = [],
): Schema {
  return { type: 'object', properties, ...(required.length === 0 ? {} : { required }) };
}

/** No list type is stated: server-side apply takes such a list as one value. */
export function list(items: Schema, extra: Schema = {}): Schema {
  return { type: 'array', items, ...extra };
}

/** A list that states being atomic, as those inside selectors do. */
function atomicList(items: Schema): Schema {
  return list(items, { 'x-kubernetes-list-type': 'atomic' });
}

export function mapOf(values: Schema): Schema {
  return { type: 'object', additionalProperties: values };
}

export const quantities: Schema = mapOf({
  anyOf: [{ type: 'integer' }, { type: 'string' }],
  'x-kubernetes-int-or-string': true,
});

export const selectorTerm: Schema = object({ key: text, operator: text, values: atomicList(text) }, [
  'key',
  'operator',
]);

export const labelSelector: Schema = {
  ...object({ matchExpressions: atomicList(selectorTerm), matchLabels: mapOf(text) }),
  'x-kubernetes-map-type': 'atomic',
};

/** One of `status.conditions`. */
export const condition: Schema = object(
  {
    type: { type: 'string', maxLength: 316 },
    status: oneOf('True', 'False', 'Unknown'),
    reason: { type: 'string', minLength: 1, maxLength: 1024 },
    message: { type: 'string', maxLength: 32_768 },
    lastTransitionTime: time,
    observedGeneration: { type: 'integer', format: 'int64', minimum: 0 },
  },
  ['lastTransitionTime', 'message', 'reason', 'status', 'type'],
);

export const conditions: Schema = list(condition);
