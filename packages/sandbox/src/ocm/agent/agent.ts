import type { Hub } from '../../runtime/client/hub.ts';
import { mergePatch } from '../../runtime/client/merge-patch.ts';
import { formatTime, hasFinalizer, isDeleting, keyOf, labelOf } from '../../runtime/client/object.ts';
import type { Clock } from '../../runtime/clock.ts';
import { createWorkQueue, type WorkQueue } from '../../runtime/work-queue.ts';
import type { Caches } from '../caches.ts';
import type { RuleReader } from '../cel/rules.ts';
import type { WorkPlan, WorkRef } from '../options.ts';
import { MANIFEST_WORK } from '../resources.ts';
import type { ManifestWork, WorkStatus } from '../types.ts';
import { REPLICA_SET_LABEL, WORK_FINALIZER } from '../well-known.ts';
import type { Members } from './members.ts';
import { appliedStatus, observedStatus } from './status.ts';

const WRITER = 'work-agent';

interface AgentOptions {
  readonly hub: Hub;
  readonly clock: Clock;
  readonly works: Caches['works']['store'];
  readonly members: Members;
  readonly connected: (cluster: string) => boolean;
  readonly rules: RuleReader;
  readonly plan: (work: WorkRef) => WorkPlan;
  readonly onError: (key: string, error: unknown) => void;
}

/** One spec of one work on its way into a cluster. Instants in milliseconds since the Unix epoch. */
interface Arrival {
  readonly uid: string;
  readonly generation: number;
  readonly plan: WorkPlan;
  /** Infinity: never. */
  readonly appliesAt: number;
  readyAt: number;
}

/** The owner as `namespace/name`: its label joins the two by the first dot, for namespaces have none. */
function replicaSetOf(work: ManifestWork): string | undefined {
  return labelOf(work, REPLICA_SET_LABEL)?.replace('.', '/');
}

const after = (now: number, delay: number | null | undefined): number =>
  delay === null ? Number.POSITIVE_INFINITY : now + (delay ?? 0);

/** The work agents of all clusters: apply manifests, report on them, take them away again. */
export function createWorkAgent(options: AgentOptions): WorkQueue {
  const { hub, clock, works, members } = options;
  const arrivals = new Map<string, Arrival>();
  const removals = new Map<string, number>();

  const wake = (key: string, instant: number): void => {
    if (Number.isFinite(instant)) clock.after(Math.max(0, instant - clock.now()), () => queue.add(key));
  };

  const refOf = (work: ManifestWork): WorkRef => ({
    cluster: work.metadata.namespace ?? '',
    name: work.metadata.name,
    replicaSet: replicaSetOf(work),
  });

  const patchStatus = async (work: ManifestWork, status: WorkStatus): Promise<boolean> => {
    const patch = mergePatch(work.status, status);
    if (patch === undefined) return false;
    const { uid, resourceVersion } = work.metadata;
    await hub.patch(
      MANIFEST_WORK,
      work,
      { metadata: { uid, resourceVersion }, status: patch },
      WRITER,
      'status',
    );
    return true;
  };

  const setFinalizers = async (work: ManifestWork, finalizers: readonly string[]): Promise<void> => {
    const { resourceVersion } = work.metadata;
    await hub.patch(MANIFEST_WORK, work, { metadata: { resourceVersion, finalizers } }, WRITER);
  };

  const remove = async (key: string, work: ManifestWork): Promise<void> => {
    const now = clock.now();
    let goneAt = removals.get(key);
    if (goneAt === undefined) {
      goneAt = after(now, options.plan(refOf(work)).removeAfter);
      removals.set(key, goneAt);
      if (goneAt > now) wake(key, goneAt);
    }
    if (goneAt > now) return;
    if (work.spec?.deleteOption?.propagationPolicy !== 'Orphan') {
      members.drop(work.metadata.namespace ?? '', work.metadata.name);
    }
    if (!hasFinalizer(work, WORK_FINALIZER)) return;
    await setFinalizers(
      work,
      (work.metadata.finalizers ?? []).filter((name) => name !== WORK_FINALIZER),
    );
  };

  const arrivalOf = (key: string, work: ManifestWork): Arrival => {
    const { uid = '', generation = 1 } = work.metadata;
    const known = arrivals.get(key);
    if (known?.uid === uid && known.generation === generation) return known;
    const plan = options.plan(refOf(work));
    const appliesAt = after(clock.now(), plan.applyAfter);
    const arrival = { uid, generation, plan, appliesAt, readyAt: Number.POSITIVE_INFINITY };
    arrivals.set(key, arrival);
    if (appliesAt > clock.now()) wake(key, appliesAt);
    return arrival;
  };

  /** Puts the manifests into the cluster; pods that were ready before stay so, as a rolling update leaves them. */
  const apply = (key: string, work: ManifestWork, arrival: Arrival): void => {
    const { cluster, name, replicaSet } = refOf(work);
    if (arrival.plan.failure !== undefined) return;
    if (arrival.readyAt === Number.POSITIVE_INFINITY && arrival.plan.readyAfter !== null) {
      arrival.readyAt = after(clock.now(), arrival.plan.readyAfter);
      if (arrival.readyAt > clock.now()) wake(key, arrival.readyAt);
    }
    const before = members.get(cluster, name);
    const ready = clock.now() >= arrival.readyAt || before?.ready === true;
    members.hold(cluster, name, replicaSet, work.spec?.workload?.manifests ?? [], ready);
  };

  const reconcile = async (key: string): Promise<void> => {
    const work = works.get(key);
    if (work === undefined) {
      arrivals.delete(key);
      removals.delete(key);
      return;
    }
    const cluster = work.metadata.namespace ?? '';
    if (!options.connected(cluster)) return;
    if (isDeleting(work)) return remove(key, work);
    if (!hasFinalizer(work, WORK_FINALIZER)) {
      return setFinalizers(work, [...(work.metadata.finalizers ?? []), WORK_FINALIZER]);
    }
    const arrival = arrivalOf(key, work);
    if (arrival.appliesAt > clock.now()) return;
    apply(key, work, arrival);
    const now = formatTime(clock.now());
    // Two controllers, two writes: that it is applied, and then what is there.
    if (await patchStatus(work, appliedStatus(work, arrival.plan.failure, now))) return;
    const objects = members.get(cluster, work.metadata.name)?.objects ?? [];
    await patchStatus(work, observedStatus({ work, objects, rules: options.rules, now }));
  };

  const queue = createWorkQueue({ reconcile, onError: options.onError });
  works.subscribe(({ key }) => queue.add(key));
  for (const work of works.values()) queue.add(keyOf(work));
  return queue;
}
