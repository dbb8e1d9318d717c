import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { divide, fnv1a32 } from '../../../src/engine/division/webster.ts';

/** Seats by sorting all quotients at once: another algorithm for the same law. */
function byQuotients(weights: Record<string, number>, replicas: number, descending: boolean) {
  const quotients = Object.entries(weights).flatMap(([name, weight]) =>
    Array.from({ length: replicas }, (_, seat) => ({ name, seat, quotient: weight / (2 * seat + 1) })),
  );
  quotients.sort(
    (a, b) =>
      b.quotient - a.quotient ||
      a.seat - b.seat ||
      (descending ? -1 : 1) * (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  );
  const division: Record<string, number> = {};
  for (const { name } of quotients.slice(0, replicas)) division[name] = (division[name] ?? 0) + 1;
  return division;
}

const weightsArbitrary = fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), fc.integer({ min: 1, max: 1000 }), {
  minKeys: 1,
  maxKeys: 6,
  noNullPrototype: true,
});

describe('fnv1a32', () => {
  it('gives the published test vectors', () => {
    expect(fnv1a32('')).toBe(0x811c9dc5);
    expect(fnv1a32('a')).toBe(0xe40c292c);
    expect(fnv1a32('foobar')).toBe(0xbf9cf968);
  });
});

describe('divide', () => {
  it.each([
    [{ a: 1, b: 2 }, 9, { a: 3, b: 6 }],
    [{ a: 1, b: 3 }, 9, { a: 2, b: 7 }],
    [{ a: 100, b: 10, c: 1 }, 10, { a: 9, b: 1 }],
    [{ a: 19, b: 1 }, 10, { a: 9, b: 1 }],
    [{ a: 20, b: 1 }, 10, { a: 10 }],
    [{ a: 100, b: 5, c: 1 }, 20, { a: 19, b: 1 }],
    [{ a: 1000, b: 1000, c: 1 }, 10, { a: 5, b: 5 }],
  ])('divides as Karmada documents it: %o over %i', (weights, replicas, expected) => {
    expect(divide(weights, replicas, '')).toEqual(expected);
  });

  it.each([
    [1, { a: 1 }],
    [2, { a: 1, b: 1 }],
    [3, { a: 1, b: 1, c: 1 }],
    [5, { a: 2, b: 2, c: 1 }],
    [7, { a: 4, b: 2, c: 1 }],
  ])('divides %i over 5:3:2 as measured on a running scheduler', (replicas, expected) => {
    expect(divide({ a: 5, b: 3, c: 2 }, replicas, '')).toEqual(expected);
  });

  it('breaks ties by the parity of the UID hash', () => {
    const even = ['u', 'v', 'w', 'x'].find((uid) => fnv1a32(uid) % 2 === 0) ?? '';
    const odd = ['u', 'v', 'w', 'x'].find((uid) => fnv1a32(uid) % 2 === 1) ?? '';
    expect(even).not.toBe('');
    expect(odd).not.toBe('');
    expect(divide({ a: 10, b: 10, c: 1 }, 3, even)).toEqual({ a: 2, b: 1 });
    expect(divide({ a: 10, b: 10, c: 1 }, 3, odd)).toEqual({ a: 1, b: 2 });
  });

  it('gives nothing without a positive weight or without replicas', () => {
    expect(divide({}, 5, '')).toEqual({});
    expect(divide({ a: 0, b: -1 }, 5, '')).toEqual({});
    expect(divide({ a: 1 }, 0, '')).toEqual({});
  });

  it('agrees with sorting all quotients, for both tie orders', () => {
    fc.assert(
      fc.property(
        weightsArbitrary,
        fc.integer({ min: 0, max: 40 }),
        fc.string(),
        (weights, replicas, uid) => {
          const descending = uid !== '' && fnv1a32(uid) % 2 === 1;
          expect(divide(weights, replicas, uid)).toEqual(byQuotients(weights, replicas, descending));
        },
      ),
    );
  });

  it('reproduces any integer vector whose sum is divided', () => {
    fc.assert(
      fc.property(weightsArbitrary, fc.string(), (vector, uid) => {
        const total = Object.values(vector).reduce((sum, n) => sum + n, 0);
        expect(divide(vector, total, uid)).toEqual(vector);
      }),
    );
  });

  it('does not depend on the order of the list', () => {
    fc.assert(
      fc.property(
        weightsArbitrary,
        fc.integer({ min: 1, max: 40 }),
        fc.string(),
        (weights, replicas, uid) => {
          const reversed = Object.fromEntries(Object.entries(weights).toReversed());
          expect(divide(reversed, replicas, uid)).toEqual(divide(weights, replicas, uid));
        },
      ),
    );
  });
});
