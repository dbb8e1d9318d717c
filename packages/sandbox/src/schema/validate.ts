import { arrayErrors, countErrors, numberErrors, stringErrors, valueErrors } from './constraints.ts';
import { composite, RULES_SKIPPED, required, wrongType } from './errors.ts';
import { isObject, type JsonObject } from './json.ts';
import { duplicateEntries } from './list-types.ts';
import { hasRules, validateRules } from './rules.ts';
import { type FieldError, type FieldErrorReason, native, type StructuralSchema } from './schema.ts';

/**
 * Checks an object against a structural schema, in the order and words of the API server.
 *
 * @param previous the stored object on an update: CEL rules that name `oldSelf` run only then
 * @returns all violations; empty when the object is valid
 */
export function validateObject(
  schema: StructuralSchema | undefined,
  object: JsonObject,
  previous?: JsonObject,
): FieldError[] {
  if (schema === undefined) {
    return [];
  }
  const errors = [...check(schema, object, ''), ...duplicateEntries(schema, object, '')];
  if (!hasRules(schema)) {
    return errors;
  }
  const isBlocked = errors.some((error) => BLOCKING.has(error.reason));
  if (!isBlocked) {
    return [...errors, ...validateRules(schema, object, previous)];
  }
  return native in schema ? errors : [...errors, RULES_SKIPPED];
}

/** CEL rules may rely on the types and limits that the schema states, so these errors come before them. */
const BLOCKING: ReadonlySet<FieldErrorReason> = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

function check(schema: StructuralSchema, value: unknown, path: string): FieldError[] {
  const typeErrors = checkType(schema, value, path);
  if (value === null) {
    return typeErrors;
  }
  return [
    ...typeErrors,
    ...compositeErrors(schema, value, path),
    ...stringErrors(schema, value, path),
    ...numberErrors(schema, value, path),
    ...arrayErrors(schema, value, path),
    ...valueErrors(schema, value, path),
    ...childErrors(schema, value, path),
  ];
}

function checkType(schema: StructuralSchema, value: unknown, path: string): FieldError[] {
  const { type, format, nullable } = schema;
  const types = schema['x-kubernetes-int-or-string']
    ? ['integer', 'string']
    : type === undefined
      ? []
      : [type];
  const actual = jsonType(value);
  const fits =
    types.length === 0 ||
    types.includes(actual) ||
    (actual === 'null' && nullable === true) ||
    (actual === 'integer' && type === 'number');
  if (fits) {
    return [];
  }
  const isScalar = actual === 'integer' || actual === 'number' || actual === 'boolean';
  // With a format the API server names formats instead of types, and booleans have none.
  return isScalar && format !== undefined
    ? [wrongType(path, format, GO_FORMATS[actual] ?? '')]
    : [wrongType(path, types.join(','), actual)];
}

const GO_FORMATS: Readonly<Record<string, string>> = { integer: 'int64', number: 'float64' };

function jsonType(value: unknown): string {
  if (value === null || value === undefined) {
    return 'null';
  }
  if (Array.isArray(value)) {
    return 'array';
  }
  if (typeof value === 'number') {
    return Number.isInteger(value) ? 'integer' : 'number';
  }
  return typeof value;
}

function childErrors(schema: StructuralSchema, value: unknown, path: string): FieldError[] {
  const { items, properties = {}, additionalProperties } = schema;
  if (Array.isArray(value)) {
    return items === undefined
      ? []
      : value.flatMap((item: unknown, index) => check(items, item, `${path}[${index}]`));
  }
  if (!isObject(value)) {
    return [];
  }
  const errors: FieldError[] = countErrors(schema, value, path);
  for (const [key, child] of Object.entries(value)) {
    const childSchema = Object.hasOwn(properties, key)
      ? properties[key]
      : typeof additionalProperties === 'object'
        ? additionalProperties
        : undefined;
    if (childSchema !== undefined) {
      errors.push(...check(childSchema, child, joinPath(path, key)));
    }
  }
  for (const key of schema.required ?? []) {
    if (!Object.hasOwn(value, key)) {
      errors.push(required(joinPath(path, key)));
    }
  }
  return errors;
}

function joinPath(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function compositeErrors(schema: StructuralSchema, value: unknown, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const name = JSON.stringify(path);
  const failuresOf = (branches: readonly StructuralSchema[]): FieldError[][] =>
    branches.map((branch) => check(branch, value, path));
  if (schema.anyOf !== undefined && schema.anyOf.length > 0) {
    const failures = failuresOf(schema.anyOf);
    if (failures.every((list) => list.length > 0)) {
      errors.push(composite(`${name} must validate at least one schema (anyOf)`), ...(failures[0] ?? []));
    }
  }
  if (schema.oneOf !== undefined && schema.oneOf.length > 0) {
    const failures = failuresOf(schema.oneOf);
    const valid = failures.filter((list) => list.length === 0).length;
    if (valid !== 1) {
      const found = valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`;
      errors.push(composite(`${name} must validate one and only one schema (oneOf). ${found}`));
      errors.push(...(valid === 0 ? (failures[0] ?? []) : []));
    }
  }
  const allOf = failuresOf(schema.allOf ?? []).filter((list) => list.length > 0);
  if (allOf.length > 0) {
    const detail = allOf.length === schema.allOf?.length ? '. None validated' : '';
    errors.push(...allOf.flat(), composite(`${name} must validate all the schemas (allOf)${detail}`));
  }
  if (schema.not !== undefined && check(schema.not, value, path).length === 0) {
    errors.push(composite(`${name} must not validate the schema (not)`));
  }
  return errors;
}
