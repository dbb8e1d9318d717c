import { describe, expect, it } from 'vitest';
import { pruneUnknown } from '../../src/schema/prune.ts';
import type { StructuralSchema } from '../../src/schema/schema.ts';

const schema: StructuralSchema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        size: { type: 'integer' },
        list: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } } } },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
        free: {
          type: 'object',
          'x-kubernetes-preserve-unknown-fields': true,
          properties: { known: { type: 'object', properties: { a: { type: 'string' } } } },
        },
        template: { type: 'object', 'x-kubernetes-embedded-resource': true, properties: {} },
      },
    },
  },
};

describe('pruneUnknown', () => {
  it('removes unknown fields at every level and names them in order', () => {
    const object = { spec: { zzz: 1, size: 1, list: [{ name: 'a' }, { name: 'b', nope: {} }] }, extra: true };
    expect(pruneUnknown(schema, object)).toEqual(['extra', 'spec.list[1].nope', 'spec.zzz']);
    expect(object).toEqual({ spec: { size: 1, list: [{ name: 'a' }, { name: 'b' }] } });
  });

  it('keeps apiVersion, kind and metadata whole, here and in embedded resources', () => {
    const resource = { apiVersion: 'v1', kind: 'Thing', metadata: { anything: 1 } };
    const object = { ...resource, spec: { template: { ...resource, data: {} } } };
    expect(pruneUnknown(schema, object)).toEqual(['spec.template.data']);
    expect(object).toEqual({ ...resource, spec: { template: resource } });
  });

  it('keeps the unknown fields of a level that preserves them, but not those of described children', () => {
    const object = { spec: { free: { any: { deep: [{ x: 1 }] }, known: { a: 'x', b: 'y' } } } };
    expect(pruneUnknown(schema, object)).toEqual(['spec.free.known.b']);
    expect(object).toEqual({ spec: { free: { any: { deep: [{ x: 1 }] }, known: { a: 'x' } } } });
  });

  it('keeps the keys of maps', () => {
    const object = { spec: { labels: { a: 'b', constructor: 'c' } } };
    expect(pruneUnknown(schema, object)).toEqual([]);
  });

  it('does not take inherited names for declared ones', () => {
    const object = { spec: { constructor: 1, toString: 2 } };
    expect(pruneUnknown(schema, object)).toEqual(['spec.constructor', 'spec.toString']);
  });
});
