import type { ClusterOption } from '../../engine/problem.ts';
import type { Candidates } from './candidates.ts';
import type { ManagedCluster } from './fleet.ts';

/** Values by key, each made once. */
interface Keyed<V> {
  get(key: string, make: () => V): V;
  clear(): void;
}

/**
 * What many units share for as long as fleet and map stay as they are: a thousand Placements draw from a handful of
 * lists of clusters, and the engine judges each list once.
 */
export interface Classes {
  readonly selected: Keyed<readonly ManagedCluster[]>;
  readonly candidates: Keyed<Candidates>;
  readonly options: Keyed<readonly ClusterOption[]>;
  /** Something that they depend on changed. */
  clear(): void;
}

function createKeyed<V>(): Keyed<V> {
  const known = new Map<string, V>();
  return {
    get(key, make) {
      const found = known.get(key);
      if (found !== undefined) return found;
      const made = make();
      known.set(key, made);
      return made;
    },
    clear: () => known.clear(),
  };
}

export function createClasses(): Classes {
  const selected = createKeyed<readonly ManagedCluster[]>();
  const candidates = createKeyed<Candidates>();
  const options = createKeyed<readonly ClusterOption[]>();
  return {
    selected,
    candidates,
    options,
    clear() {
      for (const each of [selected, candidates, options]) each.clear();
    },
  };
}
