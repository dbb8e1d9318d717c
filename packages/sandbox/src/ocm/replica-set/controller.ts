import type { Hub } from '../../runtime/client/hub.ts';
import { mergePatch } from '../../runtime/client/merge-patch.ts';
import { formatTime, hasFinalizer, isDeleting, keyFor, keyOf, labelOf } from '../../runtime/client/object.ts';
import type { Clock } from '../../runtime/clock.ts';
import { setCondition } from '../../runtime/conditions.ts';
import { createWorkQueue, type WorkQueue } from '../../runtime/work-queue.ts';
import type { Caches } from '../caches.ts';
import { MANIFEST_WORK, MANIFEST_WORK_REPLICA_SET } from '../resources.ts';
import type {
  ManifestWork,
  ManifestWorkReplicaSet,
  Placement,
  ReplicaSetStatus,
  RolloutStrategy,
} from '../types.ts';
import {
  DECISION_GROUP_INDEX_LABEL,
  DECISION_GROUP_NAME_LABEL,
  PLACEMENT_LABEL,
  PLACEMENT_NAME_LABEL,
  REPLICA_SET_FINALIZER,
  REPLICA_SET_LABEL,
} from '../well-known.ts';
import { type RolloutGroup, rollOut } from './rollout.ts';
import { PLACEMENT_NOT_FOUND, type PlacementPass, replicaSetStatus } from './status.ts';
import { holdsTemplate, newWork, ownerLabel, rolloutOf, workLabels } from './works.ts';

const WRITER = 'work-controller';

interface ControllerOptions {
  readonly hub: Hub;
  readonly clock: Clock;
  readonly caches: Caches;
  readonly onError: (key: string, error: unknown) => void;
}

