import { describe, expect, it } from 'vitest';
import { moveAtRandom } from './support/availability.ts';
import { testServers } from './support/servers.ts';

/** Units that share a world, and rounds that each of them lives through: `npm run faults -- moves` runs many more. */
const TOGETHER = 16;
const ROUNDS = 5;
const SEED = 1;

const [sandbox] = testServers('Karmada plane, availability');

describe('available replicas', () => {
  it.each([
    ['whatever happens to them', false],
    ['and whatever happens around them', true],
  ])(
    'never fall below what a step began with, nor below what people asked for, %s',
    async (_, trouble) => {
      if (sandbox === undefined) throw new Error('there is always a sandbox');
      const outcome = await moveAtRandom(sandbox, { seed: SEED, units: TOGETHER, rounds: ROUNDS, trouble });
      expect(outcome.violations).toEqual([]);
      expect(outcome.left).toEqual([]);
      // Something happened that could have gone wrong.
      expect(outcome.sequences).toBeGreaterThanOrEqual(TOGETHER);
      expect(outcome.completed).toBeGreaterThan(0);
      expect(outcome.rolledBack).toBeGreaterThan(0);
      expect(outcome.ended).toBeGreaterThan(0);
      expect(outcome.kills).toBeGreaterThan(0);
    },
    180_000,
  );
});
