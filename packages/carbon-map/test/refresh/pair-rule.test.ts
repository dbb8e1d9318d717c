import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pairName, type SignalPair } from '../../src/index.ts';
import { choosePair } from '../../src/refresh/pair-rule.ts';
import { AVERAGE_DIRECT, AVERAGE_LIFECYCLE, MARGINAL_DIRECT } from '../support/fixtures.ts';

describe('the pair rule', () => {
  it('takes the pair with the most fresh zones', () => {
    expect(choosePair([AVERAGE_LIFECYCLE, MARGINAL_DIRECT, MARGINAL_DIRECT])).toEqual(MARGINAL_DIRECT);
  });

  it.each([
    ['nothing at all', [], AVERAGE_LIFECYCLE],
    ['average before marginal', [MARGINAL_DIRECT, AVERAGE_DIRECT], AVERAGE_DIRECT],
    ['life-cycle before direct', [AVERAGE_DIRECT, MARGINAL_DIRECT, AVERAGE_LIFECYCLE], AVERAGE_LIFECYCLE],
  ])('breaks a tie: %s', (_name, pairs, expected) => {
    expect(choosePair(pairs)).toEqual(expected);
  });

  it('never takes a pair with fewer zones than another, and does not care for order', () => {
    const pair: fc.Arbitrary<SignalPair> = fc.constantFrom(
      AVERAGE_LIFECYCLE,
      AVERAGE_DIRECT,
      MARGINAL_DIRECT,
    );
    fc.assert(
      fc.property(fc.array(pair), (pairs) => {
        const chosen = pairName(choosePair(pairs));
        const count = (name: string): number =>
          pairs.filter((candidate) => pairName(candidate) === name).length;
        expect(count(chosen)).toBe(Math.max(0, ...pairs.map((candidate) => count(pairName(candidate)))));
        expect(pairName(choosePair(pairs.toReversed()))).toBe(chosen);
      }),
    );
  });
});
