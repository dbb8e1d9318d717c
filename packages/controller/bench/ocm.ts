// Steers many Placements over many managed clusters on the sandbox: what taking over, a turn of the wind and a quiet
// tick write and take, memory, and the largest score object. Time is CPU time of this process, as a ratio to bare writes.
// `npm run bench -- ocm [--placements 500] [--clusters 1000]`
import { parseArgs } from 'node:util';
import { MINUTE } from '@windvane/carbon-map';
import { type Bound, report } from '../../../scripts/figure.ts';
import { ADD_ON_PLACEMENT_SCORE, MANIFEST_WORK_REPLICA_SET, PLACEMENT } from '../src/planes/ocm/resources.ts';
import { CONFIG_MAP } from '../src/planes/shared/resources.ts';
import { FOLLOW, placement, replicaSet } from '../test/planes/ocm/support/objects.ts';
import { standing, startOcmWorld } from '../test/planes/ocm/support/world.ts';
import { cpuSeconds, each, heapMegabytes } from './support/measure.ts';

const { values } = parseArgs({
  options: {
    placements: { type: 'string', default: '500' },
    clusters: { type: 'string', default: '1000' },
  },
});
const size = { placements: Number(values.placements), clusters: Number(values.clusters) };
const BARE_WRITES = 1_000;
const ZONES = ['DE', 'FR', 'SE-SE3', 'US-MIDA-PJM', 'PL', 'ES', 'IT-NO', 'GB', 'NO-NO1', 'FI'];

const clusters = Array.from({ length: size.clusters }, (_, index) =>
  standing(`c${String(index).padStart(4, '0')}`, ZONES[index % ZONES.length] ?? ''),
);
const world = await startOcmWorld({ clusters });
const namespace = await world.namespace();
await world.die();

const bare = await cpuSeconds(() =>
  each(BARE_WRITES, (index) =>
    world.user.create(CONFIG_MAP, {
      metadata: { namespace, name: `bare-${index}` },
      data: { some: 'value' },
    }),
  ),
);
const bareSeconds = bare / BARE_WRITES;
report('ocm.bareWrite', bareSeconds * 1000, 'ms CPU');

await each(size.placements, async (index) => {
  const name = `p${index}`;
  await world.user.create(
    PLACEMENT,
    placement(namespace, name, { numberOfClusters: 1 + (index % 3) }, FOLLOW),
  );
  await world.user.create(MANIFEST_WORK_REPLICA_SET, replicaSet(namespace, name));
});
await world.ocm.settled();
const heapBefore = heapMegabytes();

/** A map on which one zone is the cleanest by far. */
const grams = (best: number): Record<string, number> =>
  Object.fromEntries(ZONES.map((zone, index) => [zone, index === best ? 30 : 200 + index]));

async function measure(
  name: string,
  work: () => Promise<unknown>,
  targets: { readonly writes?: Bound; readonly scores?: Bound } = {},
) {
  world.recording.clear();
  const others = world.ocm.writes();
  const seconds = await cpuSeconds(work);
  const stored = world.recording.stored();
  report(`ocm.${name}.writes`, stored.length, 'writes', targets.writes);
  report(`ocm.${name}.writesOfScores`, world.scoreWrites().length, 'writes', targets.scores);
  report(
    `ocm.${name}.writesOfPlacements`,
    stored.filter(({ kind }) => kind === 'Placement').length,
    'writes',
  );
  report(
    `ocm.${name}.writesOfStatuses`,
    stored.filter(({ kind }) => kind === 'CarbonPlacement').length,
    'writes',
  );
  report(`ocm.${name}.time`, seconds, 's CPU, stand-ins of OCM included');
  const all = stored.length + world.ocm.writes() - others;
  if (all > 0) report(`ocm.${name}.timeOfWrite`, seconds / all / bareSeconds, 'bare writes');
  return seconds;
}

await measure('takeOver', async () => {
  await world.restart();
  await world.wind(grams(0));
  await world.advance(5 * MINUTE, MINUTE);
});
report('ocm.takeOver.memory', heapMegabytes() - heapBefore, 'MB');
const quiet = await measure('quietTick', () => world.wind(grams(0)), { writes: { atMost: 0 } });
report('ocm.quietTick.timeOfUnit', (quiet / size.placements) * 1000, 'ms CPU');
// Every cluster of every Placement may change places: three scores each, with a surge.
let places = 0;
for (let index = 0; index < size.placements; index += 1) places += 1 + (index % 3);
await measure(
  'everythingChanges',
  async () => {
    await world.wind(grams(1));
    await world.advance(2 * MINUTE, MINUTE);
  },
  { scores: { atMost: 3 * places } },
);
await world.advance(10 * MINUTE, 2 * MINUTE);
await measure('quietAgain', () => world.wind(grams(1)), { writes: { atMost: 0 } });
const { items } = await world.user.list(ADD_ON_PLACEMENT_SCORE);
report('ocm.largestScore', Math.max(...items.map((object) => JSON.stringify(object).length)), 'bytes');
await world.stop();
