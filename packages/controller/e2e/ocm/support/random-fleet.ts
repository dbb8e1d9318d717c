import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import * as fc from 'fast-check';
import {
  randomCluster,
  randomPlacement,
  randomScores,
  SETS,
} from '../../../../sandbox/test/ocm/support/random.ts';
import type { RandomRun } from '../../../../sandbox/test/ocm/support/random-runs.ts';
import type { KubeApi } from '../../../src/kube/api.ts';
import { isKubeError } from '../../../src/kube/errors.ts';
import type { KubeObject, ResourceType } from '../../../src/kube/resource.ts';
import {
  ADD_ON_PLACEMENT_SCORE,
  MANAGED_CLUSTER,
  MANAGED_CLUSTER_SET,
  MANAGED_CLUSTER_SET_BINDING,
  PLACEMENT,
  PLACEMENT_DECISION,
} from '../../../src/planes/ocm/resources.ts';
import { NAMESPACE } from '../../../src/planes/shared/resources.ts';
import type { Seen } from '../../../test/planes/karmada/support/world.ts';
import { clusterSet, placement, setBinding } from '../../../test/planes/ocm/support/objects.ts';

const OWNER = 'cluster.open-cluster-management.io/placement';
const VALIDITY = { past: -3_600_000, future: 365 * 86_400_000, always: undefined };
/** Between two looks at the hub. */
const LOOK_MILLIS = 20;
/** What is not decided by then will not be. */
const PATIENCE = 15_000;

/** A random fleet on a live hub, in a namespace and with names of its own. */
export interface RandomFleet {
  /** A random Placement, and what OCM is to judge it by; nothing of its own is decided there yet. */
  place(index: number): Promise<RandomRun['before']>;
  /** Changes the scores of a random cluster, and tells what OCM is to judge the Placement by from then on. */
  change(index: number): Promise<RandomRun['before']>;
  /** What OCM made of a Placement, once it is `expected` or will not be. */
  decided(index: number, expected: string): Promise<string>;
  remove(index: number): Promise<void>;
  stop(): Promise<void>;
}

