import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROPAGATION_POLICY } from '../../../src/planes/karmada/resources.ts';
import { deployment, policy } from './support/manifests.ts';
import { testServers } from './support/servers.ts';
import { startWorld, type World } from './support/world.ts';

for (const server of testServers('Karmada plane, before the scheduler')) {
  describe(`a workload that Karmada has not scheduled, on ${server.name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await startWorld(server);
      await world.wind({ DE: 400, FR: 50, 'US-MIDA-PJM': 350 });
    });
    afterAll(() => world.stop());

    it('waits for the scheduler, then goes by steps from where the scheduler put it', async () => {
      const ns = await world.namespace();
      world.karmada.stopScheduler();
      await world.create(policy(ns, 'web'));
      await world.create(deployment(ns, 'web', { replicas: 12 }));
      await world.settle();
      expect(world.view(ns, 'web')).toMatchObject({ state: 'Pending', decision: null });
      expect(JSON.stringify(world.view(ns, 'web')?.conditions)).toContain('has not scheduled');
      const untouched = await world.user.get(PROPAGATION_POLICY, { namespace: ns, name: 'web' });
      expect(JSON.stringify(untouched)).not.toContain('staticWeightList');

      world.karmada.startScheduler();
      await world.settle();
      await world.advance(600_000);
      expect(world.view(ns, 'web')).toMatchObject({
        state: 'Steady',
        moves: [{ result: 'completed', from: { frankfurt: 4, paris: 4, virginia: 4 } }],
      });
    });
  });
}
