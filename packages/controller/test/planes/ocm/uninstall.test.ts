import { describe, expect, it } from 'vitest';
import { isKubeError } from '../../../src/kube/errors.ts';
import { LEASE } from '../../../src/kube/lease.ts';
import { uninstall } from '../../../src/planes/karmada/handback/uninstall.ts';
import { uninstallOcm } from '../../../src/planes/ocm/handback/uninstall.ts';
import { CARBON_PLACEMENT, CONFIG_MAP } from '../../../src/planes/shared/resources.ts';
import { type Recording, record } from '../karmada/support/recording.ts';
import { neverAway, paceIn, tracesOf } from './support/hand-back.ts';
import { DEFAULTS } from './support/objects.ts';
import { type OcmWorld, standing, startOcmWorld } from './support/world.ts';

const SCALE = { cleanGramsPerKwh: 0, dirtyGramsPerKwh: 800, deadBand: 5 };
// Without a score of its own the first name wins: what was moved to paris is exchanged on the way back.
const MINE = {
  mode: 'Exact',
  configurations: [
    { scoreCoordinate: { type: 'AddOn', addOn: { resourceName: 'mine', scoreName: 's' } }, weight: 1 },
  ],
};

/** As `windvane uninstall` does it. */
function uninstalled(world: OcmWorld, { api }: Pick<Recording, 'api'>): Promise<boolean> {
  return uninstall(api, { keepCrd: false }, paceIn(world), {
    plan: [],
    run: async (server, hands) => (await uninstallOcm(server, false, hands)).kind === 'done',
  });
}

async function leftovers(world: OcmWorld, namespace: string): Promise<string[]> {
  const left = [
    ...(await tracesOf(world, namespace)),
    ...((await world.user.serves(CARBON_PLACEMENT)) ? ['CRD'] : []),
  ];
  for (const type of [CONFIG_MAP, LEASE]) {
    const { items } = await world.user
      .list(type, { namespace: 'windvane-system' })
      .catch((error: unknown) => (isKubeError(error, 'not-found') ? { items: [] } : Promise.reject(error)));
    left.push(...items.map(({ metadata }) => `${type.kind} ${metadata.name}`));
  }
  return left;
}

describe('uninstall on a hub of Open Cluster Management', () => {
  it.each([true, false])(
    'ends the same when it is killed at any write and run again, controller alive: %s',
    async (alive) => {
      let boundary = alive ? 1 : 2;
      const most = 80;
      // Every write is a boundary; the two runs take turns.
      for (; boundary < most; boundary += 2) {
        const world = await startOcmWorld({
          clusters: [standing('frankfurt', 'DE'), standing('paris', 'FR')],
          // Without an election nothing would keep a living controller from publishing anew afterwards.
          config: { scores: alive ? null : SCALE },
        });
        try {
          await world.wind({ DE: 20, FR: 110 });
          const namespace = await world.train({ spec: { prioritizerPolicy: MINE } });
          await world.wind({ DE: 300, FR: 20 });
          expect(await world.decided(namespace, 'train')).toBe('paris');
          if (!alive) await world.die();
          const recording = record(world.hands);
          let writes = 0;
          recording.killAt(() => {
            writes += 1;
            return writes === boundary;
          });
          const first = uninstalled(world, recording).then(String, String);
          expect(await first).toBe(recording.killed() ? 'KubeError: killed' : 'true');
          expect(await uninstalled(world, record(world.hands))).toBe(true);
          await world.settle();
          expect({ boundary, left: await leftovers(world, namespace) }).toEqual({ boundary, left: [] });
          expect((await world.placement(namespace, 'train'))['spec']).toEqual({
            ...DEFAULTS,
            numberOfClusters: 1,
            prioritizerPolicy: MINE,
          });
          expect({ boundary, there: neverAway(world, namespace) }).toEqual({ boundary, there: true });
          if (!recording.killed()) break;
        } finally {
          await world.stop();
        }
      }
      expect(boundary).toBeGreaterThan(10);
      expect(boundary).toBeLessThan(most);
    },
    900_000,
  );
});