/** Makes clusters, sets, scores, and Placements that stay and weigh on the balance. */
export async function openRandomFleet(
  user: KubeApi,
  { seed, runs, clusters = 10 }: { seed: number; runs: number; clusters?: number },
): Promise<RandomFleet> {
  const namespace = `windvane-e2e-${randomUUID().slice(0, 8)}`;
  const nameOf = (own: string): string => `${namespace}-${own}`;
  /** Names of sets are the hub's; those of the random fleet become our own. */
  const renamed = <T>(value: T): T =>
    JSON.parse(
      SETS.reduce((text, set) => text.replaceAll(`"${set}"`, `"${nameOf(set)}"`), JSON.stringify(value)),
    );
  const sample = <T>(arbitrary: fc.Arbitrary<T>, count: number, offset = 0): T[] =>
    fc.sample(arbitrary, { seed: seed + offset, numRuns: count });
  const names = Array.from({ length: clusters }, (_, index) => nameOf(`m${index}`));
  const specs = renamed(sample(randomPlacement, runs));
  const scores = sample(fc.tuple(fc.constantFrom(...names), randomScores), 2 * runs + clusters);
  const named = (index: number | string): { namespace: string; name: string } => ({
    namespace,
    name: `p${index}`,
  });

  for (const [index, name] of names.entries()) {
    for (const { labels, taints, claims = {}, cpu, memory, available } of sample(
      randomCluster(name),
      1,
      index,
    )) {
      await user.create(NAMESPACE, { metadata: { name } });
      await user.create(MANAGED_CLUSTER, {
        metadata: { name, labels: renamed(labels ?? {}) },
        spec: { hubAcceptsClient: true, taints },
      });
      const status = {
        conditions: [
          {
            type: 'ManagedClusterConditionAvailable',
            status: available === false ? 'False' : 'True',
            reason: 'Played',
            message: '',
            lastTransitionTime: new Date().toISOString(),
          },
        ],
        allocatable: { cpu, memory },
        capacity: { cpu, memory },
        version: { kubernetes: 'v1.36.2' },
        clusterClaims: Object.entries(claims).map(([claim, value]) => ({ name: claim, value })),
      };
      await user.mergePatch(MANAGED_CLUSTER, { name }, { status }, { subresource: 'status' });
    }
  }
  await user.create(NAMESPACE, { metadata: { name: namespace } });
  const selectors: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    selected: { tier: 'gold' },
    empty: { no: 'such' },
    unbound: { tier: 'gold' },
  };
  for (const set of SETS) {
    const name = nameOf(set);
    const { [set]: labels } = selectors;
    const exclusive: KubeObject = {
      apiVersion: 'cluster.open-cluster-management.io/v1beta2',
      kind: 'ManagedClusterSet',
      metadata: { name },
      spec: { clusterSelector: { selectorType: 'ExclusiveClusterSetLabel' } },
    };
    await user.create(MANAGED_CLUSTER_SET, labels === undefined ? exclusive : clusterSet(name, labels));
    if (set !== 'unbound') await user.create(MANAGED_CLUSTER_SET_BINDING, setBinding(namespace, name));
  }

  async function writeScores(): Promise<void> {
    const next = scores.pop();
    if (next === undefined) return;
    const [cluster, { object: name, values, valid }] = next;
    const object = { namespace: cluster, name };
    const known: Seen | null = await user.get(ADD_ON_PLACEMENT_SCORE, object).catch((error: unknown) => {
      if (!isKubeError(error, 'not-found')) throw error;
      return null;
    });
    if (known === null) await user.create(ADD_ON_PLACEMENT_SCORE, { metadata: object });
    const merged = new Map<string, number>(
      (known?.['status']?.scores ?? []).map((score: { name: string; value: number }) => [
        score.name,
        score.value,
      ]),
    );
    for (const [score, value] of Object.entries(values)) merged.set(score, value);
    const { [valid]: offset } = VALIDITY;
    const status = {
      scores: [...merged].map(([score, value]) => ({ name: score, value })),
      ...(offset === undefined ? {} : { validUntil: new Date(Date.now() + offset).toISOString() }),
    };
    await user.mergePatch(ADD_ON_PLACEMENT_SCORE, object, { status }, { subresource: 'status' });
  }
  for (let count = 0; count < clusters; count += 1) await writeScores();

  const decisionsOf = async (name: string): Promise<readonly Seen[]> =>
    (await user.list(PLACEMENT_DECISION, { namespace })).items.filter(
      ({ metadata }) => metadata.labels?.[OWNER] === name,
    );
  /** Null until OCM has said anything. */
  async function outcome(index: number | string): Promise<string | null> {
    const { name } = named(index);
    const { status }: Seen = await user.get(PLACEMENT, named(index));
    const conditions: readonly { type: string; status: string }[] = status?.conditions ?? [];
    if (conditions.some(({ type, status: value }) => type === 'PlacementMisconfigured' && value === 'True')) {
      return 'misconfigured';
    }
    if (!conditions.some(({ type }) => type === 'PlacementSatisfied')) return null;
    const chosen = (await decisionsOf(name)).flatMap((decision) => decision['status']?.decisions ?? []);
    if (chosen.length !== (status.numberOfSelectedClusters ?? 0)) return null;
    return chosen
      .map(({ clusterName }: { clusterName: string }) => clusterName)
      .toSorted()
      .join(' ');
  }
  async function until(index: number | string, fits: (found: string | null) => boolean): Promise<string> {
    const end = Date.now() + PATIENCE;
    let found = await outcome(index);
    while (!fits(found) && Date.now() < end) {
      await delay(LOOK_MILLIS);
      found = await outcome(index);
    }
    return found ?? 'undecided';
  }
  async function snapshot(decisions: readonly Seen[], subject: Seen): Promise<RandomRun['before']> {
    const all = async (type: ResourceType): Promise<readonly Seen[]> => (await user.list(type)).items;
    const read = {
      now: Date.now(),
      placement: subject,
      clusters: await all(MANAGED_CLUSTER),
      sets: await all(MANAGED_CLUSTER_SET),
      bindings: (await user.list(MANAGED_CLUSTER_SET_BINDING, { namespace })).items,
      decisions,
      scores: await all(ADD_ON_PLACEMENT_SCORE),
    };
    return JSON.parse(JSON.stringify(read));
  }
  async function remove(index: number | string): Promise<void> {
    await user.delete(PLACEMENT, named(index));
    // A hub without a garbage collector keeps them, and they would weigh on the balance.
    for (const { metadata } of await decisionsOf(named(index).name)) {
      await user.delete(PLACEMENT_DECISION, metadata).catch((error: unknown) => {
        if (!isKubeError(error, 'not-found')) throw error;
      });
    }
  }
  /** Something that OCM has to look at after everything that came before. */
  async function afterwards(): Promise<void> {
    await user.create(PLACEMENT, placement(namespace, 'pafterwards', {}, {}));
    await until('afterwards', (found) => found !== null);
    await remove('afterwards');
  }
  const steady = { scoreCoordinate: { type: 'BuiltIn', builtIn: 'Steady' }, weight: 1 };
  for (const numberOfClusters of [1, 2, 4]) {
    const spec = { numberOfClusters, prioritizerPolicy: { mode: 'Exact', configurations: [steady] } };
    await user.create(PLACEMENT, placement(namespace, `pstays-${numberOfClusters}`, spec, {}));
    await until(`stays-${numberOfClusters}`, (found) => found !== null);
  }

  return {
    async place(index) {
      const made = await user.create(
        PLACEMENT,
        placement(namespace, named(index).name, { ...specs[index] }, {}),
      );
      const { items } = await user.list(PLACEMENT_DECISION);
      return snapshot(
        items.filter(
          ({ metadata }) =>
            metadata.namespace !== namespace || metadata.labels?.[OWNER] !== made.metadata.name,
        ),
        made,
      );
    },
    async change(index) {
      const { items } = await user.list(PLACEMENT_DECISION);
      await writeScores();
      return snapshot(items, await user.get(PLACEMENT, named(index)));
    },
    async decided(index, expected) {
      await until(index, (found) => found === expected);
      await afterwards();
      return until(index, (found) => found !== null);
    },
    remove,
    async stop() {
      for (const type of [PLACEMENT, MANAGED_CLUSTER_SET_BINDING]) {
        for (const { metadata } of (await user.list(type, { namespace })).items)
          await user.delete(type, metadata);
      }
      for (const set of SETS) await user.delete(MANAGED_CLUSTER_SET, { name: nameOf(set) });
      for (const name of names) {
        for (const { metadata } of (await user.list(ADD_ON_PLACEMENT_SCORE, { namespace: name })).items) {
          await user.delete(ADD_ON_PLACEMENT_SCORE, metadata);
        }
        await user.delete(MANAGED_CLUSTER, { name });
        await user.delete(NAMESPACE, { name });
      }
      await user.delete(NAMESPACE, { name: namespace });
    },
  };
}
