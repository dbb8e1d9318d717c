import { isObject, type JsonObject } from '../object.ts';

/** The value at a path of object keys; undefined where the path leads nowhere. */
export function read(object: unknown, ...path: readonly string[]): unknown {
  let value = object;
  for (const key of path) value = isObject(value) ? value[key] : undefined;
  return value;
}

export function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : '';
}

export function count(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

/** The objects in a list; anything else is left out. */
export function objects(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** `a=b,c=d`, or `<none>`. */
export function labelText(labels: unknown): string {
  if (!isObject(labels) || Object.keys(labels).length === 0) return '<none>';
  return Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${text(value)}`)
    .join(',');
}

/** A LabelSelector as kubectl writes it: `a=b,c in (d,e),f`. */
export function selectorText(selector: unknown): string {
  if (!isObject(selector)) return '<none>';
  const labels = isObject(selector['matchLabels']) ? selector['matchLabels'] : {};
  const terms = [
    ...Object.entries(labels).map(([key, value]) => `${key}=${text(value)}`),
    ...objects(selector['matchExpressions']).map(expression),
  ];
  return terms.length === 0 ? '<none>' : terms.sort().join(',');
}

function expression({ key, operator, values }: JsonObject): string {
  const list = Array.isArray(values) ? values.map(text).join(',') : '';
  switch (operator) {
    case 'In':
      return `${text(key)} in (${list})`;
    case 'NotIn':
      return `${text(key)} notin (${list})`;
    case 'DoesNotExist':
      return `!${text(key)}`;
    default:
      return text(key);
  }
}
