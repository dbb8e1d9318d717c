import { MINUTE } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import { OVERRIDE_POLICY } from '../../../src/planes/karmada/resources.ts';
import { PARIS_CLEAN } from './handback/support.ts';
import { deployment, policy } from './support/manifests.ts';
import { testServers } from './support/servers.ts';
import { startWorld } from './support/world.ts';

for (const server of testServers('Karmada plane, orphan pins')) {
  describe(`pins of no step, on ${server.name}`, () => {
    it('are removed, at a start and later; those of the step under way stay', async () => {
      const world = await startWorld(server, { podStartup: () => 10 * MINUTE });
      try {
        await world.wind(PARIS_CLEAN);
        const ns = await world.namespace();
        const pins = async () =>
          (await world.user.list(OVERRIDE_POLICY, { namespace: ns })).items.map(
            ({ metadata }) => metadata.name,
          );
        const orphan = (name: string, unit: string) =>
          world.user.create(OVERRIDE_POLICY, {
            metadata: {
              namespace: ns,
              name,
              labels: { 'windvane.dev/pin': '0badcafe' },
              annotations: { 'windvane.dev/unit': unit },
            },
            spec: {
              resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }],
              overrideRules: [],
            },
          });
        await world.create(policy(ns, 'web'));
        await world.create(deployment(ns, 'web', { replicas: 12 }));
        await world.settle();
        const own = await pins();
        expect(own).toHaveLength(1);
        // Of another step of the same unit, of a unit that is not there, and one that is somebody else's.
        await orphan('windvane-pin-web-deployment-0badcafe', `PropagationPolicy ${ns}/web`);
        await orphan('windvane-pin-gone-deployment-0badcafe', `PropagationPolicy ${ns}/gone`);
        await orphan('theirs', `PropagationPolicy ${ns}/web`);
        await world.settle();
        expect(new Set(await pins())).toEqual(new Set([...own, 'theirs']));

        await world.plane.stop();
        await orphan('windvane-pin-web-deployment-0badcafe', `PropagationPolicy ${ns}/web`);
        await world.restart();
        expect(new Set(await pins())).toEqual(new Set([...own, 'theirs']));
        expect(world.view(ns, 'web')?.state).not.toBe('Blocked');
      } finally {
        await world.stop();
      }
    });
  });
}
