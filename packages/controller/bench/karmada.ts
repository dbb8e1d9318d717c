// Steers a large fleet on the sandbox: what a first look, a quiet tick and a turn of the wind write and take, and
// whether anything grows. Time is CPU time of this process, as a ratio to that of bare writes to the same sandbox.
// `npm run bench -- karmada [--workloads 2000] [--policies 300] [--clusters 40] [--ticks 2000]`
import { parseArgs } from 'node:util';
import { HOUR, MINUTE, startOfHour } from '@windvane/carbon-map';
import { type Bound, report } from '../../../scripts/figure.ts';
import { PROPAGATION_POLICY } from '../src/planes/karmada/resources.ts';
import { defaultFleetLimits } from '../src/planes/shared/fleet-limits.ts';
import { LOOK_EVERY } from '../src/planes/shared/news.ts';
import { CONFIG_MAP } from '../src/planes/shared/resources.ts';
import { deployment, FOLLOW, policy } from '../test/planes/karmada/support/manifests.ts';
import { mapOf } from '../test/planes/karmada/support/maps.ts';
import { testServers } from '../test/planes/karmada/support/servers.ts';
import { DEPLOYMENT, startWorld } from '../test/planes/karmada/support/world.ts';
import { cpuSeconds, each, heapMegabytes } from './support/measure.ts';

const { values } = parseArgs({
  options: {
    workloads: { type: 'string', default: '2000' },
    policies: { type: 'string', default: '300' },
    clusters: { type: 'string', default: '40' },
    ticks: { type: 'string', default: '2000' },
  },
});
const size = {
  workloads: Number(values.workloads),
  policies: Number(values.policies),
  clusters: Number(values.clusters),
  ticks: Number(values.ticks),
};
const BARE_WRITES = 1_000;
const TICK = 5 * MINUTE;
const REGIONS =
  'eu-central-1 eu-west-3 us-east-1 eu-north-1 eu-west-1 eu-west-2 eu-south-1 us-west-1 us-west-2 ca-central-1 ap-northeast-1 ap-southeast-2 sa-east-1 ap-south-1'.split(
    ' ',
  );

const members = Array.from({ length: size.clusters }, (_, index) => ({
  name: `c${String(index).padStart(2, '0')}`,
  provider: 'aws',
  region: REGIONS[index % REGIONS.length] ?? '',
  cpu: '1000000',
  memory: '4000Ti',
  pods: 1_000_000,
}));
const [server] = testServers('bench');
if (server === undefined) throw new Error('there is always a sandbox');
const world = await startWorld(server, {
  members,
  config: { limits: defaultFleetLimits },
  podStartup: () => MINUTE,
});
const zones = [...new Set(world.plane.clusters().map(({ zone }) => zone))].filter((zone) => zone !== null);
const ns = await world.namespace();
await world.plane.stop();

const bare = await cpuSeconds(() =>
  each(BARE_WRITES, (index) =>
    world.user.create(CONFIG_MAP, {
      metadata: { namespace: ns, name: `bare-${index}` },
      data: { some: 'value' },
    }),
  ),
);
const bareSeconds = bare / BARE_WRITES;
report('karmada.bareWrite', bareSeconds * 1000, 'ms CPU');

await each(size.policies, async (index) => {
  const names = Array.from({ length: size.workloads }, (_, which) => which).filter(
    (which) => which % size.policies === index,
  );
  const clusters = members.filter((_, which) => (which + index) % 5 === 0).map(({ name }) => name);
  await world.user.create(
    PROPAGATION_POLICY,
    policy(ns, `p${index}`, { names: names.map((name) => `w${name}`), annotations: FOLLOW, clusters }),
  );
});
await each(size.workloads, (index) =>
  world.user.create(DEPLOYMENT, deployment(ns, `w${index}`, { replicas: 20 + (index % 9), annotations: {} })),
);
await world.karmada.settled();
await world.advance(2 * MINUTE, MINUTE);
const heapBefore = heapMegabytes();

/** Shows a map on which one zone is the cleanest by far; like most sources its readings are those of the hour. */
function wind(best: number): Promise<void> {
  const at = world.clock.now();
  const grams = Object.fromEntries(zones.map((zone, index) => [zone, index === best ? 30 : 200 + index]));
  return world.show({ ...mapOf(startOfHour(at), grams), at });
}

