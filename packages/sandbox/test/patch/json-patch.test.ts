import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyJsonPatch } from '../../src/patch/json-patch.ts';
import { PatchError } from '../../src/patch/patch-error.ts';

const object = { a: { b: [1, 2, 3], 'x/y': 1, 'm~n': 2 }, c: null };

function refusal(ops: unknown): { code: number; message: string } {
  try {
    applyJsonPatch(object, ops);
  } catch (error) {
    if (error instanceof PatchError) {
      return { code: error.code, message: error.message };
    }
    throw error;
  }
  throw new Error('the patch was accepted');
}

describe('applyJsonPatch', () => {
  it.each<[string, unknown[], unknown]>([
    ['adds a field', [{ op: 'add', path: '/d', value: { e: 1 } }], { ...object, d: { e: 1 } }],
    [
      'adds into a list',
      [{ op: 'add', path: '/a/b/1', value: 9 }],
      { ...object, a: { ...object.a, b: [1, 9, 2, 3] } },
    ],
    [
      'appends to a list',
      [{ op: 'add', path: '/a/b/-', value: 9 }],
      { ...object, a: { ...object.a, b: [1, 2, 3, 9] } },
    ],
    ['removes an item', [{ op: 'remove', path: '/a/b/0' }], { ...object, a: { ...object.a, b: [2, 3] } }],
    [
      'counts from the end',
      [{ op: 'remove', path: '/a/b/-1' }],
      { ...object, a: { ...object.a, b: [1, 2] } },
    ],
    ['replaces', [{ op: 'replace', path: '/a/b', value: [] }], { ...object, a: { ...object.a, b: [] } }],
    [
      'replaces an item',
      [{ op: 'replace', path: '/a/b/2', value: 0 }],
      { ...object, a: { ...object.a, b: [1, 2, 0] } },
    ],
    ['replaces what is not there', [{ op: 'replace', path: '/d', value: 1 }], { ...object, d: 1 }],
    [
      'reads escaped names',
      [
        { op: 'remove', path: '/a/x~1y' },
        { op: 'remove', path: '/a/m~0n' },
      ],
      { ...object, a: { b: [1, 2, 3] } },
    ],
    ['moves', [{ op: 'move', from: '/a/b/0', path: '/c' }], { a: { ...object.a, b: [2, 3] }, c: 1 }],
    ['copies', [{ op: 'copy', from: '/a/b', path: '/c' }], { ...object, c: [1, 2, 3] }],
    ['copies what is not there as null', [{ op: 'copy', from: '/a/z', path: '/d' }], { ...object, d: null }],
    [
      'goes on after a test that holds',
      [
        { op: 'test', path: '/a/b/1', value: 2 },
        { op: 'remove', path: '/c' },
      ],
      { a: object.a },
    ],
    ['tests a missing field for null', [{ op: 'test', path: '/zz', value: null }], object],
    ['replaces the whole', [{ op: 'replace', path: '', value: { n: 1 } }], { n: 1 }],
  ])('%s', (_, ops, expected) => {
    expect(applyJsonPatch(object, ops)).toEqual(expected);
  });

  it.each<[string, unknown[]]>([
    ['a test that fails', [{ op: 'test', path: '/a/b/0', value: 2 }]],
    ['a test on what is not there', [{ op: 'test', path: '/zz', value: 1 }]],
    ['a removal of what is not there', [{ op: 'remove', path: '/zz' }]],
    ['a path through nothing', [{ op: 'add', path: '/zz/y', value: 1 }]],
    ['a path through a scalar', [{ op: 'add', path: '/a/b/0/y', value: 1 }]],
    ['an index past the end', [{ op: 'add', path: '/a/b/4', value: 1 }]],
    ['an index that is no number', [{ op: 'add', path: '/a/b/x', value: 1 }]],
    ['an unknown operation', [{ op: 'frob', path: '/a' }]],
    ['an operation without a name', [{ path: '/a' }]],
    ['something that is no operation', [1]],
    ['a path without its slash', [{ op: 'remove', path: 'a' }]],
    ['a whole that is no object', [{ op: 'replace', path: '', value: [] }]],
  ])('answers 422 to %s, and says no more', (_, ops) => {
    expect(refusal(ops)).toEqual({
      code: 422,
      message: 'the server rejected our request due to an error in our request',
    });
  });

  it('does not take a name for the prototype', () => {
    const result = applyJsonPatch({}, [{ op: 'add', path: '/__proto__', value: { polluted: true } }]);
    expect(Object.keys(result)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
  });

  it('answers 400 to a body that is no list', () => {
    expect(refusal({}).code).toBe(400);
  });

  it('answers 413 to too many operations', () => {
    const ops = Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/c', value: null }));
    expect(refusal(ops)).toEqual({
      code: 413,
      message: 'The allowed maximum operations in a JSON patch is 10000, got 10001',
    });
  });

  it('leaves the object alone, also when an operation fails half-way', () => {
    const before = structuredClone(object);
    refusal([
      { op: 'remove', path: '/a/b/0' },
      { op: 'test', path: '/c', value: 1 },
    ]);
    applyJsonPatch(object, [{ op: 'add', path: '/a/b/-', value: 4 }]);
    expect(object).toEqual(before);
  });

  it('an add and a remove of the same new field cancel out', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.string(),
        fc.jsonValue(),
        (target, key, value) => {
          fc.pre(!Object.hasOwn(target, key));
          const path = `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
          const ops = [
            { op: 'add', path, value },
            { op: 'test', path, value },
            { op: 'remove', path },
          ];
          expect(applyJsonPatch(target, ops)).toEqual(target);
        },
      ),
    );
  });
});
