import { ADD_ON_PLACEMENT_SCORE, MANAGED_CLUSTER } from '../../../src/ocm/resources.ts';
import type { Surroundings } from '../../../src/ocm/scheduler/prioritizers/prioritizer.ts';
import { schedule } from '../../../src/ocm/scheduler/schedule.ts';
import type {
  AddOnPlacementScore,
  ManagedCluster,
  ManagedClusterStatus,
  PlacementSpec,
  Taint,
} from '../../../src/ocm/types.ts';
import { placement } from './objects.ts';

export const NOW = Date.parse('2026-03-01T00:00:00Z');

/** A managed cluster as the API server would hand it out. */
export function cluster(
  name: string,
  rest: {
    readonly labels?: Record<string, string>;
    readonly taints?: readonly Taint[];
    readonly status?: ManagedClusterStatus;
  } = {},
): ManagedCluster {
  const { labels, taints, status } = rest;
  return {
    apiVersion: MANAGED_CLUSTER.apiVersion,
    kind: MANAGED_CLUSTER.kind,
    metadata: { name, ...(labels === undefined ? {} : { labels }) },
    spec: { hubAcceptsClient: true, ...(taints === undefined ? {} : { taints }) },
    ...(status === undefined ? {} : { status }),
  };
}

export function scoreObject(
  namespace: string,
  name: string,
  scores: Record<string, number>,
  validUntil?: string,
): AddOnPlacementScore {
  return {
    apiVersion: ADD_ON_PLACEMENT_SCORE.apiVersion,
    kind: ADD_ON_PLACEMENT_SCORE.kind,
    metadata: { name, namespace },
    status: {
      scores: Object.entries(scores).map(([key, value]) => ({ name: key, value })),
      ...(validUntil === undefined ? {} : { validUntil }),
    },
  };
}

/** What prioritizers look at, with nothing decided, used or scored unless said. */
export function around(
  rest: {
    readonly decided?: readonly string[];
    readonly usage?: Record<string, number>;
    readonly scores?: readonly AddOnPlacementScore[];
    readonly now?: number;
  } = {},
): Surroundings {
  const { decided = [], usage = {}, scores = [], now = NOW } = rest;
  return {
    now,
    decided: new Set(decided),
    usage: () => new Map(Object.entries(usage)),
    scoreObject: (namespace, name) =>
      scores.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name),
  };
}

/** Schedules over clusters that passed the predicates; answers with the names, best first. */
export function choose(
  spec: PlacementSpec,
  clusters: readonly ManagedCluster[],
  surroundings: Surroundings = around(),
): readonly string[] {
  const result = schedule({
    ...surroundings,
    placement: placement('test', 'test', spec),
    clusters,
    cluster: (name) => clusters.find(({ metadata }) => metadata.name === name),
  });
  return result.selected.map(({ metadata }) => metadata.name);
}
