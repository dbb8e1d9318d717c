import { MINUTE } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import { FOLLOW, placement, replicaSet } from './support/objects.ts';
import { type OcmWorld, startOcmWorld } from './support/world.ts';

const GERMAN = { DE: 20, FR: 110, 'SE-SE3': 120, 'US-MIDA-PJM': 400 };
const FRENCH = { DE: 300, FR: 20, 'SE-SE3': 310, 'US-MIDA-PJM': 400 };
const MINE = {
  mode: 'Exact',
  configurations: [{ scoreCoordinate: { type: 'BuiltIn', builtIn: 'Steady' }, weight: 3 }],
};

/** Kills the controller at its `nth` write of a score or a Placement during `task`, then starts another. */
async function killedAt(world: OcmWorld, nth: number, task: () => Promise<void>): Promise<boolean> {
  let left = nth;
  world.recording.killAt(
    ({ kind }) => (kind === 'AddOnPlacementScore' || kind === 'Placement') && --left === 0,
  );
  await task();
  return world.recording.killed();
}

describe('a controller that is killed', () => {
  it.each([
    ['while it takes a Placement over', {}],
    ['while it adopts the policy of a Placement', { prioritizerPolicy: MINE }],
  ])(
    '%s, at any write, flips nothing and ends the same',
    async (_, spec) => {
      const world = await startOcmWorld();
      try {
        await world.wind(GERMAN);
        for (let nth = 1; ; nth += 1) {
          const namespace = await world.namespace();
          const killed = await killedAt(world, nth, async () => {
            await world.create(
              placement(
                namespace,
                'train',
                { numberOfClusters: 1, ...spec },
                {
                  ...FOLLOW,
                  'windvane.dev/min-gain': '100',
                },
              ),
              replicaSet(namespace, 'train'),
            );
            await world.settle();
          });
          const chosen = await world.decided(namespace, 'train');
          await world.restart();
          expect(await world.decided(namespace, 'train')).toBe(chosen);
          expect((await world.scores(namespace, 'train'))[chosen]).toBe(100);
          expect((await world.placement(namespace, 'train'))['spec'].prioritizerPolicy.mode).toBe('Exact');
          expect(world.view(namespace, 'train')?.reason).toBeNull();
          expect(world.view(namespace, 'train')?.found?.present).toBe('prioritizerPolicy' in spec);
          const history = world.ocm.clusters.history(namespace, 'train');
          expect(new Set(history.flatMap(({ applied }) => applied))).toEqual(new Set([chosen]));
          if (!killed) break;
        }
      } finally {
        await world.stop();
      }
    },
    120_000,
  );

  it('in the middle of a move, at any write, brings it to an end without a gap', async () => {
    /** Statuses that say that all is at rest beside a move that is not. */
    const contradictions: unknown[] = [];
    const world = await startOcmWorld({
      heard({ kind, subresource, body }) {
        const { state, moves = [] } = Object(Object(body).status);
        const open = moves.some(({ finishedAt }: { finishedAt: string | null }) => finishedAt === null);
        if (kind === 'CarbonPlacement' && subresource === 'status' && state === 'Steady' && open) {
          contradictions.push(moves);
        }
      },
    });
    try {
      for (let nth = 1; ; nth += 1) {
        await world.wind(GERMAN);
        const namespace = await world.train();
        await world.advance(2 * MINUTE, MINUTE);
        expect(await world.decided(namespace, 'train')).toBe('frankfurt');
        const killed = await killedAt(world, nth, () => world.wind(FRENCH));
        await world.restart();
        await world.advance(2 * MINUTE, MINUTE);
        expect(await world.decided(namespace, 'train')).toBe('paris');
        const { spec, metadata } = await world.placement(namespace, 'train');
        expect(spec.numberOfClusters).toBe(1);
        expect(metadata.annotations?.['windvane.dev/step']).toBeUndefined();
        const history = world.ocm.clusters.history(namespace, 'train');
        const first = history.findIndex(({ ready }) => ready.length > 0);
        expect(history.slice(first).every(({ ready }) => ready.length > 0)).toBe(true);
        // One Placement at a time, so that the writes that are counted are its own.
        await world.user.mergePatch(
          {
            group: 'cluster.open-cluster-management.io',
            version: 'v1beta1',
            plural: 'placements',
            kind: 'Placement',
            namespaced: true,
          },
          { namespace, name: 'train' },
          { metadata: { annotations: { 'windvane.dev/placement': 'off' } } },
        );
        await world.settle();
        if (!killed) break;
      }
      expect(contradictions).toEqual([]);
    } finally {
      await world.stop();
    }
  }, 120_000);
});
