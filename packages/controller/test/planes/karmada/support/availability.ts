import { MINUTE } from '@windvane/carbon-map';
import type { ReplicaTotals } from '@windvane/sandbox';
import { z } from 'zod';
import { OVERRIDE_POLICY, PROPAGATION_POLICY } from '../../../../src/planes/karmada/resources.ts';
import { NAMESPACE } from '../../../../src/planes/shared/resources.ts';
import { deployment, FOLLOW, policy } from './manifests.ts';
import { createTrouble } from './random-trouble.ts';
import type { RecordedWrite } from './recording.ts';
import type { TestServer } from './servers.ts';
import { DEPLOYMENT, MEMBERS, startWorld, type World } from './world.ts';

const CLUSTERS = [...MEMBERS, { name: 'stockholm', provider: 'aws', region: 'eu-north-1' }];
const ZONES = { frankfurt: 'DE', paris: 'FR', virginia: 'US-MIDA-PJM', stockholm: 'SE-SE3' };
const ROUND = 16 * MINUTE;

/** A sequence that went below what it had to keep. */
interface Violation {
  readonly seed: number;
  readonly workload: string;
  readonly floor: number;
  readonly totals: ReplicaTotals;
  readonly log: readonly string[];
}

export interface Outcome {
  readonly sequences: number;
  readonly violations: readonly Violation[];
  readonly completed: number;
  readonly rolledBack: number;
  readonly ended: number;
  readonly kills: number;
  /** Pins and steps that were still there after everything had its time. */
  readonly left: readonly string[];
}

/** The same numbers for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One workload and what it must not fall below. */
interface Watched {
  readonly name: string;
  readonly policy: string;
  /** Part of its replicas that a step may move. */
  readonly step: number;
  replicas: number;
  image: number;
  floor: number;
  /**
   * Replicas that the step under way may take away, by the count at its beginning; 0 with surge, and without a step.
   * Who scales down in the middle of it has Karmada divide what is left by its weights at once, newcomers included.
   */
  given: number;
  /** Replicas per cluster before the step under way. */
  from: Readonly<Record<string, number>> | null;
  log: string[];
}

const stepSeen = z.object({
  back: z.unknown(),
  surge: z.boolean(),
  divisions: z.record(z.string(), z.object({ from: z.record(z.string(), z.number()) })),
});
const annotationWrite = z.object({
  metadata: z.object({ annotations: z.object({ 'windvane.dev/step': z.string().nullable() }) }),
});

/** The step that a write puts on a policy; null for the end of a step, undefined for other writes. */
function stepIn(write: RecordedWrite): z.infer<typeof stepSeen> | null | undefined {
  if (write.verb !== 'mergePatch' || write.kind !== 'PropagationPolicy') return undefined;
  const written = annotationWrite.safeParse(write.body).data?.metadata.annotations['windvane.dev/step'];
  return typeof written === 'string' ? stepSeen.parse(JSON.parse(written)) : written;
}

const pick = <T>(random: () => number, all: readonly T[]): T => {
  const chosen = all[Math.floor(random() * all.length)];
  if (chosen === undefined) throw new Error('nothing to pick from');
  return chosen;
};

/** Replicas that are not available, of those that stood before a step. */
function unavailable({ clusters }: ReplicaTotals, from: Watched['from']): number {
  return Object.entries(clusters).reduce((sum, [cluster, { replicas, available }]) => {
    const counted = from === null ? replicas : Math.min(replicas, from[cluster] ?? 0);
    return sum + Math.max(0, counted - available);
  }, 0);
}

export interface RandomMoves {
  readonly seed: number;
  /** Units; one in five has two workloads. */
  readonly units: number;
  readonly rounds: number;
  /** With what `createTrouble` does as well. */
  readonly trouble: boolean;
}

/**
 * Lets workloads move for some rounds in which everything happens that may: the wind turns, pods take 30 to 600 s or
 * never come, members are updated in any order, people scale and change images, controllers die at any write.
 */
