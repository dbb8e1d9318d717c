import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../kube/resource.ts';
import { readBindingSpec, readBindingStatus } from './read/binding.ts';

const APPLIED_PLACEMENT = 'policy.karmada.io/applied-placement';

/** What Karmada made of a policy for one workload. */
export interface BindingView {
  readonly object: KubeObject;
  readonly resource: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
  };
  /** Replicas of the template. */
  readonly replicas: number;
  /** Replicas per cluster as scheduled; clusters without any are left out. */
  readonly assigned: Readonly<Record<string, number>>;
  /** Clusters that a graceful eviction is leaving. */
  readonly evicting: readonly string[];
  readonly placement: unknown;
  /** The scheduler has seen this generation and applied this placement. */
  readonly settled: boolean;
  /** Reason and message of a Scheduled condition that is False. */
  readonly unscheduled: { readonly reason: string; readonly message: string } | null;
  /** Available replicas per cluster; absent while a member has not told. */
  readonly available: Readonly<Record<string, number>>;
  /** Replicas per cluster as reported, available or not. */
  readonly running: Readonly<Record<string, number>>;
  /** Generation of the template whose pods a member runs alone, per cluster; absent during a rollout. */
  readonly rolledOut: Readonly<Record<string, number>>;
  readonly unhealthy: readonly string[];
}

function appliedPlacement(object: KubeObject): unknown {
  try {
    return JSON.parse(object.metadata.annotations?.[APPLIED_PLACEMENT] ?? 'null') as unknown;
  } catch {
    return null;
  }
}

/** Reads a ResourceBinding; null when it is damaged. */
export function bindingView(object: KubeObject): BindingView | null {
  const spec = readBindingSpec(object.spec);
  if (spec === null) return null;
  const status = readBindingStatus(object.status);
  const scheduled = status.conditions?.find((each) => each.type === 'Scheduled');
  const aggregated = status.aggregatedStatus ?? [];
  const { kind } = spec.resource;
  const available: Record<string, number> = {};
  const running: Record<string, number> = {};
  const rolledOut: Record<string, number> = {};
  for (const item of aggregated) {
    const { status: reported } = item;
    if (reported !== undefined && reported !== null) {
      available[item.clusterName] = reported.availableReplicas ?? 0;
      running[item.clusterName] = reported.replicas ?? 0;
      const seen = (reported.observedGeneration ?? 0) >= (reported.generation ?? 0);
      // ReplicaSets do not tell how many are updated: they never replace what runs.
      const updated = reported.updatedReplicas ?? (kind === 'ReplicaSet' ? reported.replicas : 0) ?? 0;
      if (seen && updated >= (reported.replicas ?? 0)) {
        rolledOut[item.clusterName] = reported.resourceTemplateGeneration ?? Number.MAX_SAFE_INTEGER;
      }
    }
  }
  return {
    object,
    resource: {
      ...spec.resource,
      namespace: spec.resource.namespace ?? '',
      uid: spec.resource.uid ?? '',
    },
    replicas: spec.replicas ?? 0,
    assigned: Object.fromEntries(
      (spec.clusters ?? [])
        .map(({ name, replicas }) => [name, replicas ?? 0] as const)
        .filter(([, replicas]) => replicas > 0),
    ),
    evicting: (spec.gracefulEvictionTasks ?? []).map((task) => task.fromCluster),
    placement: spec.placement,
    settled:
      status.schedulerObservedGeneration === object.metadata.generation &&
      isDeepStrictEqual(appliedPlacement(object), spec.placement ?? null),
    unscheduled:
      scheduled?.status === 'False'
        ? { reason: scheduled.reason ?? 'Unknown', message: scheduled.message ?? '' }
        : null,
    available,
    running,
    rolledOut,
    unhealthy: aggregated.filter((item) => item.health === 'Unhealthy').map((item) => item.clusterName),
  };
}
