import { MINUTE } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import { uninstall } from '../../../../src/planes/karmada/handback/uninstall.ts';
import { OVERRIDE_POLICY } from '../../../../src/planes/karmada/resources.ts';
import { deployment, policy } from '../support/manifests.ts';
import { testServers } from '../support/servers.ts';
import { startWorld, type World } from '../support/world.ts';
import { PARIS_CLEAN, paceIn, policyOf, tracesOn } from './support.ts';

const EVEN = { frankfurt: 1, paris: 1, virginia: 1 };

/** Lets a controller die at its n-th write of an adopting move; says whether it came to that. */
async function dieAt(world: World, ns: string, boundary: number): Promise<boolean> {
  let writes = 0;
  world.recording.killAt(() => {
    writes += 1;
    return writes === boundary;
  });
  await world.create(deployment(ns, 'web', { replicas: 12 }));
  await world.settle();
  return world.recording.killed();
}

for (const server of testServers('Karmada plane, never back')) {
  describe(`a controller that dies and never comes back, on ${server.name}`, () => {
    it('leaves nothing that an uninstallation does not take away, at whatever write it died', async () => {
      let boundary = 1;
      for (; boundary < 60; boundary += 1) {
        const world = await startWorld(server);
        try {
          await world.wind(PARIS_CLEAN);
          const ns = await world.namespace();
          await world.create(policy(ns, 'web', { weights: EVEN }));
          await world.settle();
          const { spec } = await policyOf(world, ns);
          const died = await dieAt(world, ns, boundary);
          expect(await uninstall(world.person(), { keepCrd: false }, paceIn(world))).toBe(true);
          await world.advance(2 * MINUTE, MINUTE);
          const after = await policyOf(world, ns);
          expect({ boundary, spec: after['spec'], traces: tracesOn(after) }).toEqual({
            boundary,
            spec,
            traces: [],
          });
          expect((await world.user.list(OVERRIDE_POLICY)).items).toEqual([]);
          expect(world.karmada.members.totals(ns, 'web').replicas).toBe(12);
          if (!died) break;
        } finally {
          await world.stop();
        }
      }
      // The move has an end, and there were writes to die at before it.
      expect(boundary).toBeGreaterThan(8);
      expect(boundary).toBeLessThan(60);
    }, 600_000);
  });
}
