import { DAY, HOUR } from '@windvane/carbon-map';
import { afterEach, describe, expect, it } from 'vitest';
import { placement } from './support/objects.ts';
import { tremble } from './support/trembling.ts';
import { type OcmWorld, startOcmWorld } from './support/world.ts';

const GERMAN = { DE: 20, FR: 110, 'SE-SE3': 120, 'US-MIDA-PJM': 400 };
const SCALE = { cleanGramsPerKwh: 0, dirtyGramsPerKwh: 800, deadBand: 5 };
const reads = (steady: number) => ({
  mode: 'Exact',
  configurations: [
    {
      scoreCoordinate: { type: 'AddOn', addOn: { resourceName: 'windvane', scoreName: 'carbon' } },
      weight: 5,
    },
    { scoreCoordinate: { type: 'BuiltIn', builtIn: 'Steady' }, weight: steady },
  ],
});

describe('trembling intensities', () => {
  it('move nothing and write next to nothing', async () => {
    const { moves, steeringWrites, publishedWrites } = await tremble(7, 60);
    expect({ moves, steeringWrites }).toEqual({ moves: 0, steeringWrites: 0 });
    expect(publishedWrites).toBeLessThan(20);
  }, 120_000);
});

describe('what stays as it is', () => {
  let world: OcmWorld;
  afterEach(() => world.stop());

  it('renews published scores after half of their validity, and counts that apart', async () => {
    world = await startOcmWorld({ config: { scores: SCALE } });
    await world.wind(GERMAN);
    expect(world.plane.scoreWrites?.()).toEqual({ scores: 4, renewals: 0 });
    await world.advance(6 * HOUR, HOUR);
    expect(world.plane.scoreWrites?.()).toEqual({ scores: 4, renewals: 4 });
  });

  it('changes no steered decision through a week without Windvane, nor on its return', async () => {
    world = await startOcmWorld({ config: { scores: SCALE } });
    await world.wind(GERMAN);
    const names = [await world.train(), await world.train({ clusters: 2 })];
    await world.create(
      placement(names[0] ?? '', 'steady', { numberOfClusters: 1, prioritizerPolicy: reads(1) }, {}),
      placement(names[0] ?? '', 'loose', { numberOfClusters: 1, prioritizerPolicy: reads(0) }, {}),
    );
    await world.settle();
    const decided = () => Promise.all(names.map((name) => world.decided(name, 'train')));
    const before = await decided();
    await world.die();
    const seen = new Set<string>();
    for (let day = 0; day < 7; day += 1) {
      await world.advance(DAY, 4 * HOUR);
      // OCM looks at everything again, as its informers do every ten minutes.
      world.ocm.startPlacement();
      await world.settle();
      seen.add((await decided()).join(', '));
    }
    expect([...seen]).toEqual([before.join(', ')]);
    // Expired scores count as 0: Steady keeps, and without it the first name wins.
    expect(await world.decided(names[0] ?? '', 'steady')).toBe('frankfurt');
    expect(await world.decided(names[0] ?? '', 'loose')).toBe('frankfurt');
    await world.restart({ scores: SCALE });
    expect(await decided()).toEqual(before);
  }, 120_000);
});
