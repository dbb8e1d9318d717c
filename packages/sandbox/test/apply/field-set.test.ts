import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FieldSet, printPath } from '../../src/apply/field-set.ts';

const elements = fc.constantFrom('f:a', 'f:b', 'f:c', 'k:{"name":"x"}', 'k:{"name":"y"}', 'v:"z"', 'v:1');
const paths = fc.array(elements, { minLength: 1, maxLength: 4 });
const sets = fc.array(paths, { maxLength: 8 }).map((list) => FieldSet.of(list));

function listed(set: FieldSet): string[] {
  return [...set.paths()].map((path) => JSON.stringify(path)).sort();
}

describe('FieldSet', () => {
  it('survives the wire', () => {
    fc.assert(
      fc.property(sets, (set) => {
        expect(listed(FieldSet.fromFieldsV1(JSON.parse(JSON.stringify(set.toFieldsV1()))))).toEqual(
          listed(set),
        );
      }),
    );
  });

  it('is an algebra of paths', () => {
    fc.assert(
      fc.property(sets, sets, (left, right) => {
        const [ours, theirs] = [new Set(listed(left)), new Set(listed(right))];
        expect(listed(left.union(right))).toEqual([...new Set([...ours, ...theirs])].sort());
        expect(listed(left.intersection(right))).toEqual([...ours].filter((path) => theirs.has(path)).sort());
        expect(listed(left.difference(right))).toEqual([...ours].filter((path) => !theirs.has(path)).sort());
      }),
    );
  });

  it('removes whole branches recursively', () => {
    fc.assert(
      fc.property(sets, sets, (left, right) => {
        const removed = [...right.paths()].map((path) => path.join());
        const kept = [...left.paths()].filter(
          (path) => !path.some((_, index) => removed.includes(path.slice(0, index + 1).join())),
        );
        expect(listed(left.recursiveDifference(right))).toEqual(
          kept.map((path) => JSON.stringify(path)).sort(),
        );
      }),
    );
  });

  it('knows when nothing is left', () => {
    fc.assert(
      fc.property(sets, (set) => {
        expect(set.difference(set).isEmpty).toBe(true);
        expect(set.isEmpty).toBe(listed(set).length === 0);
      }),
    );
  });

  it('prints parents and children in the wire form', () => {
    const set = FieldSet.of([
      ['f:spec', 'f:ports', 'k:{"port":80,"protocol":"TCP"}', 'f:port'],
      ['f:spec', 'f:ports', 'k:{"port":80,"protocol":"TCP"}'],
      ['f:metadata', 'f:finalizers', 'v:"a/b"'],
      [],
    ]);
    expect(set.toFieldsV1()).toEqual({
      'f:metadata': { 'f:finalizers': { 'v:"a/b"': {} } },
      'f:spec': { 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } } },
    });
    expect([...set.paths()].map(printPath)).toEqual([
      '.metadata.finalizers[="a/b"]',
      '.spec.ports[port=80,protocol="TCP"]',
      '.spec.ports[port=80,protocol="TCP"].port',
    ]);
  });

  it('takes elements for equal whatever the order of their keys', () => {
    const wire = { 'k:{"protocol":"TCP", "port":80}': {} };
    expect(listed(FieldSet.fromFieldsV1(wire))).toEqual(
      listed(FieldSet.of([['k:{"port":80,"protocol":"TCP"}']])),
    );
  });

  it('orders numbers as numbers', () => {
    const set = FieldSet.of([['k:{"port":10}'], ['k:{"port":9}'], ['v:10'], ['v:9'], ['f:z']]);
    expect(Object.keys(set.toFieldsV1())).toEqual(['f:z', 'k:{"port":9}', 'k:{"port":10}', 'v:9', 'v:10']);
  });

  it.each([null, 'x', [], { 'x:y': {} }, { 'k:{': {} }, { 'k:1': {} }, { 'f:a': 1 }])(
    'skips what it cannot read: %j',
    (wire) => {
      expect(FieldSet.fromFieldsV1(wire).isEmpty).toBe(true);
    },
  );
});
