import { MINUTE } from '@windvane/carbon-map';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PROPAGATION_POLICY } from '../../../src/planes/karmada/resources.ts';
import { moveAtRandom } from './support/availability.ts';
import { deployment, FOLLOW, policy } from './support/manifests.ts';
import { testServers } from './support/servers.ts';
import { DEPLOYMENT, startWorld } from './support/world.ts';

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
      // Something happened that could have gone wrong; how the moves end is a matter of chance.
      expect(outcome.sequences).toBeGreaterThanOrEqual(TOGETHER);
      expect(outcome.completed + outcome.rolledBack + outcome.ended).toBeGreaterThan(TOGETHER / 2);
      expect(outcome.kills).toBeGreaterThan(0);
    },
    180_000,
  );

  it('are those that serve when somebody scales down while newcomers start', async () => {
    if (sandbox === undefined) throw new Error('there is always a sandbox');
    const limits = { replicasPerHour: 100, shareOfReplicasPerHour: 1, stepsPerReceivingCluster: 5 };
    const world = await startWorld(sandbox, { podStartup: () => MINUTE, config: { limits } });
    onTestFinished(() => world.stop());
    await world.wind({ DE: 400, FR: 50, 'US-MIDA-PJM': 350 });
    const ns = await world.namespace();
    const whole = { 'windvane.dev/max-step': '100', 'windvane.dev/max-surge': '100' };
    const annotations = { ...whole, 'windvane.dev/placement': 'observe' };
    await world.create(policy(ns, 'web', { annotations }));
    await world.create(deployment(ns, 'web', { replicas: 12, annotations: {} }));
    await world.settle();
    await world.advance(2 * MINUTE);
    const name = { namespace: ns, name: 'web' };
    await world.user.mergePatch(PROPAGATION_POLICY, name, { metadata: { annotations: FOLLOW } });
    await world.settle();
    const { clusters, available } = world.karmada.members.totals(ns, 'web');
    expect([available, clusters['paris']]).toEqual([12, { replicas: 10, available: 4 }]);
    const seen: number[] = [];
    world.karmada.members.subscribe((_, totals) => void seen.push(totals.available));
    await world.user.mergePatch(DEPLOYMENT, name, { spec: { replicas: 5 } });
    await world.advance(10 * MINUTE);
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(5);
  });
});