/** What some work asks of the engine and writes, and its CPU seconds; a write is compared with a bare one. */
async function measure(name: string, work: () => Promise<unknown>, writesTarget?: Bound) {
  world.recording.clear();
  const others = world.karmada.writes();
  const { asked } = world;
  const seconds = await cpuSeconds(work);
  const writes = world.recording.stored().length;
  report(`karmada.${name}.writes`, writes, 'writes', writesTarget);
  report(`karmada.${name}.questions`, world.asked - asked, 'problems for the engine');
  report(`karmada.${name}.time`, seconds, 's CPU, stand-ins of Karmada included');
  const all = writes + world.karmada.writes() - others;
  if (all > 0) report(`karmada.${name}.timeOfWrite`, seconds / all / bareSeconds, 'bare writes');
  return seconds;
}

await measure('firstSync', async () => {
  await world.restart();
  await wind(0);
});
report('karmada.firstSync.memory', heapMegabytes() - heapBefore, 'MB');
// The map says the same from here on, until everything has moved: units wait an hour for the limits of the fleet.
const resting = HOUR / LOOK_EVERY + 1;
let rounds = 0;
for (let silent = 0; silent < resting; rounds += 1) {
  world.recording.clear();
  await world.advance(LOOK_EVERY, MINUTE);
  await wind(0);
  silent = world.recording.stored().length === 0 ? silent + 1 : 0;
}
report('karmada.untilAllMoved', ((rounds - resting) * LOOK_EVERY) / MINUTE, 'minutes');
world.clock.advanceTo(world.clock.now() + LOOK_EVERY);
const quiet = await measure('quietTick', () => wind(0), { atMost: 0 });
report('karmada.quietTick.timeOfUnit', (quiet / size.policies) * 1000, 'ms CPU');
await measure('nothingNew', () => wind(0), { atMost: 0 });
// Units rest between moves.
await world.advance(HOUR, LOOK_EVERY);
await measure('cleanestChanges', () => wind(1));
await world.advance(2 * TICK, MINUTE);

// Nothing changes from here on but the time, and with it the hour of the readings.
const part = Math.max(1, Math.floor(size.ticks / 20));
/** Ticks in which every unit is looked at once. */
const round = LOOK_EVERY / TICK;
const marks = [part, 5 * part, 10 * part, size.ticks];
const seconds: number[] = [];
const heaps: number[] = [];
const times: number[] = [];
for (let tick = 1; tick <= size.ticks; tick += 1) {
  seconds.push(
    await cpuSeconds(async () => {
      world.clock.advanceTo(world.clock.now() + TICK);
      await wind(1);
    }),
  );
  if (!marks.includes(tick)) continue;
  heaps.push(heapMegabytes());
  times.push(typical(seconds.slice(-part)));
  report(`karmada.after${tick}.heap`, heaps.at(-1) ?? 0, 'MB');
  report(`karmada.after${tick}.writes`, world.recording.stored().length, 'writes since the last figure');
  report(
    `karmada.after${tick}.time`,
    (times.at(-1) ?? 0) * 1000,
    `ms CPU a tick, typical of the last ${part}`,
  );
  report(
    `karmada.after${tick}.meanTime`,
    mean(seconds.slice(-part)) * 1000,
    'ms CPU a tick, mean of the same',
  );
  world.recording.clear();
}
const growth = (figures: readonly number[]): number => (figures.at(-1) ?? 0) / (figures[1] ?? 0);
report('karmada.growth.ticks', size.ticks, 'ticks');
report('karmada.growth.heap', growth(heaps), `of that after ${marks[1]} ticks`, { atMost: 1.1 });
report('karmada.growth.time', growth(times), `of that before tick ${marks[1]}`, { atMost: 1.2 });
await world.stop();

/**
 * Of a tick in the median round. A full collection of garbage takes seconds with a heap of this size and comes when the
 * engine sees fit, after fifty ticks or after a thousand: in a mean of a hundred it would be all that is seen.
 */
function typical(figures: readonly number[]): number {
  const sorted = Array.from({ length: Math.floor(figures.length / round) }, (_, index) =>
    mean(figures.slice(index * round, (index + 1) * round)),
  ).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? mean(figures);
}

function mean(figures: readonly number[]): number {
  return figures.reduce((sum, figure) => sum + figure, 0) / figures.length;
}