export async function moveAtRandom(
  server: TestServer,
  { seed, units, rounds, trouble: troubled }: RandomMoves,
): Promise<Outcome> {
  const random = randomOf(seed);
  const watched = new Map<string, Watched>();
  const violations: Violation[] = [];
  let ns = '';
  let sick: string | null = null;
  let kills = 0;

  const began = (write: RecordedWrite): void => {
    const step = stepIn(write);
    if (step === undefined) return;
    for (const each of watched.values()) {
      if (each.policy !== write.name) continue;
      each.given = step === null || step.surge ? 0 : Math.max(1, Math.floor(each.step * each.replicas));
      if (step === null) continue;
      each.log.push(`${step.back === null ? 'step' : 'back'} ${JSON.stringify(step)}`);
      if (step.back !== null) continue;
      const { available } = world.karmada.members.totals(ns, each.name);
      each.floor = Math.min(available, each.replicas) - each.given;
      each.from = step.divisions[`${ns}/${each.name}`]?.from ?? null;
    }
  };
  const world: World = await startWorld(server, {
    members: CLUSTERS,
    heard: began,
    podStartup: (cluster) => (cluster === sick ? null : 30_000 + Math.floor(random() * 570_000)),
  });
  ns = await world.namespace();
  world.karmada.members.subscribe((workload, totals) => {
    const each = watched.get(workload.name);
    if (each === undefined) return;
    each.log.push(JSON.stringify(totals));
    if (totals.available >= each.floor) return;
    violations.push({ seed, workload: each.name, floor: each.floor, totals, log: each.log.slice(-16) });
    // Told once.
    each.floor = 0;
  });

  async function createUnit(index: number): Promise<void> {
    const names = random() < 0.2 ? [`a${index}`, `b${index}`] : [`a${index}`];
    const surge = pick(random, [0, 25, 25, 25, 50, 100]);
    const step = pick(random, [25, 25, 50, 100]);
    const clusters = CLUSTERS.map(({ name }) => name).filter(() => random() < 0.8);
    const annotations = {
      ...FOLLOW,
      'windvane.dev/max-surge': String(surge),
      'windvane.dev/max-step': String(step),
      'windvane.dev/min-replicas': pick(random, ['0', '0', '1', '2']),
      'windvane.dev/cooldown': '5m',
      'windvane.dev/max-moves-per-day': '96',
    };
    await world.create(
      policy(ns, `p${index}`, { names, annotations, ...(clusters.length < 2 ? {} : { clusters }) }),
    );
    for (const name of names) {
      const replicas = 2 + Math.floor(random() * 20);
      await world.create(deployment(ns, name, { replicas, annotations: {} }));
      watched.set(name, {
        name,
        policy: `p${index}`,
        step: step / 100,
        replicas,
        image: 1,
        floor: 0,
        given: 0,
        from: null,
        log: [],
      });
    }
  }

  async function disturb(each: Watched): Promise<void> {
    const object = { namespace: ns, name: each.name };
    const totals = world.karmada.members.totals(ns, each.name);
    if (random() < 0.7) {
      const replicas = Math.max(1, each.replicas + Math.floor(random() * 13) - 6);
      each.log.push(`scaled ${each.replicas} -> ${replicas}`);
      each.replicas = replicas;
      // In the middle of a rollout a scale-down may take any pods of the member, ready ones too.
      const counted = each.image > 1 ? null : each.from;
      each.floor = Math.min(each.floor, replicas - unavailable(totals, counted) - each.given);
      await world.user.mergePatch(DEPLOYMENT, object, { spec: { replicas } });
      return;
    }
    each.image += 1;
    each.log.push(`image ${each.image}`);
    // A rolling update may take a quarter of what each member runs, and what is new may never come.
    const goes = Object.values(totals.clusters).reduce(
      (sum, { replicas }) => sum + Math.floor(replicas / 4),
      0,
    );
    each.floor = Math.min(each.floor, each.floor - goes - unavailable(totals, null));
    const containers = [{ name: 'main', image: `example/app:${each.image}` }];
    await world.user.mergePatch(DEPLOYMENT, object, { spec: { template: { spec: { containers } } } });
  }

  const trouble = createTrouble({
    world,
    namespace: ns,
    clusters: CLUSTERS.map(({ name }) => name),
    policies: () => new Set([...watched.values()].map((each) => each.policy)),
    random,
    said(what, of) {
      for (const each of watched.values()) if (of === undefined || of === each.policy) each.log.push(what);
    },
  });

  try {
    await world.user.create(NAMESPACE, { metadata: { name: 'windvane-system' } });
    for (let index = 0; index < units; index += 1) await createUnit(index);
    await world.advance(11 * MINUTE, 5 * MINUTE);
    for (let round = 0; round < rounds; round += 1) {
      const order = CLUSTERS.map(({ name }) => name).sort(() => random() - 0.5);
      world.karmada.setMemberOrder((names) => [...names].sort((a, b) => order.indexOf(a) - order.indexOf(b)));
      sick = random() < 0.4 ? pick(random, CLUSTERS).name : null;
      // The first round has a kill for certain.
      if (round === 0 || random() < 0.5) {
        let left = 1 + Math.floor(random() * 60);
        world.recording.killAt(() => --left === 0);
      }
      await world.wind(Object.fromEntries(Object.values(ZONES).map((zone) => [zone, 50 + random() * 500])));
      for (let slice = 0; slice < 4; slice += 1) {
        await world.advance(ROUND / 4, MINUTE);
        for (const each of watched.values()) if (random() < 0.05 && !trouble.away()) await disturb(each);
        await world.settle();
        if (troubled) await trouble.strike();
      }
      if (world.recording.killed()) {
        kills += 1;
        await world.restart();
      }
    }
    sick = null;
    // Under a freeze everything comes to rest, with nothing left half done.
    await trouble.end();
    await world.advance(45 * MINUTE, 5 * MINUTE);
    return { sequences: watched.size, violations, kills, ...(await remains(world, ns, [...watched.keys()])) };
  } finally {
    await world.stop();
  }
}

async function remains(
  world: World,
  ns: string,
  names: readonly string[],
): Promise<Pick<Outcome, 'left' | 'completed' | 'rolledBack' | 'ended'>> {
  const results = names.flatMap((name) => (world.view(ns, name)?.moves ?? []).map((move) => move.result));
  const count = (wanted: string): number => results.filter((result) => result === wanted).length;
  const pins = await world.user.list(OVERRIDE_POLICY, { namespace: ns });
  const policies = await world.user.list(PROPAGATION_POLICY, { namespace: ns });
  const stepping = policies.items.filter(
    ({ metadata }) => metadata.annotations?.['windvane.dev/step'] !== undefined,
  );
  return {
    left: [...pins.items, ...stepping].map(({ metadata }) => metadata.name),
    completed: count('completed'),
    rolledBack: count('rolled-back'),
    ended: count('ended'),
  };
}
