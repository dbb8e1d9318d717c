import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fnv1a32, type Party, webster } from '../../../src/karmada/scheduler/webster.ts';

const EVEN_UID = evenOrOdd(0);
const ODD_UID = evenOrOdd(1);

function evenOrOdd(parity: number): string {
  for (let index = 0; ; index += 1) if (fnv1a32(`uid-${index}`) % 2 === parity) return `uid-${index}`;
}

function seatsOf(total: number, weights: readonly number[], uid = ''): number[] {
  const parties = weights.map((weight, index) => ({ name: `c${index}`, weight }));
  return webster(total, parties, uid).map((entry) => entry.seats);
}

const partiesArbitrary = fc
  .uniqueArray(
    fc.record({ name: fc.stringMatching(/^[a-z]{1,6}$/), weight: fc.integer({ min: 1, max: 1_000 }) }),
    {
      selector: (party) => party.name,
      minLength: 1,
      maxLength: 12,
    },
  )
  .map((parties): Party[] => parties);
const total = fc.integer({ min: 0, max: 200 });
const uid = fc.uuid();

describe('FNV-1a', () => {
  it.each([
    ['', 0x811c9dc5],
    ['a', 0xe40c292c],
    ['foobar', 0xbf9cf968],
  ])('hashes %j as its authors do', (text, hash) => {
    expect(fnv1a32(text)).toBe(hash);
  });
});

describe('Webster', () => {
  it.each([
    [9, [1, 2], [3, 6]],
    [9, [1, 3], [2, 7]],
    [10, [100, 10, 1], [9, 1, 0]],
    [10, [19, 1], [9, 1]],
    [10, [20, 1], [10, 0]],
    [20, [100, 5, 1], [19, 1, 0]],
    [3, [10, 10, 1], [2, 1, 0]],
    [1, [5, 3, 2], [1, 0, 0]],
    [2, [5, 3, 2], [1, 1, 0]],
    [3, [5, 3, 2], [1, 1, 1]],
    [5, [5, 3, 2], [2, 2, 1]],
    [7, [5, 3, 2], [4, 2, 1]],
    [10, [1000, 1000, 1], [5, 5, 0]],
  ])('divides %d by %j into %j', (replicas, weights, seats) => {
    expect(seatsOf(replicas, weights)).toEqual(seats);
  });

  it('gives ties to the first name, to the last when the UID hashes to an odd number', () => {
    expect(seatsOf(3, [10, 10, 1], EVEN_UID)).toEqual([2, 1, 0]);
    expect(seatsOf(3, [10, 10, 1], ODD_UID)).toEqual([1, 2, 0]);
    expect(seatsOf(1, [1, 1], '')).toEqual([1, 0]);
  });

  it('gives nothing when nobody has a weight, and to nobody when there is nobody', () => {
    expect(seatsOf(5, [0, 0])).toEqual([0, 0]);
    expect(webster(5, [], 'x')).toEqual([]);
  });

  it('gives out every seat, and none to a weight of zero', () => {
    fc.assert(
      fc.property(partiesArbitrary, total, uid, (parties, seats, id) => {
        const result = webster(seats, [...parties, { name: 'zero-weight', weight: 0 }], id);
        expect(result.reduce((sum, entry) => sum + entry.seats, 0)).toBe(seats);
        expect(result.find((entry) => entry.name === 'zero-weight')?.seats).toBe(0);
      }),
    );
  });

  it('does not depend on the order of the parties', () => {
    fc.assert(
      fc.property(
        partiesArbitrary.chain((parties) =>
          fc.tuple(fc.constant(parties), fc.shuffledSubarray(parties, { minLength: parties.length })),
        ),
        total,
        uid,
        ([parties, shuffled], seats, id) => {
          expect(webster(seats, shuffled, id)).toEqual(webster(seats, parties, id));
        },
      ),
    );
  });

  it('takes from nobody when there is one seat more', () => {
    fc.assert(
      fc.property(partiesArbitrary, total, uid, (parties, seats, id) => {
        const before = new Map(webster(seats, parties, id).map((entry) => [entry.name, entry.seats]));
        for (const entry of webster(seats + 1, parties, id)) {
          expect(entry.seats).toBeGreaterThanOrEqual(before.get(entry.name) ?? 0);
        }
      }),
    );
  });

  it('gives a vector of integers back when its entries are the weights', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 8 }),
        uid,
        (vector, id) => {
          const sum = vector.reduce((a, b) => a + b, 0);
          expect(seatsOf(sum, vector, id)).toEqual(vector);
        },
      ),
    );
  });

  it('leaves no two parties where moving a seat would even things out', () => {
    // The defining inequality: w_i / (2 s_i + 1) <= w_j / (2 s_j - 1) for every j that has a seat.
    fc.assert(
      fc.property(partiesArbitrary, total, uid, (parties, seats, id) => {
        const result = webster(seats, parties, id);
        const weightOf = new Map(parties.map((party) => [party.name, party.weight]));
        for (const next of result) {
          for (const holder of result.filter((entry) => entry.seats > 0)) {
            const claim = (weightOf.get(next.name) ?? 0) / (2 * next.seats + 1);
            const held = (weightOf.get(holder.name) ?? 0) / (2 * holder.seats - 1);
            expect(claim).toBeLessThanOrEqual(held + 1e-9);
          }
        }
      }),
    );
  });
});
