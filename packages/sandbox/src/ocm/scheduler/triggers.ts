import { equalJson, keyFor, keyOf } from '../../runtime/client/object.ts';
import type { Change } from '../../runtime/client/store.ts';
import { ANY_SET, type Caches, scoresNamedBy } from '../caches.ts';
import type { AddOnPlacementScore, ManagedCluster, Placement } from '../types.ts';
import type { Membership } from './membership.ts';
import { expiryOf, scoresOf } from './prioritizers/addon.ts';

interface TriggerOptions {
  readonly caches: Caches;
  readonly membership: Membership;
  readonly add: (placement: string) => void;
  /**
   * Whether a pass over this Placement could come out differently from the last one for a reason other than its
   * own scores: an expiry in the meantime, the decisions of others. OCM passes anyway; where nothing can have
   * changed, that shows nowhere.
   */
  readonly unsettled: (placement: string) => boolean;
}

/** Names of the scores that differ; undefined when all may: another validity, a new object, one that is gone. */
function changedScores({ before, after }: Change<AddOnPlacementScore>): ReadonlySet<string> | undefined {
  if (before === undefined || after === undefined || expiryOf(before) !== expiryOf(after)) return undefined;
  const [old, next] = [scoresOf(before), scoresOf(after)];
  const changed = new Set<string>();
  for (const [name, value] of next) if (old.get(name) !== value) changed.add(name);
  for (const name of old.keys()) if (!next.has(name)) changed.add(name);
  return changed;
}

/** Queues Placements on the events on which OCM's scheduler does (its enqueue.go and event handlers). */
export function watchTriggers({ caches, membership, add, unsettled }: TriggerOptions): void {
  const placements = caches.placements.store;

  const bindingChanged = (namespace: string | undefined, name: string): void => {
    for (const set of [name, ANY_SET]) {
      for (const placement of placements.by('set', keyFor(namespace, set))) add(keyOf(placement));
    }
  };
  const setChanged = (set: string): void => {
    for (const { metadata } of caches.bindings.store.by('set', set)) {
      bindingChanged(metadata.namespace, metadata.name);
    }
  };
  const clusterChanged = (cluster: ManagedCluster): void => {
    for (const set of membership.setsOf(cluster)) setChanged(set);
  };

  placements.subscribe(({ key }) => add(key));
  caches.decisions.store.subscribe(({ before, after }) => {
    for (const decision of [before, after]) {
      const { labels, namespace } = decision?.metadata ?? {};
      const placement = labels?.['cluster.open-cluster-management.io/placement'];
      if (placement !== undefined) add(keyFor(namespace, placement));
    }
  });
  caches.bindings.store.subscribe(({ before, after }) => {
    const metadata = (after ?? before)?.metadata;
    if (metadata !== undefined) bindingChanged(metadata.namespace, metadata.name);
  });
  caches.sets.store.subscribe(({ key }) => setChanged(key));
  caches.clusters.store.subscribe(({ before, after }) => {
    if (after !== undefined) clusterChanged(after);
    if (before !== undefined && !equalJson(before.metadata.labels, after?.metadata.labels))
      clusterChanged(before);
    if (after === undefined && before !== undefined) clusterChanged(before);
  });

  const scoreChanged = (change: Change<AddOnPlacementScore>): void => {
    const object = change.after ?? change.before;
    const cluster = caches.clusters.store.get(object?.metadata.namespace ?? '');
    if (object === undefined || cluster === undefined) return;
    const namespaces = new Set(
      membership
        .setsOf(cluster)
        .flatMap((set) => caches.bindings.store.by('set', set))
        .map(({ metadata }) => metadata.namespace),
    );
    const changed = changedScores(change);
    const concerns = (placement: Placement): boolean =>
      changed === undefined ||
      (scoresNamedBy(placement).get(object.metadata.name) ?? []).some((name) => changed.has(name)) ||
      unsettled(keyOf(placement));
    for (const placement of placements.by('score', object.metadata.name)) {
      if (namespaces.has(placement.metadata.namespace) && concerns(placement)) add(keyOf(placement));
    }
  };
  caches.scores.store.subscribe(scoreChanged);
}
