import type { Hub } from '../runtime/client/hub.ts';
import { annotationOf, type KubeObject, keyFor, keyOf } from '../runtime/client/object.ts';
import type { WorkQueue } from '../runtime/work-queue.ts';
import type { Caches } from './caches.ts';
import { type ClusterController, createClusterController } from './cluster/clusters.ts';
import { createExecution, type Execution } from './execution/execution.ts';
import { createFleet, type Fleet } from './member/members.ts';
import type { KarmadaStandInOptions } from './options.ts';
import { createWorkStatusController } from './status/work-status.ts';
import type { Work } from './types.ts';
import { WORK_NAME_ANNOTATION, WORK_NAMESPACE_ANNOTATION } from './well-known.ts';

type MemberOrder = (names: readonly string[]) => readonly string[];

/** The members and the controllers that face them. */
export interface MembersSide {
  readonly fleet: Fleet;
  readonly execution: Execution;
  readonly workStatus: WorkQueue;
  readonly clusters: ClusterController;
  setReady(cluster: string, ready: boolean): void;
  setMemberOrder(order: MemberOrder): void;
}

export function createMembersSide(
  options: KarmadaStandInOptions,
  hub: Hub,
  caches: Caches,
  failed: (component: string) => (key: string, error: unknown) => void,
): MembersSide {
  const { clock } = options;
  const { works } = caches;
  const unready = new Set(options.members.filter((member) => member.ready === false).map(({ name }) => name));
  const isReady = (cluster: string): boolean => !unready.has(cluster);
  let memberOrder: MemberOrder = options.memberOrder ?? ((names) => names);

  const workOf = (object: KubeObject): Work | undefined => {
    const namespace = annotationOf(object, WORK_NAMESPACE_ANNOTATION);
    const name = annotationOf(object, WORK_NAME_ANNOTATION);
    return name === undefined ? undefined : works.store.get(keyFor(namespace, name));
  };
  const fleet = createFleet(options, (cluster, object, edited) => {
    clusters.podsChanged(cluster);
    const work = workOf(object);
    if (work === undefined) return;
    workStatus.add(keyOf(work));
    if (edited) execution.drifted(work);
  });
  const { members } = fleet;
  const execution = createExecution({
    hub,
    clock,
    works,
    members,
    isReady,
    memberOrder: () => memberOrder,
    memberDelay: options.memberDelay ?? 0,
    attempted: (key) => workStatus.add(key),
    onError: failed('execution'),
  });
  const workStatus = createWorkStatusController({
    hub,
    clock,
    works: works.store,
    members,
    isReady,
    result: (key) => execution.result(key),
    onError: failed('work-status'),
  });
  const clusters = createClusterController({
    hub,
    clock,
    clusters: caches.clusters.store,
    members: options.members,
    fleet: members,
    isReady,
    onError: failed('cluster'),
  });
  return {
    fleet,
    execution,
    workStatus,
    clusters,
    setReady(cluster, ready) {
      if (!members.has(cluster)) throw new Error(`no member is named ${cluster}`);
      if (ready) unready.delete(cluster);
      else unready.add(cluster);
      clusters.queue.add(cluster);
      if (!ready) return;
      execution.clusterChanged(cluster);
      for (const work of works.store.values()) workStatus.add(keyOf(work));
    },
    setMemberOrder(order) {
      memberOrder = order;
    },
  };
}