/** OCM's controller of ManifestWorkReplicaSets: one ManifestWork in each cluster that its Placements choose. */
export function createReplicaSetController({ hub, clock, caches, onError }: ControllerOptions): WorkQueue {
  const worksOf = (replicaSet: ManifestWorkReplicaSet): readonly ManifestWork[] =>
    caches.works.store.by('replicaSet', ownerLabel(replicaSet));

  const removeWork = async (work: ManifestWork): Promise<void> => {
    if (!isDeleting(work)) await hub.remove(MANIFEST_WORK, work);
  };

  const setFinalizers = async (set: ManifestWorkReplicaSet, finalizers: readonly string[]): Promise<void> => {
    const { resourceVersion } = set.metadata;
    await hub.patch(MANIFEST_WORK_REPLICA_SET, set, { metadata: { resourceVersion, finalizers } }, WRITER);
  };

  const finalize = async (set: ManifestWorkReplicaSet): Promise<void> => {
    const works = worksOf(set);
    for (const work of works) await removeWork(work);
    if (set.spec?.cascadeDeletionPolicy === 'Foreground' && works.length > 0) return;
    if (!hasFinalizer(set, REPLICA_SET_FINALIZER)) return;
    await setFinalizers(
      set,
      (set.metadata.finalizers ?? []).filter((name) => name !== REPLICA_SET_FINALIZER),
    );
  };

  const groupsOf = (placement: string): readonly RolloutGroup[] => {
    const groups = new Map<number, { name: string; index: number; clusters: string[] }>();
    for (const decision of caches.decisions.store.by('placement', placement)) {
      const index = Number(labelOf(decision, DECISION_GROUP_INDEX_LABEL));
      const name = labelOf(decision, DECISION_GROUP_NAME_LABEL) ?? '';
      const group = groups.get(index) ?? { name, index, clusters: [] };
      group.clusters.push(...(decision.status?.decisions ?? []).map(({ clusterName }) => clusterName));
      groups.set(index, group);
    }
    return [...groups.values()].sort((a, b) => a.index - b.index);
  };

  const applyWork = async (
    set: ManifestWorkReplicaSet,
    cluster: string,
    placement: string,
  ): Promise<void> => {
    const existing = worksOf(set).find(
      (work) => work.metadata.namespace === cluster && labelOf(work, PLACEMENT_NAME_LABEL) === placement,
    );
    if (existing === undefined) {
      const name = `${set.metadata.name}${crypto.randomUUID().slice(0, 5)}`;
      await hub.create(MANIFEST_WORK, newWork(set, name, cluster, placement), WRITER);
      return;
    }
    // One on its way out is left alone; when it is gone the next pass makes another.
    if (isDeleting(existing)) return;
    const spec = mergePatch(existing.spec, set.spec?.manifestWorkTemplate ?? {});
    const labels = mergePatch(existing.metadata.labels, workLabels(set, placement));
    if (spec === undefined && labels === undefined) return;
    const { uid, resourceVersion } = existing.metadata;
    const metadata = { uid, resourceVersion, ...(labels === undefined ? {} : { labels }) };
    await hub.patch(MANIFEST_WORK, existing, { metadata, ...(spec === undefined ? {} : { spec }) }, WRITER);
  };

  const deploy = async (
    set: ManifestWorkReplicaSet,
    placement: Placement,
    strategy: RolloutStrategy,
  ): Promise<PlacementPass> => {
    const { name } = placement.metadata;
    const ours = worksOf(set).filter((work) => labelOf(work, PLACEMENT_NAME_LABEL) === name);
    const current = ours.filter((work) => holdsTemplate(work, set));
    const existing = current.map(rolloutOf);
    const { toApply, removed, recheckAt } = rollOut({
      strategy,
      groups: groupsOf(keyOf(placement)),
      existing,
      now: clock.now(),
    });
    const clusters = new Set(current.map(({ metadata }) => metadata.namespace ?? ''));
    for (const cluster of toApply) {
      await applyWork(set, cluster, name);
      clusters.add(cluster);
    }
    for (const cluster of removed) {
      for (const work of ours.filter(({ metadata }) => metadata.namespace === cluster))
        await removeWork(work);
      clusters.delete(cluster);
    }
    if (recheckAt !== undefined) clock.after(recheckAt - clock.now(), () => queue.add(keyOf(set)));
    return {
      placement,
      clusters: clusters.size,
      succeeded: existing.filter(({ state }) => state === 'Succeeded').length,
      works: worksOf(set).filter(
        (work) =>
          labelOf(work, PLACEMENT_NAME_LABEL) === name && !isDeleting(work) && holdsTemplate(work, set),
      ),
    };
  };

  const patchStatus = async (set: ManifestWorkReplicaSet, status: ReplicaSetStatus): Promise<void> => {
    const patch = mergePatch(set.status, status);
    if (patch === undefined) return;
    const { uid, resourceVersion } = set.metadata;
    const body = { metadata: { uid, resourceVersion }, status: patch };
    await hub.patch(MANIFEST_WORK_REPLICA_SET, set, body, WRITER, 'status');
  };

  const reconcile = async (key: string): Promise<void> => {
    const set = caches.replicaSets.store.get(key);
    if (set === undefined) return;
    if (isDeleting(set)) return finalize(set);
    if (!hasFinalizer(set, REPLICA_SET_FINALIZER)) {
      return setFinalizers(set, [...(set.metadata.finalizers ?? []), REPLICA_SET_FINALIZER]);
    }
    const references = set.spec?.placementRefs ?? [];
    const named = new Set(references.map(({ name }) => name));
    for (const work of worksOf(set)) {
      if (!named.has(labelOf(work, PLACEMENT_NAME_LABEL) ?? '')) await removeWork(work);
    }
    const now = formatTime(clock.now());
    const passes: PlacementPass[] = [];
    for (const { name, rolloutStrategy } of references) {
      const placement = caches.placements.store.get(keyFor(set.metadata.namespace, name));
      if (placement === undefined) {
        const conditions = setCondition(set.status?.conditions, PLACEMENT_NOT_FOUND, now);
        return patchStatus(set, { ...set.status, conditions });
      }
      passes.push(await deploy(set, placement, rolloutStrategy ?? {}));
    }
    await patchStatus(set, replicaSetStatus(set.status, passes, now));
  };

  const queue = createWorkQueue({ reconcile, onError });
  const addFor = (placement: string): void => {
    for (const set of caches.replicaSets.store.by('placement', placement)) queue.add(keyOf(set));
  };
  caches.replicaSets.store.subscribe(({ key }) => queue.add(key));
  caches.placements.store.subscribe(({ key }) => addFor(key));
  caches.decisions.store.subscribe(({ before, after }) => {
    for (const decision of [before, after]) {
      const placement = decision === undefined ? undefined : labelOf(decision, PLACEMENT_LABEL);
      if (placement !== undefined) addFor(keyFor(decision?.metadata.namespace, placement));
    }
  });
  caches.works.store.subscribe(({ before, after }) => {
    for (const work of [before, after]) {
      const owner = work === undefined ? undefined : labelOf(work, REPLICA_SET_LABEL);
      if (owner !== undefined) queue.add(owner.replace('.', '/'));
    }
  });
  for (const set of caches.replicaSets.store.values()) queue.add(keyOf(set));
  return queue;
}
