import { isStatusCode } from '../../runtime/client/connection.ts';
import type { Hub } from '../../runtime/client/hub.ts';
import { mergePatch } from '../../runtime/client/merge-patch.ts';
import { formatTime, type JsonObject } from '../../runtime/client/object.ts';
import type { Store } from '../../runtime/client/store.ts';
import type { Clock } from '../../runtime/clock.ts';
import { setCondition } from '../../runtime/conditions.ts';
import { formatCpu, parseQuantity } from '../../runtime/quantity.ts';
import { createWorkQueue, type WorkQueue } from '../../runtime/work-queue.ts';
import type { Member } from '../member/member.ts';
import type { MemberOptions } from '../options.ts';
import { CLUSTER } from '../resources.ts';
import type { Cluster, Taint } from '../types.ts';
import { executionSpace } from '../well-known.ts';
import { apiEnablements } from './apis.ts';

const WRITER = 'karmada-controller-manager';
const NOT_READY_TAINT = 'cluster.karmada.io/not-ready';
/** How often Karmada writes the resources of a member: its `--cluster-status-update-frequency`. */
const SUMMARY_INTERVAL_MS = 10_000;

export interface ClusterControllerOptions {
  readonly hub: Hub;
  readonly clock: Clock;
  readonly clusters: Store<Cluster>;
  readonly members: readonly MemberOptions[];
  readonly fleet: ReadonlyMap<string, Member>;
  readonly isReady: (cluster: string) => boolean;
  readonly onError: (key: string, error: unknown) => void;
}

/** Stand-in for the cluster controllers: Cluster objects, their execution spaces, readiness and resources. */
export interface ClusterController {
  readonly queue: WorkQueue;
  /** Pods of a member changed: its summary follows at the next interval. */
  podsChanged(cluster: string): void;
  /** What a member serves from now on; Karmada notices with its next look. */
  setApis(cluster: string, apis: NonNullable<MemberOptions['apis']>): void;
}

function newCluster(member: MemberOptions): Cluster {
  return {
    apiVersion: CLUSTER.apiVersion,
    kind: CLUSTER.kind,
    metadata: {
      name: member.name,
      ...(member.labels === undefined ? {} : { labels: { ...member.labels } }),
      ...(member.annotations === undefined ? {} : { annotations: { ...member.annotations } }),
    },
    spec: {
      syncMode: 'Push',
      ...(member.provider === undefined ? {} : { provider: member.provider }),
      ...(member.region === undefined ? {} : { region: member.region }),
    },
  };
}

function printed(resource: string, amount: number): string {
  return resource === 'cpu' ? formatCpu(amount) : String(Math.round(amount));
}

function resourceSummary(member: MemberOptions, allocated: ReadonlyMap<string, number>): JsonObject {
  const allocatable = {
    cpu: member.cpu ?? '1000',
    memory: member.memory ?? '4000Gi',
    pods: String(member.pods ?? 10_000),
  };
  const used = Object.keys(allocatable).map((name) => [name, printed(name, allocated.get(name) ?? 0)]);
  return { allocatable, allocated: Object.fromEntries(used) };
}

function desiredStatus(
  cluster: Cluster,
  member: MemberOptions,
  ready: boolean,
  allocated: ReadonlyMap<string, number>,
  now: string,
): JsonObject {
  const conditions = setCondition(
    cluster.status?.conditions,
    ready
      ? {
          type: 'Ready',
          status: 'True',
          reason: 'ClusterReady',
          message: 'cluster is healthy and ready to accept workloads',
        }
      : {
          type: 'Ready',
          status: 'False',
          reason: 'ClusterNotReachable',
          message: 'cluster is not reachable',
        },
    now,
  );
  // Of a member that cannot be reached nothing else is known.
  if (!ready) return { conditions };
  const nodes = Math.max(1, Math.ceil((parseQuantity(member.cpu ?? '1000') ?? 1) / 16));
  return {
    conditions,
    kubernetesVersion: 'v1.36.2',
    apiEnablements: apiEnablements(member),
    nodeSummary: { totalNum: nodes, readyNum: nodes },
    resourceSummary: resourceSummary(member, allocated),
  };
}

function desiredTaints(cluster: Cluster, ready: boolean, now: string): readonly Taint[] {
  const taints = cluster.spec?.taints ?? [];
  const tainted = taints.some((taint) => taint.key === NOT_READY_TAINT);
  if (ready) return tainted ? taints.filter((taint) => taint.key !== NOT_READY_TAINT) : taints;
  return tainted ? taints : [...taints, { key: NOT_READY_TAINT, effect: 'NoSchedule', timeAdded: now }];
}

export function createClusterController(options: ClusterControllerOptions): ClusterController {
  const { hub, clock, clusters } = options;
  const members = new Map(options.members.map((member) => [member.name, member]));
  const scheduled = new Set<string>();
  const spaces = new Set<string>();

  const create = async (member: MemberOptions): Promise<void> => {
    try {
      await hub.create(CLUSTER, newCluster(member), WRITER);
    } catch (error) {
      // Left by an earlier run, and on its way to us.
      if (!isStatusCode(error, 409)) throw error;
    }
  };

  const reconcile = async (name: string): Promise<void> => {
    const member = members.get(name);
    if (member === undefined) return;
    if (!spaces.has(name)) {
      await hub.ensureNamespace(executionSpace(name));
      spaces.add(name);
    }
    const cluster = clusters.get(name);
    if (cluster === undefined) {
      await create(member);
      return;
    }
    const now = formatTime(clock.now());
    const ready = options.isReady(name);
    const allocated = options.fleet.get(name)?.allocated() ?? new Map<string, number>();
    const status = desiredStatus(cluster, member, ready, allocated, now);
    const patch = mergePatch(cluster.status, { ...cluster.status, ...status });
    if (patch !== undefined) await hub.patch(CLUSTER, cluster, { status: patch }, WRITER, 'status');
    const taints = desiredTaints(cluster, ready, now);
    if (taints !== cluster.spec?.taints && taints.length !== (cluster.spec?.taints ?? []).length) {
      const next = taints.length === 0 ? null : taints;
      await hub.patch(CLUSTER, cluster, { spec: { taints: next } }, WRITER);
    }
  };

  const queue = createWorkQueue({ reconcile, onError: options.onError });
  clusters.subscribe(({ key, before, after }) => {
    if (before === undefined && after !== undefined) queue.add(key);
  });
  return {
    queue,
    setApis(cluster, apis) {
      const member = members.get(cluster);
      if (member === undefined) throw new Error(`no member is named ${cluster}`);
      members.set(cluster, { ...member, apis });
      queue.add(cluster);
    },
    podsChanged(cluster) {
      if (scheduled.has(cluster)) return;
      scheduled.add(cluster);
      clock.after(SUMMARY_INTERVAL_MS, () => {
        scheduled.delete(cluster);
        queue.add(cluster);
      });
    },
  };
}
