import { isObject, type JsonObject, ownValue } from '../schema/json.ts';
import type { StructuralSchema } from '../schema/schema.ts';
import { ApplyError } from './errors.ts';
import { printElement } from './path-element.ts';
import { fieldType, itemElement, itemType, rootType, shapeOf, type TypeRef } from './typing.ts';

/**
 * Checks that an applied configuration can be typed: only fields that the schema has, scalars of the right
 * kind, list items with keys, no duplicates.
 *
 * @throws ApplyError 500 in the API server's words
 */
export function checkApplied(schema: StructuralSchema | undefined, applied: JsonObject): void {
  const problems = check(rootType(schema), applied, '');
  if (problems.length === 0) {
    return;
  }
  const metadata = isObject(applied.metadata) ? applied.metadata : {};
  const textOf = (key: string): string => {
    const value = ownValue(metadata, key);
    return typeof value === 'string' ? value : '';
  };
  const name = `${textOf('namespace')}/${textOf('name')}`;
  const type = `${String(applied.apiVersion)}, Kind=${String(applied.kind)}`;
  const list = problems.length === 1 ? String(problems[0]) : ['errors:', ...problems].join('\n  ');
  throw new ApplyError(500, `failed to create typed patch object (${name}; ${type}): ${list}`);
}

function check(type: TypeRef, value: unknown, path: string): string[] {
  if (value === null) {
    return [];
  }
  const mismatch = scalarMismatch(type.schema, value);
  if (mismatch !== undefined) {
    return [`${path}: ${mismatch}`];
  }
  if (isObject(value)) {
    return Object.entries(value).flatMap(([key, child]) => {
      const childType = fieldType(type, key);
      const childPath = `${path}.${key}`;
      return childType === undefined
        ? [`${childPath}: field not declared in schema`]
        : check(childType, child, childPath);
    });
  }
  return Array.isArray(value) ? checkList(type, value, path) : [];
}

function checkList(type: TypeRef, list: readonly unknown[], path: string): string[] {
  if (shapeOf(type, list) === 'leaf') {
    return list.flatMap((item, index) => check(itemType(type), item, `${path}[${index}]`));
  }
  const seen = new Set<string>();
  return list.flatMap((item, index) => {
    const identity = itemElement(type, item);
    if (!('element' in identity)) {
      return [`${path}: element ${index}: ${identity.problem}`];
    }
    const printed = printElement(identity.element);
    const repeated = seen.has(printed) ? [`${path}: duplicate entries for key ${printed}`] : [];
    seen.add(printed);
    return [...repeated, ...check(itemType(type), item, `${path}${printed}`)];
  });
}

const GO_TYPES: Readonly<Record<string, string>> = {
  string: 'string',
  number: 'float64',
  boolean: 'bool',
};

function scalarMismatch(schema: StructuralSchema | undefined, value: unknown): string | undefined {
  const type = schema?.type;
  if (type === 'integer' || type === 'number') {
    const found =
      GO_TYPES[typeof value] ?? (Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}');
    return typeof value === 'number' ? undefined : `expected numeric (int or float), got ${found}`;
  }
  if (type === 'string') {
    // Strings with a format, such as date-time, are untyped scalars to the API server.
    const fits = typeof value === 'string' || (schema?.format !== undefined && typeof value !== 'object');
    return fits ? undefined : `expected string, got &value.valueUnstructured{Value:${JSON.stringify(value)}}`;
  }
  if (type === 'boolean') {
    return typeof value === 'boolean' ? undefined : `expected boolean, got &{${printGo(value)}}`;
  }
  if (type === 'array') {
    return Array.isArray(value) ? undefined : `expected list, got &{${printGo(value)}}`;
  }
  return type === undefined || isObject(value) ? undefined : `expected map, got &{${printGo(value)}}`;
}

/** A value as Go's `%v` prints it. */
function printGo(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(printGo).join(' ')}]`;
  }
  if (isObject(value)) {
    const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
    return `map[${entries.map(([key, child]) => `${key}:${printGo(child)}`).join(' ')}]`;
  }
  return value === null ? '<nil>' : typeof value === 'string' ? value : JSON.stringify(value);
}
