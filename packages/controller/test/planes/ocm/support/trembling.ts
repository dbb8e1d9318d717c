import { MINUTE } from '@windvane/carbon-map';
import { createRandom } from './random.ts';
import { startOcmWorld } from './world.ts';

const SCALE = { cleanGramsPerKwh: 0, dirtyGramsPerKwh: 800, deadBand: 5 };

/** What trembling intensities brought about. */
export interface Trembling {
  readonly moves: number;
  /** Writes on scores that steer. */
  readonly steeringWrites: number;
  /** Writes on published scores beside renewals. */
  readonly publishedWrites: number;
}

/** Two Placements at rest while every zone trembles by up to 3 % around its level, one tick every five minutes. */
export async function tremble(seed: number, ticks: number): Promise<Trembling> {
  const random = createRandom(seed);
  const around = (grams: number): number => grams * (0.97 + 0.0001 * random.below(601));
  const world = await startOcmWorld({ config: { scores: SCALE } });
  try {
    await world.wind({ DE: 20, FR: 110, 'SE-SE3': 120, 'US-MIDA-PJM': 400 });
    await world.train();
    await world.train({ clusters: 2 });
    await world.advance(10 * MINUTE, 5 * MINUTE);
    const moves = (): number => world.plane.placements().flatMap((each) => each.moves).length;
    const before = moves();
    world.recording.clear();
    for (let tick = 0; tick < ticks; tick += 1) {
      world.clock.advanceTo(world.clock.now() + 5 * MINUTE);
      await world.wind({
        DE: around(20),
        FR: around(110),
        'SE-SE3': around(120),
        'US-MIDA-PJM': around(400),
      });
    }
    const periods = new Set<string>();
    const published = world.scoreWrites('windvane');
    // A renewal comes with an end that no write for that cluster had before.
    const others = published.filter(({ body }) => {
      const { metadata, status } = JSON.parse(JSON.stringify(body));
      const period = `${metadata.namespace} ${status.validUntil}`;
      const first = !periods.has(period);
      periods.add(period);
      return !first;
    });
    return {
      moves: moves() - before,
      steeringWrites: world.scoreWrites().length,
      publishedWrites: others.length,
    };
  } finally {
    await world.stop();
  }
}
