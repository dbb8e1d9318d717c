import { MINUTE } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import { addHeadroom, reservedBy } from '../../../src/planes/karmada/reservations.ts';
import { PROPAGATION_POLICY } from '../../../src/planes/karmada/resources.ts';
import { gainsOf } from '../../../src/planes/shared/gains.ts';
import { PARIS_CLEAN } from './handback/support.ts';
import { deployment, policy } from './support/manifests.ts';
import { testServers } from './support/servers.ts';
import { startWorld } from './support/world.ts';

describe('room that steps under way will take', () => {
  const requests = (workload: string) =>
    workload === 'n/unknown' ? undefined : { cpuMillis: 100, memoryBytes: 1_000 };

  it('is what their gainers gain, by what a replica asks for; losers free nothing yet', () => {
    const steps = [
      gainsOf({ 'n/a': { from: { x: 4, y: 1 }, to: { x: 1, y: 4 } } }),
      gainsOf({ 'n/b': { from: {}, to: { y: 2, z: 1 } }, 'n/unknown': { from: {}, to: { z: 3 } } }),
    ];
    expect(Object.fromEntries(reservedBy(steps, requests))).toEqual({
      y: { cpuMillis: 500, memoryBytes: 5_000, pods: 5 },
      z: { cpuMillis: 100, memoryBytes: 1_000, pods: 4 },
    });
  });

  it('adds up with what Jobs take', () => {
    const some = { cpuMillis: 1, memoryBytes: 2, pods: 3 };
    expect(addHeadroom(some, some)).toEqual({ cpuMillis: 2, memoryBytes: 4, pods: 6 });
    expect(addHeadroom(some, undefined)).toEqual(some);
    expect(addHeadroom(undefined, undefined)).toBeUndefined();
  });
});

for (const server of testServers('Karmada plane, reservations')) {
  describe(`reservations, on ${server.name}`, () => {
    it('promise the room of a step under way to nobody else, also after a restart', async () => {
      const world = await startWorld(server, {
        members: [
          { name: 'frankfurt', provider: 'aws', region: 'eu-central-1' },
          { name: 'paris', provider: 'aws', region: 'eu-west-3', cpu: '1200m' },
        ],
      });
      try {
        await world.wind({ DE: PARIS_CLEAN.DE, FR: PARIS_CLEAN.FR });
        const ns = await world.namespace();
        for (const name of ['a', 'b']) {
          await world.create(policy(ns, name));
          await world.create(deployment(ns, name, { replicas: 8, annotations: {} }));
        }
        // Members tell what is free a moment later.
        await world.advance(MINUTE);
        // Of 12 places in paris 8 are taken, and nothing that is decided now gets there.
        const paris = world.plane.clusters().find(({ name }) => name === 'paris');
        expect(paris?.headroom?.cpuMillis).toBe(400);
        world.karmada.stopControllerManager();
        const follow = async (name: string): Promise<void> => {
          const annotations = {
            'windvane.dev/placement': 'follow-the-wind',
            'windvane.dev/max-step': '100',
            'windvane.dev/max-surge': '100',
            'windvane.dev/min-replicas': '0',
          };
          await world.user.mergePatch(
            PROPAGATION_POLICY,
            { namespace: ns, name },
            { metadata: { annotations } },
          );
          await world.settle();
        };
        const inParis = (name: string) =>
          world.view(ns, name)?.split.find(({ cluster }) => cluster === 'paris')?.reason ?? '';
        await follow('a');
        expect(world.view(ns, 'a')?.state).toBe('Moving');
        await world.restart();
        await follow('b');
        expect(inParis('b')).toContain('headroom');
        expect(world.view(ns, 'b')?.state).not.toBe('Moving');
      } finally {
        await world.stop();
      }
    });
  });
}
