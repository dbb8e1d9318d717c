import type { Hub } from '../../runtime/client/hub.ts';
import type { Informer } from '../../runtime/client/informer.ts';
import {
  annotationOf,
  hasFinalizer,
  isDeleting,
  type KubeObject,
  keyOf,
} from '../../runtime/client/object.ts';
import type { Clock } from '../../runtime/clock.ts';
import { createWorkQueue, type WorkQueue } from '../../runtime/work-queue.ts';
import { type Member, MemberRefusal, memberKey } from '../member/member.ts';
import { WORK } from '../resources.ts';
import type { Work } from '../types.ts';
import { CONFLICT_RESOLUTION_ANNOTATION, clusterOfSpace, WORK_FINALIZER } from '../well-known.ts';

/** What became of the last attempt to bring a Work into its member. */
export interface ApplyResult {
  readonly applied: boolean;
  readonly message: string;
}

export interface ExecutionOptions {
  readonly hub: Hub;
  readonly clock: Clock;
  readonly works: Informer<Work>;
  readonly members: ReadonlyMap<string, Member>;
  readonly isReady: (cluster: string) => boolean;
  readonly memberOrder: () => (names: readonly string[]) => readonly string[];
  readonly memberDelay: number;
  /** Told after each attempt; the result is kept here. */
  readonly attempted: (workKey: string) => void;
  readonly onError: (key: string, error: unknown) => void;
}

/**
 * Stand-in for the execution controllers. It works per group, the Works of one binding, and brings the members
 * of a group up to date one after another in a chosen order: real members follow within fractions of a second
 * of each other, and in no order that could be relied on.
 */
export interface Execution {
  readonly queue: WorkQueue;
  result(workKey: string): ApplyResult | undefined;
  /** The Works of a group are being written: its members wait, so that the order is chosen among all of them. */
  syncBegins(group: string): void;
  syncEnds(group: string, works: readonly string[]): void;
  /** All groups that touch a cluster are looked at again. */
  clusterChanged(cluster: string): void;
  /** Somebody changed an object in a member behind Karmada's back. */
  drifted(work: Work): void;
}

/** Groups of a Work, as the index on the Works' store names them. */
export function groupsOf(work: Work): readonly string[] {
  const labels = work.metadata.labels ?? {};
  const id =
    labels['resourcebinding.karmada.io/permanent-id'] ??
    labels['clusterresourcebinding.karmada.io/permanent-id'];
  return [id ?? `work ${keyOf(work)}`];
}

/** Removals first, then names: the order that comes of Karmada deleting orphans before it writes. */
function defaultOrder(works: readonly Work[]): Work[] {
  return [...works].sort(
    (a, b) => Number(isDeleting(b)) - Number(isDeleting(a)) || (keyOf(a) < keyOf(b) ? -1 : 1),
  );
}

export function createExecution(options: ExecutionOptions): Execution {
  const { hub, clock, members } = options;
  const { store } = options.works;
  const results = new Map<string, ApplyResult>();
  const refused = new Map<string, string>();
  const syncing = new Map<string, number>();
  const awaited = new Map<string, readonly string[]>();
  const cooling = new Set<string>();

  const clusterOf = (work: Work): string => clusterOfSpace(work.metadata.namespace) ?? '';

  const ordered = (works: readonly Work[]): Work[] => {
    const byDefault = defaultOrder(works);
    const names = byDefault.map(clusterOf);
    const order = options.memberOrder()(names);
    return order.flatMap((name) => byDefault.filter((work) => clusterOf(work) === name));
  };

  const manifestsOf = (work: Work): readonly KubeObject[] => work.spec?.workload.manifests ?? [];

  const removeFrom = async (work: Work, member: Member): Promise<void> => {
    if (work.spec?.preserveResourcesOnDeletion !== true) {
      for (const manifest of manifestsOf(work)) member.remove(memberKey(manifest.kind, keyOf(manifest)));
    }
    results.delete(keyOf(work));
    refused.delete(keyOf(work));
    if (!hasFinalizer(work, WORK_FINALIZER)) return;
    const finalizers = (work.metadata.finalizers ?? []).filter((entry) => entry !== WORK_FINALIZER);
    const { resourceVersion } = work.metadata;
    await hub.patch(WORK, work, { metadata: { finalizers, resourceVersion } }, 'karmada-agent');
  };

  /** A refused manifest is not offered again before it or the member changes. */
  const offer = (work: Work): string => `${work.metadata.uid}/${work.metadata.generation}`;

  const applyTo = (work: Work, member: Member): void => {
    const overwrite = annotationOf(work, CONFLICT_RESOLUTION_ANNOTATION) === 'overwrite';
    const key = keyOf(work);
    try {
      for (const manifest of manifestsOf(work)) {
        if (member.differs(manifest)) member.apply(manifest, overwrite);
      }
      refused.delete(key);
      results.set(key, { applied: true, message: 'Manifest has been successfully applied' });
    } catch (error) {
      if (!(error instanceof MemberRefusal)) throw error;
      refused.set(key, offer(work));
      results.set(key, { applied: false, message: `Failed to apply all manifests (0/1): ${error.message}` });
    }
    options.attempted(key);
  };

  const isDue = (work: Work, member: Member): boolean => {
    if (isDeleting(work)) return true;
    if (work.spec?.suspendDispatching === true) return false;
    if (refused.get(keyOf(work)) === offer(work)) return false;
    return !results.has(keyOf(work)) || manifestsOf(work).some((manifest) => member.differs(manifest));
  };

  const mustWait = (group: string): boolean =>
    syncing.has(group) ||
    cooling.has(group) ||
    (awaited.get(group) ?? []).some((key) => options.works.pending(key));

  const reconcile = async (group: string): Promise<void> => {
    if (mustWait(group)) return;
    awaited.delete(group);
    for (const work of ordered(store.by('group', group))) {
      const member = members.get(clusterOf(work));
      // A member that cannot be reached keeps what it has; its Works wait, deleted ones included.
      if (member === undefined || !options.isReady(member.name) || !isDue(work, member)) continue;
      if (isDeleting(work)) await removeFrom(work, member);
      else applyTo(work, member);
      if (options.memberDelay > 0) {
        cool(group);
        return;
      }
    }
  };

  const queue = createWorkQueue({ reconcile, onError: options.onError });

  const cool = (group: string): void => {
    cooling.add(group);
    clock.after(options.memberDelay, () => {
      cooling.delete(group);
      queue.add(group);
    });
  };

  const add = (work: Work): void => {
    for (const group of groupsOf(work)) queue.add(group);
  };

  store.subscribe(({ before, after }) => {
    if (after === undefined) {
      // Its group may have been waiting for this very event.
      if (before !== undefined) add(before);
      return;
    }
    if (
      before?.metadata.generation !== after.metadata.generation ||
      isDeleting(after) ||
      before === undefined
    ) {
      add(after);
      return;
    }
    for (const group of groupsOf(after)) if (awaited.has(group)) queue.add(group);
  });

  return {
    queue,
    result: (key) => results.get(key),
    syncBegins: (group) => void syncing.set(group, (syncing.get(group) ?? 0) + 1),
    syncEnds(group, works) {
      const left = (syncing.get(group) ?? 1) - 1;
      if (left > 0) syncing.set(group, left);
      else syncing.delete(group);
      awaited.set(group, works);
      queue.add(group);
    },
    clusterChanged(cluster) {
      for (const work of store.values()) if (clusterOf(work) === cluster) add(work);
    },
    drifted(work) {
      refused.delete(keyOf(work));
      add(work);
    },
  };
}
