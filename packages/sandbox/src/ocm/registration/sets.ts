import type { Hub } from '../../runtime/client/hub.ts';
import { mergePatch } from '../../runtime/client/merge-patch.ts';
import { type ApiObject, formatTime, isDeleting, keyOf } from '../../runtime/client/object.ts';
import type { Resource } from '../../runtime/client/resource.ts';
import type { Clock } from '../../runtime/clock.ts';
import { type Condition, setCondition } from '../../runtime/conditions.ts';
import { createWorkQueue, type WorkQueue } from '../../runtime/work-queue.ts';
import type { Caches } from '../caches.ts';
import { MANAGED_CLUSTER_SET, MANAGED_CLUSTER_SET_BINDING } from '../resources.ts';
import type { Membership } from '../scheduler/membership.ts';
import type { ManagedClusterSet, ManagedClusterSetBinding } from '../types.ts';

const WRITER = 'registration-controller';

interface SetControllerOptions {
  readonly hub: Hub;
  readonly clock: Clock;
  readonly caches: Caches;
  readonly membership: Membership;
  readonly onError: (key: string, error: unknown) => void;
}

/** OCM's controllers of ManagedClusterSets (`ClusterSetEmpty`) and ManagedClusterSetBindings (`Bound`). */
export function createSetControllers(options: SetControllerOptions): readonly WorkQueue[] {
  const { hub, clock, caches, membership, onError } = options;

  const report = async (
    resource: Resource,
    object: ManagedClusterSet | ManagedClusterSetBinding,
    condition: Omit<Condition, 'lastTransitionTime'>,
  ): Promise<void> => {
    const conditions = setCondition(object.status?.conditions, condition, formatTime(clock.now()));
    const patch = mergePatch(object.status, { ...object.status, conditions });
    if (patch !== undefined) await hub.patch(resource, object, { status: patch }, WRITER, 'status');
  };

  const reconcileSet = async (name: string): Promise<void> => {
    const set = caches.sets.store.get(name);
    if (set === undefined || isDeleting(set)) return;
    const { length } = membership.membersOf(name);
    const empty = length === 0;
    await report(MANAGED_CLUSTER_SET, set, {
      type: 'ClusterSetEmpty',
      status: empty ? 'True' : 'False',
      reason: empty ? 'NoClusterMatched' : 'ClustersSelected',
      message: empty ? 'No ManagedCluster selected' : `${length} ManagedClusters selected`,
    });
  };
  const reconcileBinding = async (key: string): Promise<void> => {
    const binding = caches.bindings.store.get(key);
    if (binding === undefined || isDeleting(binding)) return;
    const found = caches.sets.store.get(binding.spec?.clusterSet ?? '') !== undefined;
    await report(MANAGED_CLUSTER_SET_BINDING, binding, {
      type: 'Bound',
      status: found ? 'True' : 'False',
      reason: found ? 'ClusterSetBound' : 'ClusterSetNotFound',
      message: '',
    });
  };

  const sets = createWorkQueue({ reconcile: reconcileSet, onError });
  const bindings = createWorkQueue({ reconcile: reconcileBinding, onError });
  const addAll = (queue: WorkQueue, objects: Iterable<ApiObject>): void => {
    for (const object of objects) queue.add(keyOf(object));
  };
  caches.sets.store.subscribe(({ key }) => {
    sets.add(key);
    addAll(bindings, caches.bindings.store.by('set', key));
  });
  caches.bindings.store.subscribe(({ key }) => bindings.add(key));
  caches.clusters.store.subscribe(({ before, after }) => {
    // Only the count is shown, which labels alone can change.
    if (before?.metadata.labels !== undefined && after?.metadata.labels !== undefined) {
      const same = JSON.stringify(before.metadata.labels) === JSON.stringify(after.metadata.labels);
      if (same) return;
    }
    addAll(sets, caches.sets.store.values());
  });
  addAll(sets, caches.sets.store.values());
  addAll(bindings, caches.bindings.store.values());
  return [sets, bindings];
}
