import { isObject, type JsonObject } from '../schema/json.ts';

/**
 * One step of a field path in its wire form (FieldsV1): `f:<field>`, `k:<keys of a list item as JSON>`,
 * `v:<item of a set as JSON>`, `i:<index>`. The JSON is canonical (sorted keys, no spaces), so that equal
 * elements are equal strings.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/#System
 */
export type PathElement = string;

export function fieldElement(name: string): PathElement {
  return `f:${name}`;
}

export function keyElement(keys: JsonObject): PathElement {
  const sorted = Object.entries(keys).sort(([left], [right]) => compareText(left, right));
  return `k:${JSON.stringify(Object.fromEntries(sorted))}`;
}

export function valueElement(value: unknown): PathElement {
  return `v:${JSON.stringify(value)}`;
}

/** The field's name, or undefined for an element that selects a list item. */
export function fieldName(element: PathElement): string | undefined {
  return element.startsWith('f:') ? element.slice(2) : undefined;
}

/** Brings an element from the wire into canonical form; undefined when it is malformed. */
export function parseElement(text: string): PathElement | undefined {
  if (text.startsWith('f:') || /^i:\d+$/.test(text)) {
    return text;
  }
  const content = parseJson(text.slice(2));
  if (text.startsWith('k:')) {
    return isObject(content) ? keyElement(content) : undefined;
  }
  return text.startsWith('v:') && content !== undefined ? valueElement(content) : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The element as conflict messages print it: `.spec`, `[name="web"]`, `[="finalizer"]`, `[3]`. */
export function printElement(element: PathElement): string {
  const content = element.slice(2);
  switch (element.slice(0, 2)) {
    case 'k:': {
      const keys: unknown = JSON.parse(content);
      const parts = Object.entries(isObject(keys) ? keys : {});
      return `[${parts.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`;
    }
    case 'v:':
      return `[=${content}]`;
    case 'i:':
      return `[${content}]`;
    default:
      return `.${content}`;
  }
}

const KIND_ORDER = 'fkvi';

/** The order of elements in FieldsV1 and in lists of conflicts: fields, keys, values, indices. */
export function compareElements(left: PathElement, right: PathElement): number {
  const kinds = KIND_ORDER.indexOf(left.charAt(0)) - KIND_ORDER.indexOf(right.charAt(0));
  if (kinds !== 0 || left.startsWith('f:')) {
    return kinds || compareText(left, right);
  }
  return compareJson(JSON.parse(left.slice(2)), JSON.parse(right.slice(2)));
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}

function compareJson(left: unknown, right: unknown): number {
  if (isObject(left) && isObject(right)) {
    const [ours, theirs] = [Object.entries(left), Object.entries(right)];
    for (const [index, [name, value]] of ours.entries()) {
      const other = theirs[index];
      if (other === undefined) {
        return 1;
      }
      const order = compareText(name, other[0]) || compareJson(value, other[1]);
      if (order !== 0) {
        return order;
      }
    }
    return ours.length - theirs.length;
  }
  if (typeof left === 'number' && typeof right === 'number') {
    return left - right;
  }
  return compareText(JSON.stringify(left), JSON.stringify(right));
}
