import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { saysTheSame } from '../../../src/planes/shared/same-json.ts';

/** Keys in order, as two texts are compared. */
const text = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );

// Few values, so that equal ones are met; without -0, which JSON does not know.
const leaf = fc.oneof(fc.constantFrom(null, true, false, '', 'a'), fc.nat(2), fc.constant(undefined));
const { value } = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, leaf, tie('list'), tie('object')),
  list: fc.array(
    tie('value').map((each) => each ?? null),
    { maxLength: 2 },
  ),
  object: fc.dictionary(fc.constantFrom('a', 'b', 'toString'), tie('value'), { maxKeys: 2 }),
}));
const stored = fc.record({ value });

describe('whether two values are stored as the same JSON', () => {
  it('is whether their texts are the same but for the order of keys', () => {
    let same = 0;
    fc.assert(
      fc.property(stored, stored, (a, b) => {
        if (text(a) === text(b)) same += 1;
        expect(saysTheSame(a, b)).toBe(text(a) === text(b));
      }),
      { numRuns: 3_000 },
    );
    expect(same).toBeGreaterThan(20);
  });

  it('is so for a copy, in another order, without what is undefined', () => {
    fc.assert(
      fc.property(stored, (each) => {
        expect(saysTheSame(each, JSON.parse(text(each)))).toBe(true);
        expect(saysTheSame(JSON.parse(text(each)), each)).toBe(true);
      }),
    );
  });

  it('tells a list from an object, and what is inherited from what is there', () => {
    expect(saysTheSame([], {})).toBe(false);
    expect(saysTheSame({}, [])).toBe(false);
    expect(saysTheSame({ toString: 1 }, { a: 1 })).toBe(false);
    expect(saysTheSame({ a: undefined }, {})).toBe(true);
  });
});
