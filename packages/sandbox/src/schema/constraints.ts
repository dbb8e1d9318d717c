import { composite, invalid, tooLong, tooMany, unsupported, wrongType } from './errors.ts';
import { isRightFormat } from './formats.ts';
import { canonicalText, equalJson, type JsonObject } from './json.ts';
import type { FieldError, StructuralSchema } from './schema.ts';

/** Length, pattern and format of a string; no errors for other values. Lengths count code points. */
export function stringErrors(schema: StructuralSchema, value: unknown, path: string): FieldError[] {
  if (typeof value !== 'string') {
    return [];
  }
  const errors: FieldError[] = [];
  const { length } = Array.from(value);
  if (schema.maxLength !== undefined && length > schema.maxLength) {
    errors.push(tooLong(path, schema.maxLength));
  }
  if (schema.minLength !== undefined && length < schema.minLength) {
    errors.push(invalid(path, value, `${path} in body should be at least ${schema.minLength} chars long`));
  }
  if (schema.pattern !== undefined && !compiled(schema.pattern).test(value)) {
    errors.push(invalid(path, value, `${path} in body should match '${schema.pattern}'`));
  }
  if (schema.format !== undefined && !isRightFormat(schema.format, value)) {
    errors.push(wrongType(path, schema.format, value));
  }
  return errors;
}

const patterns = new Map<string, RegExp>();

/** Patterns are RE2; what CRDs use of it reads the same in ECMAScript, with and without the u flag. */
function compiled(pattern: string): RegExp {
  let expression = patterns.get(pattern);
  if (expression === undefined) {
    expression = new RegExp(pattern);
    patterns.set(pattern, expression);
  }
  return expression;
}

const INTEGER_RANGES: Readonly<Record<string, readonly [number, number]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int64: [-(2 ** 63), 2 ** 63],
};

/** Range, step and integer format of a number; no errors for other values. */
export function numberErrors(schema: StructuralSchema, value: unknown, path: string): FieldError[] {
  if (typeof value !== 'number') {
    return [];
  }
  const { minimum, maximum, multipleOf } = schema;
  const errors: FieldError[] = [];
  const [low, high] = INTEGER_RANGES[schema.format ?? ''] ?? [-(2 ** 63), 2 ** 63];
  if (schema.type === 'integer' && (!Number.isInteger(value) || value < low || value > high)) {
    const format = schema.format === undefined ? '(default format)' : `with format ${schema.format}`;
    errors.push(composite(`Checked value must be of type integer ${format} in ${path}`));
  }
  const complain = (relation: string, bound: number): void => {
    errors.push(invalid(path, value, `${path} in body should be ${relation} ${bound}`));
  };
  if (maximum !== undefined && schema.exclusiveMaximum && value >= maximum) {
    complain('less than', maximum);
  } else if (maximum !== undefined && value > maximum) {
    complain('less than or equal to', maximum);
  }
  if (minimum !== undefined && schema.exclusiveMinimum && value <= minimum) {
    complain('greater than', minimum);
  } else if (minimum !== undefined && value < minimum) {
    complain('greater than or equal to', minimum);
  }
  if (multipleOf !== undefined && !Number.isInteger(value / multipleOf)) {
    complain('a multiple of', multipleOf);
  }
  return errors;
}

/** Length and uniqueness of an array; no errors for other values. */
export function arrayErrors(schema: StructuralSchema, value: unknown, path: string): FieldError[] {
  if (!Array.isArray(value)) {
    return [];
  }
  const items: readonly unknown[] = value;
  const errors: FieldError[] = [];
  if (schema.minItems !== undefined && items.length < schema.minItems) {
    errors.push(invalid(path, items.length, `${path} in body should have at least ${schema.minItems} items`));
  }
  if (schema.maxItems !== undefined && items.length > schema.maxItems) {
    errors.push(tooMany(path, items.length, schema.maxItems));
  }
  if (schema.uniqueItems && new Set(items.map(canonicalText)).size < items.length) {
    errors.push(invalid(path, '', `${path} in body shouldn't contain duplicates`));
  }
  return errors;
}

/** Number of properties of an object. */
export function countErrors(schema: StructuralSchema, value: JsonObject, path: string): FieldError[] {
  const count = Object.keys(value).length;
  const errors: FieldError[] = [];
  if (schema.minProperties !== undefined && count < schema.minProperties) {
    errors.push(
      invalid(path, count, `${path} in body should have at least ${schema.minProperties} properties`),
    );
  }
  if (schema.maxProperties !== undefined && count > schema.maxProperties) {
    errors.push(tooMany(path, count, schema.maxProperties));
  }
  return errors;
}

/** Membership in `enum`. */
export function valueErrors(schema: StructuralSchema, value: unknown, path: string): FieldError[] {
  const { enum: allowed } = schema;
  return allowed === undefined || allowed.some((item) => equalJson(item, value))
    ? []
    : [unsupported(path, value, allowed)];
}
