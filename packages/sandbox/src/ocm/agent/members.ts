import type { KubeObject } from '../../runtime/client/object.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { ManagedClusters, WorkPlaces } from '../options.ts';
import { memberStatus, runsPods } from './workload.ts';

/** What a cluster holds of one ManifestWork. */
interface Holding {
  readonly replicaSet: string | undefined;
  readonly objects: readonly KubeObject[];
  readonly ready: boolean;
}

/** The managed clusters themselves, in memory. */
export interface Members {
  readonly view: ManagedClusters;
  get(cluster: string, work: string): Holding | undefined;
  /** Takes manifests over, with the pods of all of them ready or not. */
  hold(
    cluster: string,
    work: string,
    replicaSet: string | undefined,
    objects: readonly KubeObject[],
    ready: boolean,
  ): void;
  drop(cluster: string, work: string): void;
}

export function createMembers(names: readonly string[], clock: Clock): Members {
  const holdings = new Map<string, Map<string, Holding>>(names.map((name) => [name, new Map()]));
  const histories = new Map<string, WorkPlaces[]>();

  const of = (cluster: string): Map<string, Holding> => {
    const found = holdings.get(cluster);
    if (found === undefined) throw new Error(`no managed cluster is named ${cluster}`);
    return found;
  };
  const placesOf = (replicaSet: string): WorkPlaces => {
    const applied: string[] = [];
    const ready: string[] = [];
    for (const [cluster, works] of holdings) {
      for (const holding of works.values()) {
        if (holding.replicaSet !== replicaSet) continue;
        applied.push(cluster);
        if (holding.ready) ready.push(cluster);
      }
    }
    return { at: clock.now(), applied: applied.sort(), ready: ready.sort() };
  };
  const record = (replicaSet: string | undefined): void => {
    if (replicaSet === undefined) return;
    const history = histories.get(replicaSet) ?? [];
    histories.set(replicaSet, history);
    const next = placesOf(replicaSet);
    const last = history.at(-1);
    const same = last?.applied.join() === next.applied.join() && last.ready.join() === next.ready.join();
    if (!same) history.push(next);
  };

  return {
    view: {
      names,
      places: (namespace, name) => placesOf(`${namespace}/${name}`),
      history: (namespace, name) => histories.get(`${namespace}/${name}`) ?? [],
      list: (cluster) => [...of(cluster).values()].flatMap(({ objects }) => objects),
    },
    get: (cluster, work) => holdings.get(cluster)?.get(work),
    hold(cluster, work, replicaSet, objects, ready) {
      const running = objects.map((object) => {
        const status = memberStatus(object, ready);
        return status === undefined ? object : { ...object, status };
      });
      of(cluster).set(work, { replicaSet, objects: running, ready: ready || !objects.some(runsPods) });
      record(replicaSet);
    },
    drop(cluster, work) {
      const holding = holdings.get(cluster)?.get(work);
      if (holding === undefined) return;
      of(cluster).delete(work);
      record(holding.replicaSet);
    },
  };
}
