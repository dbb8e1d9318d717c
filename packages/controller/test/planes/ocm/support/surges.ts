import { MINUTE } from '@windvane/carbon-map';
import type { WorkPlan } from '@windvane/sandbox';
import { PLACEMENT } from '../../../../src/planes/ocm/resources.ts';
import { FOLLOW } from './objects.ts';
import { createRandom, type Random } from './random.ts';
import { type OcmWorld, standing, startOcmWorld } from './world.ts';

const ZONES = ['DE', 'FR', 'SE-SE3', 'US-MIDA-PJM', 'PL'];

/** What became of one random run. */
export interface SurgeRun {
  readonly seed: number;
  readonly moves: number;
  readonly rolledBack: number;
  readonly kills: number;
  /** How often somebody else put the number back. */
  readonly putBacks: number;
  /** What must not be, for people. */
  readonly violations: readonly string[];
}

function workPlan(random: Random): WorkPlan {
  if (random.chance(0.15)) return { applyAfter: null };
  if (random.chance(0.15)) return { failure: 'quota' };
  if (random.chance(0.2)) return { readyAfter: null };
  return { applyAfter: random.below(3) * MINUTE, readyAfter: random.below(12) * MINUTE };
}

function wind(random: Random): Record<string, number> {
  return Object.fromEntries(ZONES.map((zone) => [zone, 10 + random.below(600)]));
}

interface Fleet {
  readonly world: OcmWorld;
  /** Clusters that had the work available when the move under way began; 0 at rest. */
  floor: number;
}

/** Kills the controller at a random write of the next ones, and starts another. */
async function kill({ world }: Fleet, random: Random, task: () => Promise<void>): Promise<boolean> {
  let left = 1 + random.below(12);
  world.recording.killAt(
    ({ kind }) => (kind === 'AddOnPlacementScore' || kind === 'Placement') && --left === 0,
  );
  await task();
  const killed = world.recording.killed();
  await world.restart();
  return killed;
}

/**
 * One Placement of one to three clusters through a few changes of the wind, with newcomers that are slow or fail,
 * controllers that are killed and somebody who puts the number back. The available work is sampled at every change that the clusters see.
 */
export async function surgeRun(seed: number): Promise<SurgeRun> {
  const random = createRandom(seed);
  const count = 1 + random.below(3);
  let untilPutBack = Number.POSITIVE_INFINITY;
  let namespace = '';
  let putBacks = 0;
  const world = await startOcmWorld({
    // Somebody puts the number back while a write of the controller is on its way.
    async heard({ kind }) {
      if (kind !== 'AddOnPlacementScore' && kind !== 'Placement') return;
      untilPutBack -= 1;
      if (untilPutBack !== 0) return;
      const { spec } = await world.placement(namespace, 'train');
      if (spec.numberOfClusters === count) return;
      putBacks += 1;
      await world.user.mergePatch(
        PLACEMENT,
        { namespace, name: 'train' },
        { spec: { numberOfClusters: count } },
      );
      if (random.chance(0.5)) await world.ocm.settled();
    },
    clusters: ZONES.map((zone, index) => standing(`c${index + 1}`, zone)),
    // What is there from the beginning works.
    workPlan: () => ({}),
  });
  const fleet: Fleet = { world, floor: 0 };
  const violations: string[] = [];
  let kills = 0;
  try {
    await world.wind(wind(random));
    const surges = count > 1 && random.chance(0.3) ? '2' : '1';
    namespace = await world.train({
      clusters: count,
      annotations: { ...FOLLOW, 'windvane.dev/surge-clusters': surges, 'windvane.dev/cooldown': '5m' },
    });
    await world.advance(30 * MINUTE, 5 * MINUTE);
    for (let round = 0; round < 3; round += 1) {
      const from = world.ocm.clusters.history(namespace, 'train').length - 1;
      const floor = world.ocm.clusters.places(namespace, 'train').ready.length;
      const plans = new Map(ZONES.map((_, index) => [`c${index + 1}`, workPlan(random)]));
      const held = new Set((await world.decided(namespace, 'train')).split(' '));
      world.ocm.setWorkPlan(({ cluster }) => (held.has(cluster) ? {} : (plans.get(cluster) ?? {})));
      if (random.chance(0.4)) untilPutBack = 1 + random.below(12);
      const blow = (): Promise<void> => world.wind(wind(random));
      if (random.chance(0.6)) kills += Number(await kill(fleet, random, blow));
      else await blow();
      // Twice the deadline, with another kill on the way now and then.
      if (random.chance(0.4)) {
        kills += Number(await kill(fleet, random, () => world.advance(10 * MINUTE, 2 * MINUTE)));
      }
      await world.advance(50 * MINUTE, 2 * MINUTE);
      const lows = world.ocm.clusters.history(namespace, 'train').slice(from);
      const low = Math.min(...lows.map(({ ready }) => ready.length));
      if (low < floor) violations.push(`round ${round}: ${low} of ${floor} clusters had the work available`);
      violations.push(...(await settledWrong(world, namespace, count, round)));
    }
    const moves = world.view(namespace, 'train')?.moves ?? [];
    return {
      seed,
      moves: moves.filter(({ result }) => result === 'completed').length,
      rolledBack: moves.filter(({ result }) => result === 'rolled-back').length,
      kills,
      putBacks,
      violations,
    };
  } finally {
    await world.stop();
  }
}

async function settledWrong(
  world: OcmWorld,
  namespace: string,
  count: number,
  round: number,
): Promise<string[]> {
  const { spec, metadata } = await world.placement(namespace, 'train');
  const step = metadata.annotations?.['windvane.dev/step'];
  const wrong: string[] = [];
  if (step === undefined && spec.numberOfClusters !== count) {
    wrong.push(`round ${round}: numberOfClusters stayed at ${spec.numberOfClusters}`);
  }
  const started = step === undefined ? null : JSON.parse(step).startedAt;
  if (started !== null && world.clock.now() - Date.parse(started) > 40 * MINUTE) {
    wrong.push(`round ${round}: a step of ${started} has no end: ${step}`);
  }
  return wrong;
}
