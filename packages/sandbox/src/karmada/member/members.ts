import { type KubeObject, keyFor } from '../../runtime/client/object.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { KarmadaStandInOptions, Members, PodStartup, ReplicaTotals, WorkloadRef } from '../options.ts';
import { createMember, type Member, memberKey } from './member.ts';

/** The members with their recorder; `view` is what users of the stand-ins get. */
export interface Fleet {
  readonly members: ReadonlyMap<string, Member>;
  readonly view: Members;
  setPodStartup(podStartup: PodStartup): void;
}

type Listener = (workload: WorkloadRef, totals: ReplicaTotals) => void;

function sameNumbers(a: ReplicaTotals, b: ReplicaTotals): boolean {
  return JSON.stringify(a.clusters) === JSON.stringify(b.clusters);
}

/** Keeps every distinct state of each workload over all members. */
function createRecorder(clock: Clock, members: ReadonlyMap<string, Member>) {
  const histories = new Map<string, ReplicaTotals[]>();
  const listeners = new Set<Listener>();
  const totals = (workload: WorkloadRef): ReplicaTotals => {
    const clusters: Record<string, { replicas: number; available: number }> = {};
    let replicas = 0;
    let available = 0;
    for (const member of members.values()) {
      const pods = member.pods(memberKey(workload.kind, keyFor(workload.namespace, workload.name)));
      if (pods === undefined) continue;
      clusters[member.name] = pods;
      replicas += pods.replicas;
      available += pods.available;
    }
    return { at: clock.now(), replicas, available, clusters };
  };
  const idOf = (workload: WorkloadRef): string =>
    memberKey(workload.kind, keyFor(workload.namespace, workload.name));
  return {
    totals,
    history: (workload: WorkloadRef): readonly ReplicaTotals[] => histories.get(idOf(workload)) ?? [],
    record(workload: WorkloadRef): void {
      const now = totals(workload);
      const history = histories.get(idOf(workload)) ?? [];
      const last = history.at(-1);
      if (last !== undefined && sameNumbers(last, now)) return;
      if (last === undefined && Object.keys(now.clusters).length === 0) return;
      history.push(now);
      if (history.length > HISTORY_LIMIT) history.shift();
      histories.set(idOf(workload), history);
      for (const listener of listeners) listener(workload, now);
    },
    subscribe(listener: Listener): () => void {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** States kept per workload: enough for the longest test, bounded for a sandbox that runs for days. */
const HISTORY_LIMIT = 5_000;

export function createFleet(
  options: KarmadaStandInOptions,
  onChange: (cluster: string, object: KubeObject, edited: boolean) => void,
): Fleet {
  const { clock } = options;
  const members = new Map<string, Member>();
  const recorder = createRecorder(clock, members);
  let podStartup: PodStartup = options.podStartup ?? (() => 0);
  for (const { name } of options.members) {
    const member = createMember(name, {
      clock,
      podStartup: () => podStartup,
      jobDuration: options.jobDuration ?? (() => null),
      changed(object, edited) {
        const { namespace = '', name: objectName } = object.metadata;
        recorder.record({ kind: object.kind, namespace, name: objectName });
        onChange(name, object, edited);
      },
    });
    members.set(name, member);
  }
  const member = (name: string): Member => {
    const found = members.get(name);
    if (found === undefined) throw new Error(`no member is named ${name}`);
    return found;
  };
  return {
    members,
    setPodStartup: (next) => {
      podStartup = next;
    },
    view: {
      names: [...members.keys()],
      totals: (namespace, name, kind = 'Deployment') => recorder.totals({ kind, namespace, name }),
      history: (namespace, name, kind = 'Deployment') => recorder.history({ kind, namespace, name }),
      subscribe: (listener) => recorder.subscribe(listener),
      get: (cluster, kind, namespace, name) => member(cluster).get(memberKey(kind, keyFor(namespace, name))),
      list: (cluster) => member(cluster).list(),
      edit: (cluster, kind, namespace, name, change) =>
        member(cluster).edit(memberKey(kind, keyFor(namespace, name)), change),
      place: (cluster, object) => {
        member(cluster).apply(object, true);
      },
    },
  };
}
