import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyDefaults, zeroObject } from '../../src/schema/defaults.ts';
import { native, type StructuralSchema } from '../../src/schema/schema.ts';

const schema: StructuralSchema = {
  type: 'object',
  properties: {
    mode: { type: 'string', default: 'A' },
    maybe: { type: 'string', nullable: true, default: 'x' },
    plain: { type: 'string' },
    deep: { type: 'object', default: {}, properties: { value: { type: 'integer', default: 3 } } },
    shallow: { type: 'object', properties: { value: { type: 'integer', default: 3 } } },
    list: {
      type: 'array',
      items: { type: 'object', properties: { protocol: { type: 'string', default: 'TCP' } } },
    },
    map: {
      type: 'object',
      additionalProperties: { type: 'object', properties: { n: { type: 'integer', default: 1 } } },
    },
  },
};

function defaulted(object: Record<string, unknown>): Record<string, unknown> {
  applyDefaults(schema, object);
  return object;
}

describe('applyDefaults', () => {
  it('fills in what is missing, and below what it filled in', () => {
    expect(defaulted({})).toEqual({ mode: 'A', maybe: 'x', deep: { value: 3 } });
  });

  it('keeps what is there and does not make parents that have no default', () => {
    expect(defaulted({ mode: 'B', deep: { value: 0 }, shallow: {} })).toEqual({
      mode: 'B',
      maybe: 'x',
      deep: { value: 0 },
      shallow: { value: 3 },
    });
  });

  it('treats a null that is not allowed as missing', () => {
    expect(defaulted({ mode: null, maybe: null, plain: null, deep: { value: null } })).toEqual({
      mode: 'A',
      maybe: null,
      deep: { value: 3 },
    });
  });

  it('reaches the items of lists and the values of maps', () => {
    expect(defaulted({ list: [{}, { protocol: 'UDP' }], map: { a: {}, constructor: {} } })).toMatchObject({
      list: [{ protocol: 'TCP' }, { protocol: 'UDP' }],
      map: { a: { n: 1 }, constructor: { n: 1 } },
    });
  });

  it('drops empty parts of the metadata', () => {
    const metadata = { name: 'a', labels: {}, annotations: { b: 'c' }, finalizers: [], ownerReferences: [] };
    expect(defaulted({ metadata })['metadata']).toEqual({ name: 'a', annotations: { b: 'c' } });
  });

  it('never hands out the same object twice', () => {
    const [first, second] = [defaulted({}), defaulted({})];
    expect(first['deep']).not.toBe(second['deep']);
    expect(first['deep']).not.toBe(schema.properties?.['deep']?.default);
  });

  it('is idempotent', () => {
    const objects = fc.record(
      {
        mode: fc.option(fc.string()),
        deep: fc.option(fc.record({ value: fc.option(fc.integer()) }, { requiredKeys: [] })),
        list: fc.array(fc.record({ protocol: fc.option(fc.string()) }, { requiredKeys: [] })),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(objects, (object) => {
        const once = defaulted(structuredClone(object));
        expect(defaulted(structuredClone(once))).toEqual(once);
      }),
    );
  });
});

describe('native types', () => {
  const struct: StructuralSchema = {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        [native]: { zero: {} },
        properties: {
          rules: { type: 'array', [native]: { zero: null } },
          args: { type: 'array', items: { type: 'string' }, [native]: { dropEmpty: true } },
        },
      },
    },
  };

  it('are there from the start', () => {
    expect(zeroObject(struct)).toEqual({ spec: { rules: null } });
    const object: Record<string, unknown> = {};
    applyDefaults(struct, object);
    expect(object).toEqual({ spec: { rules: null } });
  });

  it('do not tell an empty list from none', () => {
    const object = { spec: { rules: [], args: [] } };
    applyDefaults(struct, object);
    expect(object).toEqual({ spec: { rules: [] } });
  });

  it('is nothing for custom resources', () => {
    expect(zeroObject(schema)).toEqual({});
    expect(zeroObject(undefined)).toEqual({});
  });
});
