import { isDeleting, keyFor } from '../../runtime/client/object.ts';
import { invalidSelector, matchesLabels } from '../../runtime/labels.ts';
import type { Caches } from '../caches.ts';
import type { ManagedCluster, ManagedClusterSet, Placement } from '../types.ts';
import { CLUSTER_SET_LABEL } from '../well-known.ts';

/** Which sets hold which clusters, and which of them a Placement may choose from. */
export interface Membership {
  /** The clusters that a set holds, those on their way out included. */
  membersOf(set: string): readonly ManagedCluster[];
  /** Names of the sets that hold a cluster with these labels. */
  setsOf(cluster: ManagedCluster): readonly string[];
  /** What the Placement's namespace is bound to, and what it may have of that. */
  reach(placement: Placement): Reach;
}

export interface Reach {
  /** Bindings in the namespace whose set exists. */
  readonly bindings: number;
  readonly sets: readonly string[];
  readonly clusters: readonly ManagedCluster[];
}

function holds(set: ManagedClusterSet, cluster: ManagedCluster): boolean {
  const { selectorType, labelSelector } = set.spec?.clusterSelector ?? {};
  const labels = cluster.metadata.labels;
  if (selectorType !== 'LabelSelector') return labels?.[CLUSTER_SET_LABEL] === set.metadata.name;
  // No selector at all matches nothing, an empty one everything.
  if (labelSelector === undefined) return false;
  const wrong = invalidSelector(labelSelector);
  if (wrong !== undefined) throw new Error(`ManagedClusterSet ${set.metadata.name}: ${wrong}`);
  return matchesLabels(labels, labelSelector);
}

/** Keeps the members of every set until a cluster or the set changes: hubs have a thousand clusters. */
export function createMembership(caches: Pick<Caches, 'clusters' | 'sets' | 'bindings'>): Membership {
  const clusters = caches.clusters.store;
  const sets = caches.sets.store;
  const known = new Map<string, readonly ManagedCluster[]>();
  const joined = new Map<string, readonly ManagedCluster[]>();
  const forget = (): void => {
    known.clear();
    joined.clear();
  };
  clusters.subscribe(forget);
  sets.subscribe(forget);

  const membersOf = (name: string): readonly ManagedCluster[] => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const set = sets.get(name);
    const members = set === undefined ? [] : [...clusters.values()].filter((cluster) => holds(set, cluster));
    known.set(name, members);
    return members;
  };

  /** The clusters of several sets, each once, without those on their way out. */
  const union = (names: readonly string[]): readonly ManagedCluster[] => {
    const key = names.join(',');
    let found = joined.get(key);
    if (found === undefined) {
      const members = new Set(names.flatMap(membersOf));
      found = [...members].filter((cluster) => !isDeleting(cluster));
      joined.set(key, found);
    }
    return found;
  };

  return {
    membersOf,
    setsOf: (cluster) =>
      [...sets.values()].filter((set) => holds(set, cluster)).map(({ metadata }) => metadata.name),
    reach({ metadata, spec }) {
      // The name of a binding is the name of its set; OCM's webhook admits nothing else.
      const bound = caches.bindings.store
        .by('namespace', metadata.namespace ?? '')
        .map((binding) => binding.metadata.name)
        .filter((name) => sets.get(keyFor(undefined, name)) !== undefined);
      const asked = spec?.clusterSets ?? [];
      const eligible = (asked.length === 0 ? bound : bound.filter((name) => asked.includes(name))).toSorted();
      return { bindings: bound.length, sets: eligible, clusters: union(eligible) };
    },
  };
}
