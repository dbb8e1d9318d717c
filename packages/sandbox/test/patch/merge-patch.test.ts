import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyMergePatch } from '../../src/patch/merge-patch.ts';

/** The examples of RFC 7386, appendix A, as far as a resource (an object) can be patched at all. */
const RFC_7386: readonly [Record<string, unknown>, Record<string, unknown>, Record<string, unknown>][] = [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
];

const objects = fc.dictionary(fc.string(), fc.jsonValue());
/** Values in which nulls, which a merge patch cannot write, do not occur. */
const plain = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.integer(),
    fc.string(),
    fc.boolean(),
    fc.dictionary(fc.string(), tie('value')),
  ),
})).value;

describe('applyMergePatch', () => {
  it.each(RFC_7386)('%j patched with %j gives %j', (target, patch, expected) => {
    expect(applyMergePatch(target, patch)).toEqual(expected);
  });

  it.each([[[1]], ['x'], [null], [3]])('refuses %j, which would replace the whole resource', (patch) => {
    expect(() => applyMergePatch({ a: 1 }, patch)).toThrow(expect.objectContaining({ code: 422 }));
  });

  it('changes nothing when empty', () => {
    fc.assert(
      fc.property(objects, (target) => {
        expect(applyMergePatch(target, {})).toEqual(target);
      }),
    );
  });

  it('is idempotent', () => {
    fc.assert(
      fc.property(objects, objects, (target, patch) => {
        const once = applyMergePatch(target, patch);
        expect(applyMergePatch(once, patch)).toEqual(once);
      }),
    );
  });

  it('turns nothing into any object without nulls', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), plain), (wanted) => {
        expect(applyMergePatch({}, wanted)).toEqual(wanted);
      }),
    );
  });

  it('does not touch its arguments', () => {
    fc.assert(
      fc.property(objects, objects, (target, patch) => {
        const [before, change] = [structuredClone(target), structuredClone(patch)];
        applyMergePatch(target, patch);
        expect([target, patch]).toEqual([before, change]);
      }),
    );
  });
});
