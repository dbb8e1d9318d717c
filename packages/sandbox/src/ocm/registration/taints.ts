import type { Hub } from '../../runtime/client/hub.ts';
import { formatTime, isDeleting } from '../../runtime/client/object.ts';
import type { Clock } from '../../runtime/clock.ts';
import { createWorkQueue, type WorkQueue } from '../../runtime/work-queue.ts';
import type { Caches } from '../caches.ts';
import { MANAGED_CLUSTER } from '../resources.ts';
import type { ManagedCluster, Taint } from '../types.ts';
import { AVAILABLE, UNAVAILABLE_TAINT, UNREACHABLE_TAINT } from '../well-known.ts';

const WRITER = 'registration-controller';

/** The taint that goes with the condition: Unknown or missing is unreachable, False is unavailable. */
function taintFor(cluster: ManagedCluster): string | undefined {
  const condition = cluster.status?.conditions?.find(({ type }) => type === AVAILABLE);
  if (condition?.status === 'True') return undefined;
  return condition?.status === 'False' ? UNAVAILABLE_TAINT : UNREACHABLE_TAINT;
}

/** The taints that a cluster should have; the same list when nothing is to be changed. */
function wantedTaints(cluster: ManagedCluster, now: string): readonly Taint[] {
  const taints = cluster.spec?.taints ?? [];
  const wanted = taintFor(cluster);
  const others = taints.filter(
    ({ key }) => ![UNAVAILABLE_TAINT, UNREACHABLE_TAINT].includes(key) || key === wanted,
  );
  const missing = wanted !== undefined && !others.some(({ key }) => key === wanted);
  if (missing) return [...others, { key: wanted, effect: 'NoSelect', timeAdded: now }];
  return others.length === taints.length ? taints : others;
}

/**
 * OCM's taint controller: keeps its two taints in step with ManagedClusterConditionAvailable. Only a cluster that
 * is `joining`, whose agent is about to report for the first time, is not tainted for that moment.
 */
export function createTaintController(
  hub: Hub,
  clock: Clock,
  clusters: Caches['clusters']['store'],
  joining: (cluster: string) => boolean,
  onError: (key: string, error: unknown) => void,
): WorkQueue {
  const reconcile = async (name: string): Promise<void> => {
    const cluster = clusters.get(name);
    if (cluster === undefined || isDeleting(cluster)) return;
    if (cluster.status?.conditions === undefined && joining(name)) return;
    const taints = wantedTaints(cluster, formatTime(clock.now()));
    if (taints === cluster.spec?.taints || (taints.length === 0 && cluster.spec?.taints === undefined))
      return;
    const { uid, resourceVersion } = cluster.metadata;
    const spec = { taints: taints.length === 0 ? null : taints };
    await hub.patch(MANAGED_CLUSTER, cluster, { metadata: { uid, resourceVersion }, spec }, WRITER);
  };
  const queue = createWorkQueue({ reconcile, onError });
  clusters.subscribe(({ key }) => queue.add(key));
  return queue;
}
