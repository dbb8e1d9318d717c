import { MINUTE } from '@windvane/carbon-map';
import { afterEach, describe, expect, it } from 'vitest';
import { FOLLOW } from './support/objects.ts';
import { type OcmWorld, standing, startOcmWorld } from './support/world.ts';

const EAST = ['DE', 'PL', 'FI'];
const WEST = ['FR', 'ES', 'GB'];
const blowing = (clean: readonly string[]): Record<string, number> =>
  Object.fromEntries(
    [...EAST, ...WEST].map((zone, index) => [zone, clean.includes(zone) ? 20 + index : 500 + index]),
  );

describe('scores written for a cluster swapped', () => {
  let world: OcmWorld;
  afterEach(() => world.stop());

  it.each([
    { clusters: 1, surge: '0', writes: 2 },
    { clusters: 1, surge: '1', writes: 3 },
    { clusters: 3, surge: '0', writes: 6 },
    { clusters: 3, surge: '1', writes: 9 },
    { clusters: 3, surge: '2', writes: 9 },
  ])(
    'are two, and three with a surge: $clusters clusters, surge-clusters $surge',
    async ({ clusters, surge, writes }) => {
      world = await startOcmWorld({
        clusters: [...EAST, ...WEST].map((zone) => standing(zone.toLowerCase(), zone)),
      });
      await world.wind(blowing(EAST));
      const namespace = await world.train({
        clusters,
        annotations: { ...FOLLOW, 'windvane.dev/surge-clusters': surge },
      });
      await world.advance(2 * MINUTE, MINUTE);
      const before = (await world.decided(namespace, 'train')).split(' ');
      expect(before.every((name) => EAST.includes(name.toUpperCase()))).toBe(true);
      world.recording.clear();
      await world.wind(blowing(WEST));
      await world.advance(2 * MINUTE, MINUTE);
      const after = (await world.decided(namespace, 'train')).split(' ');
      expect(after).toHaveLength(clusters);
      expect(after.every((name) => WEST.includes(name.toUpperCase()))).toBe(true);
      expect(world.scoreWrites()).toHaveLength(writes);
    },
    60_000,
  );
});
