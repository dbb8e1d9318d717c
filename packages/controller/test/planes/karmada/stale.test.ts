import { HOUR, MINUTE } from '@windvane/carbon-map';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deployment, FOLLOW, policy } from './support/manifests.ts';
import { testServers } from './support/servers.ts';
import { startWorld, type World } from './support/world.ts';

const PARIS_CLEAN = { DE: 400, FR: 50, 'US-MIDA-PJM': 350 };
const AT_PARIS = 'frankfurt 1, paris 10, virginia 1';

for (const server of testServers('Karmada plane, stale data')) {
  describe(`on-stale-data, on ${server.name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await startWorld(server);
    }, 60_000);
    afterAll(() => world.stop());

    /** A workload that went to Paris while the data was live. */
    const followsWith = async (onStaleData: string): Promise<string> => {
      const ns = await world.namespace();
      await world.wind(PARIS_CLEAN);
      await world.create(policy(ns, 'web'));
      const annotations = { ...FOLLOW, 'windvane.dev/on-stale-data': onStaleData };
      await world.create(deployment(ns, 'web', { replicas: 12, annotations }));
      await world.settle();
      await world.advance(2 * MINUTE, MINUTE);
      expect(world.split(ns, 'web')).toBe(AT_PARIS);
      return ns;
    };

    it('restore: goes back by steps to the split as it was found, and stays there', async () => {
      const ns = await followsWith('restore');
      world.recording.clear();
      await world.wind(PARIS_CLEAN, 'stale');
      await world.advance(4 * MINUTE, MINUTE);
      expect(world.split(ns, 'web')).toBe('frankfurt 4, paris 4, virginia 4');
      expect(world.view(ns, 'web')).toMatchObject({ state: 'Steady', data: 'stale', reason: null });
      expect(world.view(ns, 'web')?.decision?.text).toContain('the split as it was found stands');
      const steps = world.recording
        .stored()
        .filter((write) => write.verb === 'apply' && write.kind === 'PropagationPolicy');
      expect(steps.length).toBeGreaterThan(1);
      expect(steps.map(({ force }) => force)).not.toContain(true);
      world.recording.clear();
      await world.wind(PARIS_CLEAN, 'stale');
      expect(world.recording.stored()).toEqual([]);
      // With fresh readings, and after the cooldown, it follows again.
      await world.advance(HOUR, 20 * MINUTE);
      await world.wind(PARIS_CLEAN);
      await world.advance(2 * MINUTE, MINUTE);
      expect(world.split(ns, 'web')).toBe(AT_PARIS);
    }, 120_000);

    it('baseline: goes on by yearly averages', async () => {
      const ns = await followsWith('baseline');
      // The last readings say otherwise, but they are old.
      await world.advance(HOUR, 20 * MINUTE);
      await world.wind({ DE: 20, FR: 900, 'US-MIDA-PJM': 900 }, 'stale');
      await world.advance(2 * MINUTE, MINUTE);
      expect(world.split(ns, 'web')).toBe(AT_PARIS);
      expect(world.view(ns, 'web')).toMatchObject({ state: 'Steady', reason: null });
    }, 120_000);

    it('keep: nothing is moved, and says so', async () => {
      const ns = await followsWith('keep');
      await world.advance(HOUR, 20 * MINUTE);
      await world.wind({ DE: 20, FR: 900, 'US-MIDA-PJM': 900 }, 'stale');
      expect(world.split(ns, 'web')).toBe(AT_PARIS);
      expect(world.view(ns, 'web')).toMatchObject({ state: 'Blocked', reason: 'StaleData' });
    }, 120_000);
  });
}
