import type { FieldError, FieldErrorReason } from './schema.ts';

/** Builders of field errors in the words of the API server (k8s.io/apimachinery, package field). */

export function required(field: string): FieldError {
  return { field, reason: 'FieldValueRequired', message: 'Required value' };
}

export function invalid(field: string, value: unknown, detail: string): FieldError {
  return { field, reason: 'FieldValueInvalid', message: `Invalid value: ${printValue(value)}: ${detail}` };
}

/** @param actual the type that was found, or the value itself where only its format is wrong */
export function wrongType(field: string, expected: string, actual: string): FieldError {
  const printed = JSON.stringify(actual);
  return {
    field: field === '' ? '<nil>' : field,
    reason: 'FieldValueTypeInvalid',
    message: `Invalid value: ${printed}: ${field} in body must be of type ${expected}: ${printed}`,
  };
}

const RULE_PREFIXES: Partial<Record<FieldErrorReason, string>> = {
  FieldValueForbidden: 'Forbidden',
  FieldValueRequired: 'Required value',
};

/** A violation of a CEL rule, with the reason that the rule asks for; only scalars are printed. */
export function invalidByRule(
  field: string,
  value: unknown,
  message: string,
  reason: FieldErrorReason = 'FieldValueInvalid',
): FieldError {
  if (reason === 'FieldValueDuplicate') {
    return duplicate(field, value);
  }
  const prefix = RULE_PREFIXES[reason];
  const printed = typeof value === 'object' ? '' : `${printValue(value)}: `;
  return {
    field: field === '' ? '<nil>' : field.replace(/^\./, ''),
    reason,
    message: prefix === undefined ? `Invalid value: ${printed}${message}` : `${prefix}: ${message}`,
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

/** A violation that the API server reports without a field, as for `oneOf` and its kin. */
export function composite(detail: string): FieldError {
  return { field: '<nil>', reason: 'FieldValueInvalid', message: `Invalid value: "": ${detail}` };
}

/** What the API server adds when CEL rules could not be evaluated for an ill-formed object. */
export const RULES_SKIPPED: FieldError = {
  field: '<nil>',
  reason: 'FieldValueInvalid',
  message:
    'Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
};

function printValue(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}
