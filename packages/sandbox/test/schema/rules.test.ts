import { describe, expect, it } from 'vitest';
import type { StructuralSchema } from '../../src/schema/schema.ts';
import { validateObject } from '../../src/schema/validate.ts';

const MIN_MAX = '!has(self.min) || !has(self.max) || self.min <= self.max';

const schema: StructuralSchema = {
  type: 'object',
  properties: {
    size: { type: 'integer' },
    fixed: {
      type: 'string',
      'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'is immutable' }],
    },
    range: {
      type: 'object',
      properties: { min: { type: 'integer' }, max: { type: 'integer' } },
      'x-kubernetes-validations': [{ rule: MIN_MAX, message: 'min must not exceed max' }],
    },
    items: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: {
        type: 'object',
        properties: { name: { type: 'string' }, weight: { type: 'integer' } },
        'x-kubernetes-validations': [{ rule: 'self.weight >= oldSelf.weight', message: 'must not shrink' }],
      },
    },
    labels: {
      type: 'object',
      additionalProperties: { type: 'string', 'x-kubernetes-validations': [{ rule: "self != 'bad'" }] },
    },
  },
};

function messages(object: Record<string, unknown>, previous?: Record<string, unknown>): string[] {
  return validateObject(schema, object, previous).map(({ field, message }) => `${field}: ${message}`);
}

describe('CEL rules', () => {
  it('names the field and the message of a rule that fails', () => {
    expect(messages({ range: { min: 3, max: 2 } })).toEqual([
      'range: Invalid value: min must not exceed max',
    ]);
  });

  it('lets has() tell missing fields', () => {
    expect(messages({ range: { min: 3 } })).toEqual([]);
  });

  it('prints scalars, and the rule where it has no message', () => {
    expect(messages({ labels: { a: 'bad', b: 'good' } })).toEqual([
      'labels[a]: Invalid value: "bad": failed rule: self != \'bad\'',
    ]);
  });

  it('runs rules about the old value on updates only', () => {
    expect(messages({ fixed: 'b' })).toEqual([]);
    expect(messages({ fixed: 'b' }, {})).toEqual([]);
    expect(messages({ fixed: 'a' }, { fixed: 'a' })).toEqual([]);
    expect(messages({ fixed: 'b' }, { fixed: 'a' })).toEqual(['fixed: Invalid value: "b": is immutable']);
  });

  it('matches the items of a keyed list with their old selves', () => {
    const before = {
      items: [
        { name: 'a', weight: 2 },
        { name: 'b', weight: 5 },
      ],
    };
    const after = {
      items: [
        { name: 'b', weight: 4 },
        { name: 'a', weight: 3 },
        { name: 'c', weight: 0 },
      ],
    };
    expect(messages(after, before)).toEqual(['items[0]: Invalid value: must not shrink']);
  });

  it('are not evaluated on an object of the wrong shape, and say so', () => {
    expect(messages({ size: 'x', range: { min: 3, max: 2 } })).toEqual([
      'size: Invalid value: "string": size in body must be of type integer: "string"',
      '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
    ]);
  });

  it('turn an evaluation error into a violation', () => {
    const broken: StructuralSchema = {
      type: 'object',
      'x-kubernetes-validations': [{ rule: 'self.missing > 1', message: 'needs missing' }],
    };
    const [error] = validateObject(broken, {});
    expect(error?.message).toContain('evaluating rule: needs missing');
  });

  it('take message, path and reason from the rule', () => {
    const rule = {
      rule: 'false',
      messageExpression: "'size is ' + string(self.size)",
      reason: 'FieldValueForbidden',
      fieldPath: '.size',
    } as const;
    const ruled: StructuralSchema = {
      type: 'object',
      properties: { size: { type: 'integer' } },
      'x-kubernetes-validations': [rule],
    };
    expect(validateObject(ruled, { size: 4 })).toEqual([
      { field: 'size', reason: 'FieldValueForbidden', message: 'Forbidden: size is 4' },
    ]);
  });
});
