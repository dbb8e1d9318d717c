import type { FieldError } from './schema.ts';

/** Builders of field errors in the words of the API server (k8s.io/apimachinery, package field). */

export function required(field: string): FieldError {
  return { field, reason: 'FieldValueRequired', message: 'Required value' };
}

export function invalid(field: string, value: unknown, detail: string): FieldError {
  return { field, reason: 'FieldValueInvalid', message: `Invalid value: ${printValue(value)}: ${detail}` };
}

/** @param actual the type that was found, in JSON schema's words */
export function wrongType(field: string, expected: string, actual: string): FieldError {
  const place = field === '' ? '' : field;
  return {
    field: fieldOrRoot(field),
    reason: 'FieldValueTypeInvalid',
    message: `Invalid value: ${JSON.stringify(actual)}: ${place} in body must be of type ${expected}: ${JSON.stringify(actual)}`,
  };
}

export function unsupported(field: string, value: unknown, allowed: readonly unknown[]): FieldError {
  const names = allowed.map((item) => JSON.stringify(typeof item === 'string' ? item : JSON.stringify(item)));
  return {
    field,
    reason: 'FieldValueNotSupported',
    message: `Unsupported value: ${printValue(value)}: supported values: ${names.join(', ')}`,
  };
}

export function duplicate(field: string, value: unknown): FieldError {
  return { field, reason: 'FieldValueDuplicate', message: `Duplicate value: ${printValue(value)}` };
}

export function tooLong(field: string, limit: number): FieldError {
  const unit = limit === 1 ? 'byte' : 'bytes';
  return {
    field,
    reason: 'FieldValueTooLong',
    message: `Too long: may not be more than ${limit} ${unit}`,
  };
}

export function tooMany(field: string, actual: number, limit: number): FieldError {
  const unit = limit === 1 ? 'item' : 'items';
  return {
    field,
    reason: 'FieldValueTooMany',
    message: `Too many: ${actual}: must have at most ${limit} ${unit}`,
  };
}

/** A violation of `oneOf`, `anyOf`, `allOf` or `not`: the API server gives these no field. */
export function composite(detail: string): FieldError {
  return { field: '<nil>', reason: 'FieldValueInvalid', message: `Invalid value: "": ${detail}` };
}

function fieldOrRoot(field: string): string {
  return field === '' ? '<nil>' : field;
}

function printValue(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}
