import { describe, expect, it } from 'vitest';
import { invalidMessage, type StructuralSchema } from '../../src/schema/schema.ts';
import { validateObject } from '../../src/schema/validate.ts';

const text: StructuralSchema = { type: 'string' };

function messagesOf(schema: StructuralSchema, value: unknown): string[] {
  const root: StructuralSchema = { type: 'object', properties: { spec: schema } };
  return validateObject(root, { spec: value }).map(({ field, message }) => `${field}: ${message}`);
}

/** Schema, value and the messages that a kube-apiserver 1.36 gave for them. */
const CASES: readonly [string, StructuralSchema, unknown, readonly string[]][] = [
  [
    'a string for an integer',
    { type: 'integer' },
    'x',
    ['spec: Invalid value: "string": spec in body must be of type integer: "string"'],
  ],
  [
    'a fraction for an int32',
    { type: 'integer', format: 'int32' },
    1.5,
    [
      'spec: Invalid value: "float64": spec in body must be of type int32: "float64"',
      '<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec',
    ],
  ],
  [
    'an int32 out of range',
    { type: 'integer', format: 'int32' },
    3_000_000_000,
    ['<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec'],
  ],
  [
    'a number below the minimum',
    { type: 'integer', minimum: 1 },
    0,
    ['spec: Invalid value: 0: spec in body should be greater than or equal to 1'],
  ],
  [
    'a number at an exclusive minimum',
    { type: 'number', minimum: 0, exclusiveMinimum: true },
    0,
    ['spec: Invalid value: 0: spec in body should be greater than 0'],
  ],
  [
    'a number above the maximum',
    { type: 'integer', maximum: 10 },
    11,
    ['spec: Invalid value: 11: spec in body should be less than or equal to 10'],
  ],
  [
    'a number at an exclusive maximum',
    { type: 'integer', maximum: 10, exclusiveMaximum: true },
    10,
    ['spec: Invalid value: 10: spec in body should be less than 10'],
  ],
  [
    'a number off its grid',
    { type: 'integer', multipleOf: 3 },
    4,
    ['spec: Invalid value: 4: spec in body should be a multiple of 3'],
  ],
  [
    'a short string',
    { type: 'string', minLength: 2 },
    'a',
    ['spec: Invalid value: "a": spec in body should be at least 2 chars long'],
  ],
  [
    'a long string',
    { type: 'string', maxLength: 5 },
    'abcdef',
    ['spec: Too long: may not be more than 5 bytes'],
  ],
  [
    'a string off its pattern',
    { type: 'string', pattern: '^[a-z]+$' },
    'A1',
    ['spec: Invalid value: "A1": spec in body should match \'^[a-z]+$\''],
  ],
  [
    'an unknown enum value',
    { type: 'string', enum: ['A', 'B'] },
    'C',
    ['spec: Unsupported value: "C": supported values: "A", "B"'],
  ],
  [
    'a bad instant',
    { type: 'string', format: 'date-time' },
    'yesterday',
    ['spec: Invalid value: "yesterday": spec in body must be of type date-time: "yesterday"'],
  ],
  [
    'a number for an instant',
    { type: 'string', format: 'date-time' },
    5,
    ['spec: Invalid value: "int64": spec in body must be of type date-time: "int64"'],
  ],
  [
    'a repeated item of a set',
    { type: 'array', items: text, 'x-kubernetes-list-type': 'set' },
    ['a', 'b', 'a', 'a'],
    ['spec[2]: Duplicate value: "a"'],
  ],
  [
    'a repeated key of a map list',
    {
      type: 'array',
      items: { type: 'object', properties: { port: { type: 'integer' }, protocol: text } },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['port', 'protocol'],
    },
    [
      { port: 1, protocol: 'TCP' },
      { port: 1, protocol: 'UDP' },
      { port: 1, protocol: 'UDP' },
    ],
    ['spec[2]: Duplicate value: {"port":1,"protocol":"UDP"}'],
  ],
  [
    'too many items',
    { type: 'array', items: text, maxItems: 1 },
    ['a', 'b'],
    ['spec: Too many: 2: must have at most 1 item'],
  ],
  [
    'too few items',
    { type: 'array', items: text, minItems: 2 },
    ['a'],
    ['spec: Invalid value: 1: spec in body should have at least 2 items'],
  ],
  [
    'too many properties',
    { type: 'object', additionalProperties: text, maxProperties: 1 },
    { a: '1', b: '2' },
    ['spec: Too many: 2: must have at most 1 item'],
  ],
  [
    'too few properties',
    { type: 'object', additionalProperties: text, minProperties: 1 },
    {},
    ['spec: Invalid value: 0: spec in body should have at least 1 properties'],
  ],
  ['a missing field', { type: 'object', required: ['a'] }, {}, ['spec.a: Required value']],
  [
    'a value of a map',
    { type: 'object', additionalProperties: text },
    { a: 1 },
    ['spec.a: Invalid value: "integer": spec.a in body must be of type string: "integer"'],
  ],
  [
    'an item of a list',
    { type: 'array', items: text },
    ['a', null],
    ['spec[1]: Invalid value: "null": spec[1] in body must be of type string: "null"'],
  ],
  [
    'a boolean for an int-or-string',
    { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] },
    true,
    [
      'spec: Invalid value: "boolean": spec in body must be of type integer,string: "boolean"',
      '<nil>: Invalid value: "": "spec" must validate at least one schema (anyOf)',
      'spec: Invalid value: "boolean": spec in body must be of type integer: "boolean"',
    ],
  ],
  [
    'none of oneOf',
    { type: 'object', oneOf: [{ required: ['a'] }, { required: ['b'] }] },
    {},
    [
      '<nil>: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found none valid',
      'spec.a: Required value',
    ],
  ],
  [
    'two of oneOf',
    { type: 'object', oneOf: [{ required: ['a'] }, { required: ['b'] }] },
    { a: 1, b: 1 },
    [
      '<nil>: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found 2 valid alternatives',
    ],
  ],
  [
    'one of allOf',
    { type: 'object', allOf: [{ required: ['a'] }, { required: ['b'] }] },
    { a: 1 },
    ['spec.b: Required value', '<nil>: Invalid value: "": "spec" must validate all the schemas (allOf)'],
  ],
  [
    'what not forbids',
    { type: 'object', not: { required: ['a'] } },
    { a: 1 },
    ['<nil>: Invalid value: "": "spec" must not validate the schema (not)'],
  ],
];

