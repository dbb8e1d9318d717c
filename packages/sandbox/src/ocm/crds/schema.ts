import {
  condition,
  int32,
  labelSelector,
  list,
  mapOf,
  object,
  type Schema,
  selectorTerm,
  text,
} from '../../runtime/crds/schema.ts';

/** A list whose items are told apart by `keys`. */
export function mapList(items: Schema, ...keys: readonly string[]): Schema {
  return list(items, { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': keys });
}

/** `conditions`, one of each type. */
export const conditions: Schema = mapList(condition, 'type');

/** `metadata.name` of something else, of at least one character. */
export const nonEmpty: Schema = { type: 'string', minLength: 1 };

export const labelKey: Schema = { type: 'string', maxLength: 316 };
export const longText: Schema = { type: 'string', maxLength: 1024 };
export const namespaceName: Schema = { type: 'string', maxLength: 63 };
export const positive: Schema = { ...int32, minimum: 1 };

/** Quantities, which OCM checks by their form. */
export const resourceList: Schema = mapOf({
  anyOf: [{ type: 'integer' }, { type: 'string' }],
  pattern:
    '^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$',
  'x-kubernetes-int-or-string': true,
});

const claimSelector: Schema = object({ matchExpressions: list(selectorTerm) });

/** Selects clusters by their labels and claims. */
export const clusterSelector: Readonly<Record<string, Schema>> = { labelSelector, claimSelector };

/** A number or a percentage. */
export function numberOrPercent(pattern: string, extra: Schema = {}): Schema {
  return {
    anyOf: [{ type: 'integer' }, { type: 'string' }],
    pattern,
    'x-kubernetes-int-or-string': true,
    ...extra,
  };
}

/** Names of one kind, in the order of the real definitions. */
export const texts: Schema = list(text);
