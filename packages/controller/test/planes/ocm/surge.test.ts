import { describe, expect, it } from 'vitest';
import { surgeRun } from './support/surges.ts';

describe('a move with a surge', () => {
  it.each([1, 2, 5])(
    'keeps the work available whatever newcomers and controllers do, random run %i',
    async (seed) => {
      expect((await surgeRun(seed)).violations).toEqual([]);
    },
    120_000,
  );
});