describe('validateObject', () => {
  it.each(CASES)('reports %s as the API server does', (_, schema, value, expected) => {
    expect(messagesOf(schema, value)).toEqual(expected);
  });

  it.each<[string, StructuralSchema, unknown]>([
    ['a whole number where a fraction may stand', { type: 'number' }, 3],
    ['null where it is allowed', { type: 'string', nullable: true }, null],
    ['both halves of an int-or-string', { 'x-kubernetes-int-or-string': true }, '5%'],
    ['an instant with an offset', { type: 'string', format: 'date-time' }, '2026-01-31T12:00:00.5+01:00'],
    ['a format that the API server does not know', { type: 'string', format: 'colour' }, 'red'],
    ['properties that the schema leaves open', { 'x-kubernetes-preserve-unknown-fields': true }, { a: [1] }],
    ['lengths in characters, not in UTF-16 units', { type: 'string', maxLength: 1 }, '🌬'],
    ['a key that every object inherits', { type: 'object', properties: {} }, { constructor: 1 }],
  ])('accepts %s', (_, schema, value) => {
    expect(messagesOf(schema, value)).toEqual([]);
  });

  it('accepts everything without a schema', () => {
    expect(validateObject(undefined, { spec: 1 })).toEqual([]);
  });

  it('gives the reason of each cause', () => {
    const schema: StructuralSchema = {
      type: 'object',
      required: ['a'],
      properties: {
        b: { type: 'integer' },
        c: { type: 'string', enum: ['x'] },
        d: { type: 'integer', minimum: 1 },
      },
    };
    const reasons = validateObject(schema, { b: 'x', c: 'y', d: 0 }).map(({ field, reason }) => [
      field,
      reason,
    ]);
    expect(Object.fromEntries(reasons)).toEqual({
      a: 'FieldValueRequired',
      b: 'FieldValueTypeInvalid',
      c: 'FieldValueNotSupported',
      d: 'FieldValueInvalid',
    });
  });
});

describe('invalidMessage', () => {
  const error = { field: 'spec.size', reason: 'FieldValueRequired', message: 'Required value' } as const;

  it('names the one violation', () => {
    expect(invalidMessage('Thing.example.com', 't', [error])).toBe(
      'Thing.example.com "t" is invalid: spec.size: Required value',
    );
  });

  it('lists several, each once', () => {
    const other = { ...error, field: 'spec.name' };
    expect(invalidMessage('Thing.example.com', 't', [error, other, error])).toBe(
      'Thing.example.com "t" is invalid: [spec.size: Required value, spec.name: Required value]',
    );
  });
});
