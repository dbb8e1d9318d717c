import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergePatch } from '../../../src/runtime/client/merge-patch.ts';
import { equalJson, isObject, type JsonObject } from '../../../src/runtime/client/object.ts';

/** RFC 7386, section 2, word for word. */
function applied(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: JsonObject = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = applied(result[key], value);
  }
  return result;
}

// A merge patch cannot say null, and empty objects inside new ones are fine.
const { value: json } = fc.letrec<{ value: unknown; object: JsonObject }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.boolean(),
    fc.integer(),
    fc.string(),
    fc.array(fc.integer(), { maxLength: 3 }),
    tie('object'),
  ),
  object: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), tie('value'), {
    maxKeys: 4,
    noNullPrototype: true,
  }),
}));
const object = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), json, {
  maxKeys: 4,
  noNullPrototype: true,
});

describe('a merge patch', () => {
  it('turns one object into the other', () => {
    fc.assert(
      fc.property(object, object, (before, after) => {
        expect(applied(before, mergePatch(before, after) ?? {})).toEqual(after);
      }),
    );
  });

  it('is nothing at all between equals', () => {
    fc.assert(
      fc.property(object, (value) => {
        expect(mergePatch(value, structuredClone(value))).toBeUndefined();
        expect(equalJson(value, structuredClone(value))).toBe(true);
      }),
    );
  });

  it('replaces lists whole and removes by null', () => {
    expect(mergePatch({ list: [1, 2], gone: 1, same: 's' }, { list: [2], same: 's' })).toEqual({
      list: [2],
      gone: null,
    });
  });

  it('writes into nothing', () => {
    expect(mergePatch(undefined, { a: { b: 1 } })).toEqual({ a: { b: 1 } });
  });
});
