import * as fc from 'fast-check';
import {
  ADD_ON_PLACEMENT_SCORE,
  MANAGED_CLUSTER,
  MANAGED_CLUSTER_SET,
  MANAGED_CLUSTER_SET_BINDING,
  PLACEMENT,
  PLACEMENT_DECISION,
} from '../../../src/ocm/resources.ts';
import type { Seen } from '../../runtime/support/api.ts';
import type { TestServer } from '../../runtime/support/servers.ts';
import { clusterSet, placement, setBinding } from './objects.ts';
import { randomCluster, randomPlacement, randomScores, SETS } from './random.ts';
import { startWorld, type World } from './world.ts';

/** Everything that a scheduler looks at, as the API server holds it. */
interface Snapshot {
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  readonly placement: Seen;
  readonly clusters: readonly Seen[];
  readonly sets: readonly Seen[];
  readonly bindings: readonly Seen[];
  /** Of all Placements, the one in question included. */
  readonly decisions: readonly Seen[];
  readonly scores: readonly Seen[];
}

/** What the stand-in made of it. */
interface Outcome {
  /** Names of the selected clusters, in alphabetical order. */
  readonly selected: readonly string[];
  readonly misconfigured: boolean;
}

export interface RandomRun {
  readonly index: number;
  /** Before the scheduler has seen the newest change. */
  readonly before: Snapshot;
  readonly outcome: Outcome;
}

export interface RandomRunOptions {
  readonly seed: number;
  /** How many Placements. */
  readonly runs: number;
  /** Clusters of the fleet (10). */
  readonly clusters?: number;
}

/** One in so many Placements stays and weighs on the balance of those after it. */
const KEEP_EVERY = 8;
/** The scores of a cluster change after so many Placements. */
const CHANGE_EVERY = 3;

async function snapshot({ api, clock }: World, subject: Seen): Promise<Snapshot> {
  return {
    now: clock.now(),
    placement: subject,
    clusters: await api.list(MANAGED_CLUSTER),
    sets: await api.list(MANAGED_CLUSTER_SET),
    bindings: await api.list(MANAGED_CLUSTER_SET_BINDING, subject.metadata.namespace),
    decisions: await api.list(PLACEMENT_DECISION),
    scores: await api.list(ADD_ON_PLACEMENT_SCORE),
  };
}

async function outcomeOf(world: World, namespace: string, name: string): Promise<Outcome> {
  const decided = await world.decided(namespace, name);
  const { status } = await world.placement(namespace, name);
  return {
    selected: decided === '' ? [] : decided.split(' ').toSorted(),
    misconfigured: status.conditions.some(
      ({ type, status: value }: { type: string; status: string }) =>
        type === 'PlacementMisconfigured' && value === 'True',
    ),
  };
}

/**
 * Makes random Placements over a random fleet, one after another, and hands out what each was to be judged by and
 * what the stand-in decided. Half of them are changed once, so that there is something to be steady about.
 */
export async function* randomRuns(server: TestServer, options: RandomRunOptions): AsyncGenerator<RandomRun> {
  const { seed, runs, clusters = 10 } = options;
  const sample = <T>(arbitrary: fc.Arbitrary<T>, count: number): T[] =>
    fc.sample(arbitrary, { seed, numRuns: count });
  const names = Array.from({ length: clusters }, (_, index) => `m${index}`);
  const world = await startWorld(server, {
    clusters: names.flatMap((name, index) =>
      fc.sample(randomCluster(name), { seed: seed + index, numRuns: 1 }),
    ),
  });
  const namespace = 'random';
  const specs = sample(randomPlacement, runs);
  const scores = sample(fc.tuple(fc.constantFrom(...names), randomScores), runs + clusters);

  const writeScores = async (): Promise<void> => {
    const next = scores.pop();
    if (next === undefined) return;
    const [cluster, { object, values, valid }] = next;
    const offset = { past: -3_600_000, future: 365 * 86_400_000, always: undefined }[valid];
    const until = offset === undefined ? null : new Date(world.clock.now() + offset).toISOString();
    await world.score(cluster, object, values, until);
  };

  try {
    await world.api.create(
      { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false },
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    );
    for (const name of SETS) {
      const labels = name === 'exclusive' ? undefined : name === 'empty' ? { no: 'such' } : { tier: 'gold' };
      await world.api.create(MANAGED_CLUSTER_SET, clusterSet(name, labels));
      if (name !== 'unbound')
        await world.api.create(MANAGED_CLUSTER_SET_BINDING, setBinding(namespace, name));
    }
    for (let count = 0; count < clusters; count += 1) await writeScores();

    for (const [index, spec] of specs.entries()) {
      if (index % CHANGE_EVERY === 0) await writeScores();
      await world.settled();
      const name = `p${index}`;
      // Nobody schedules until everything to be judged by has been read.
      world.ocm.stopPlacement();
      const made = await world.api.create(PLACEMENT, placement(namespace, name, spec));
      let before = await snapshot(world, made);
      world.ocm.startPlacement();
      await world.settled();
      yield { index, before, outcome: await outcomeOf(world, namespace, name) };

      if (index % 2 === 0) {
        world.ocm.stopPlacement();
        await writeScores();
        before = await snapshot(world, await world.placement(namespace, name));
        world.ocm.startPlacement();
        await world.settled();
        yield { index, before, outcome: await outcomeOf(world, namespace, name) };
      }
      if (index % KEEP_EVERY !== 0) await world.api.remove(PLACEMENT, namespace, name);
    }
  } finally {
    await world.stop();
  }
}
