import { describe, expect, it } from 'vitest';
import { compareRandomPlacements } from './support/expectations.ts';

describe('what is expected of OCM', () => {
  it('is what a scheduler of its own decides, for random Placements on a random fleet', async () => {
    const { compared, disagreements } = await compareRandomPlacements(20_261_125, 60);
    expect(disagreements).toEqual([]);
    expect(compared).toBeGreaterThanOrEqual(60);
  }, 120_000);
});
