import { describe, expect, it } from 'vitest';
import { expectation } from '../../test/planes/ocm/support/expectations.ts';
import { enterHub } from '../support/hub.ts';
import { liveHub } from './support/live.ts';
import { openRandomFleet } from './support/random-fleet.ts';

const where = liveHub();
const RUNS = Number(process.env['WINDVANE_E2E_RUNS'] ?? 60);
const SEED = Number(process.env['WINDVANE_E2E_SEED'] ?? 20_261_126);

describe.skipIf(where === null)('decisions of a live hub', () => {
  it('are the ones that Windvane expects, for random Placements on a random fleet', async () => {
    if (where === null) throw new Error('skipped');
    const fleet = await openRandomFleet(await enterHub(where.kubeconfig), { seed: SEED, runs: RUNS });
    const disagreements: unknown[] = [];
    const kinds = { decided: 0, misconfigured: 0, empty: 0 };
    try {
      for (let index = 0; index < RUNS; index += 1) {
        for (const look of index % 2 === 0 ? (['place', 'change'] as const) : (['place'] as const)) {
          const before = await fleet[look](index);
          const expected = expectation({ before });
          const decided = await fleet.decided(index, expected);
          kinds[decided === '' ? 'empty' : decided === 'misconfigured' ? decided : 'decided'] += 1;
          if (decided !== expected) {
            disagreements.push({ index, look, spec: before.placement.spec, expected, decided });
          }
        }
        await fleet.remove(index);
      }
    } finally {
      await fleet.stop();
    }
    process.stdout.write(`Live OCM: ${JSON.stringify(kinds)} of ${RUNS} Placements, seed ${SEED}\n`);
    expect(disagreements).toEqual([]);
    expect(Object.values(kinds).every((count) => count > 0)).toBe(true);
  }, 1_200_000);
});
