import { createLocationResolver } from '@windvane/carbon-map';
import { type RandomRun, randomRuns } from '../../../../../sandbox/test/ocm/support/random-runs.ts';
import { servers } from '../../../../../sandbox/test/runtime/support/servers.ts';
import { type KubeObject, keyOf, type ResourceType } from '../../../../src/kube/resource.ts';
import { candidatesOf } from '../../../../src/planes/ocm/candidates.ts';
import { createClasses } from '../../../../src/planes/ocm/classes.ts';
import { createHubView } from '../../../../src/planes/ocm/hub.ts';
import { placementSpec } from '../../../../src/planes/ocm/read/placement.ts';
import {
  ADD_ON_PLACEMENT_SCORE,
  MANAGED_CLUSTER,
  MANAGED_CLUSTER_SET,
  MANAGED_CLUSTER_SET_BINDING,
  PLACEMENT_DECISION,
} from '../../../../src/planes/ocm/resources.ts';
import { expectedClusters } from '../../../../src/planes/ocm/scheduler/expect.ts';
import { wrongPredicate } from '../../../../src/planes/ocm/scheduler/feasible.ts';
import { eligibleSets, membersOf } from '../../../../src/planes/ocm/scheduler/membership.ts';
import { unsoundToleration } from '../../../../src/planes/ocm/scheduler/tolerations.ts';

/** As a client of its own would have read it. */
function asObject({ metadata, ...rest }: RandomRun['before']['placement']): KubeObject {
  const { name, namespace, uid, labels, deletionTimestamp } = metadata;
  return {
    ...rest,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(labels === undefined ? {} : { labels }),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    },
  };
}

/** What Windvane expects of one Placement, from what an API server held before OCM looked at it. */
export function expectation({ before }: Pick<RandomRun, 'before'>): string {
  const lists = new Map<ResourceType, readonly KubeObject[]>([
    [MANAGED_CLUSTER, before.clusters.map(asObject)],
    [MANAGED_CLUSTER_SET, before.sets.map(asObject)],
    [MANAGED_CLUSTER_SET_BINDING, before.bindings.map(asObject)],
    [PLACEMENT_DECISION, before.decisions.map(asObject)],
    [ADD_ON_PLACEMENT_SCORE, before.scores.map(asObject)],
  ]);
  const object = asObject(before.placement);
  const objects = (type: ResourceType) => lists.get(type) ?? [];
  const settings = { locations: createLocationResolver(), configured: {}, locationClaim: null };
  const view = createHubView(
    { objects, get: (type, key) => objects(type).find((each) => keyOf(each) === key) },
    settings,
    () => true,
  );
  const spec = placementSpec(object);
  const key = keyOf(object);
  if (spec === null) throw new Error(`${key} is no Placement`);
  const hub = view.clusters();
  const { decided } = view.index().whole(key);
  const context = { hub, now: before.now, classes: createClasses() };
  const { selected } = candidatesOf({ object, spec, key, label: key }, decided, context);
  const members = membersOf(eligibleSets(object.metadata.namespace ?? '', spec, hub), hub.fleet, hub);
  // Without a cluster to look at OCM does not come to find the mistake.
  if (members.length > 0 && wrongPredicate(spec, hub.cel) !== null) return 'misconfigured';
  if (selected.length > 0 && unsoundToleration(spec.tolerations ?? []) !== null) return 'misconfigured';
  const usage = new Map(view.index().usage);
  for (const name of decided) {
    const others = (usage.get(name) ?? 1) - 1;
    if (others > 0) usage.set(name, others);
    else usage.delete(name);
  }
  const scores = view.addOnScores(before.now);
  const expected = expectedClusters({
    spec,
    selected,
    decided: new Set(decided),
    usage,
    scores,
    now: before.now,
  });
  return expected === null ? 'misconfigured' : expected.join(' ');
}

interface Disagreement {
  readonly index: number;
  readonly spec: unknown;
  readonly expected: string;
  readonly decided: string;
}

export interface Comparison {
  readonly compared: number;
  readonly disagreements: readonly Disagreement[];
}

/** Compares what is expected of random Placements on a random fleet with what the stand-in decides. */
export async function compareRandomPlacements(seed: number, runs: number): Promise<Comparison> {
  const [server] = servers;
  if (server === undefined) throw new Error('no server');
  const disagreements: Disagreement[] = [];
  let compared = 0;
  for await (const run of randomRuns(server, { seed, runs })) {
    const { selected, misconfigured } = run.outcome;
    const decided = misconfigured ? 'misconfigured' : selected.join(' ');
    const expected = expectation(run);
    compared += 1;
    if (expected !== decided) {
      disagreements.push({ index: run.index, spec: run.before.placement['spec'], expected, decided });
    }
  }
  return { compared, disagreements };
}
