import type { Hub } from '../runtime/client/hub.ts';
import type { Informer } from '../runtime/client/informer.ts';
import { keyFor, labelOf } from '../runtime/client/object.ts';
import {
  ADD_ON_PLACEMENT_SCORE,
  MANAGED_CLUSTER,
  MANAGED_CLUSTER_SET,
  MANAGED_CLUSTER_SET_BINDING,
  MANIFEST_WORK,
  MANIFEST_WORK_REPLICA_SET,
  PLACEMENT,
  PLACEMENT_DECISION,
} from './resources.ts';
import type {
  AddOnPlacementScore,
  ManagedCluster,
  ManagedClusterSet,
  ManagedClusterSetBinding,
  ManifestWork,
  ManifestWorkReplicaSet,
  Placement,
  PlacementDecision,
} from './types.ts';
import { PLACEMENT_LABEL, REPLICA_SET_LABEL } from './well-known.ts';

/** What the stand-ins watch of OCM's kinds. */
export interface Caches {
  readonly clusters: Informer<ManagedCluster>;
  readonly sets: Informer<ManagedClusterSet>;
  /** Indexes: `namespace`; `set`, the set that a binding names. */
  readonly bindings: Informer<ManagedClusterSetBinding>;
  /** Indexes: `set`, as `namespace/set`, or `namespace/*` without any; `score`, the score objects it names. */
  readonly placements: Informer<Placement>;
  /** Index: `placement`, as `namespace/name`. */
  readonly decisions: Informer<PlacementDecision>;
  readonly scores: Informer<AddOnPlacementScore>;
  /** Index: `placement`, as `namespace/name`. */
  readonly replicaSets: Informer<ManifestWorkReplicaSet>;
  /** Index: `replicaSet`, as `namespace.name`. */
  readonly works: Informer<ManifestWork>;
}

/** In the index `set`: a Placement that takes any set of its namespace. */
export const ANY_SET = '*';

/** Starts the informers and the indexes that the controllers look things up by. */
export async function openCaches(hub: Hub): Promise<Caches> {
  const caches = {
    clusters: await hub.informer<ManagedCluster>(MANAGED_CLUSTER),
    sets: await hub.informer<ManagedClusterSet>(MANAGED_CLUSTER_SET),
    bindings: await hub.informer<ManagedClusterSetBinding>(MANAGED_CLUSTER_SET_BINDING),
    placements: await hub.informer<Placement>(PLACEMENT),
    decisions: await hub.informer<PlacementDecision>(PLACEMENT_DECISION),
    scores: await hub.informer<AddOnPlacementScore>(ADD_ON_PLACEMENT_SCORE),
    replicaSets: await hub.informer<ManifestWorkReplicaSet>(MANIFEST_WORK_REPLICA_SET),
    works: await hub.informer<ManifestWork>(MANIFEST_WORK),
  };
  caches.bindings.store.index('namespace', ({ metadata }) => [metadata.namespace ?? '']);
  caches.bindings.store.index('set', ({ spec }) => [spec?.clusterSet ?? '']);
  caches.placements.store.index('set', ({ metadata, spec }) => {
    const sets = spec?.clusterSets ?? [];
    return (sets.length === 0 ? [ANY_SET] : sets).map((set) => keyFor(metadata.namespace, set));
  });
  caches.placements.store.index('score', (placement) => [...scoresNamedBy(placement).keys()]);
  caches.decisions.store.index('placement', (decision) => {
    const placement = labelOf(decision, PLACEMENT_LABEL);
    return placement === undefined ? [] : [keyFor(decision.metadata.namespace, placement)];
  });
  caches.replicaSets.store.index('placement', ({ metadata, spec }) =>
    (spec?.placementRefs ?? []).map(({ name }) => keyFor(metadata.namespace, name)),
  );
  caches.works.store.index('replicaSet', (work) => {
    const owner = labelOf(work, REPLICA_SET_LABEL);
    return owner === undefined ? [] : [owner];
  });
  return caches;
}

/** The score objects that a Placement's prioritizers name, and the scores in each. */
export function scoresNamedBy({ spec }: Placement): ReadonlyMap<string, readonly string[]> {
  const named = new Map<string, string[]>();
  for (const { scoreCoordinate } of spec?.prioritizerPolicy?.configurations ?? []) {
    if (scoreCoordinate?.type !== 'AddOn' || scoreCoordinate.addOn === undefined) continue;
    const { resourceName, scoreName } = scoreCoordinate.addOn;
    named.set(resourceName, [...(named.get(resourceName) ?? []), scoreName]);
  }
  return named;
}
