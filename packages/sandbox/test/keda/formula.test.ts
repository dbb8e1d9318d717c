import { describe, expect, it } from 'vitest';
import { parseFormula } from '../../src/keda/formula.ts';

describe('formulas of scalingModifiers', () => {
  it.each([
    ['carbon > 0 ? min(queue / 5, carbon) : 0', { carbon: 6, queue: 50 }, 6],
    ['carbon > 0 ? min(queue / 5, carbon) : 0', { carbon: 6, queue: 10 }, 2],
    ['carbon > 0 ? min(queue / 5, carbon) : 0', { carbon: 0, queue: 10 }, 0],
    ['1 + 2 * 3 - 4 / 2', {}, 5],
    ['(1 + 2) * 3 % 4', {}, 1],
    ['2 ^ 3', {}, 8],
    ['-a + 5', { a: 2 }, 3],
    ['a > 1 && !(b <= 2) || false ? 1 : 2', { a: 2, b: 3 }, 1],
    ['carbon ?? 7', {}, 7],
    ['carbon ?? 7', { carbon: 3 }, 3],
    ['ceil(a) + floor(a) + round(a) + abs(-1) + sum(1, 2) + max(1, 9)', { a: 1.2 }, 2 + 1 + 1 + 1 + 3 + 9],
    ['a == 1 ? 5 : a != 2 ? 6 : 7', { a: 2 }, 7],
  ])('%s with %j is %d', (text, values, expected) => {
    expect(parseFormula(text)(values)).toBe(expected);
  });

  it.each(['1 +', 'min(1', 'nobody(1)', '1 2', 'a ? 1', '#', 'a & b'])('refuses %s', (text) => {
    expect(() => parseFormula(text)).toThrow(/formula/);
  });

  it('fails on what is missing', () => {
    expect(() => parseFormula('a + 1')({})).toThrow(/not a number/);
  });
});
