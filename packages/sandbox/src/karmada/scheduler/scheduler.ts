import type { Hub } from '../../runtime/client/hub.ts';
import {
  annotationOf,
  equalJson,
  formatTime,
  isDeleting,
  type JsonObject,
  keyOf,
} from '../../runtime/client/object.ts';
import type { Resource } from '../../runtime/client/resource.ts';
import type { Store } from '../../runtime/client/store.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Condition } from '../../runtime/conditions.ts';
import { setCondition } from '../../runtime/conditions.ts';
import { createWorkQueue, type WorkQueue } from '../../runtime/work-queue.ts';
import type { Binding, Cluster, TargetCluster } from '../types.ts';
import { APPLIED_PLACEMENT_ANNOTATION } from '../well-known.ts';
import { assign, replicasChanged, strategyOf, UnschedulableError } from './assign.ts';
import { affinityGroups, findCandidates, fitError } from './candidates.ts';

const WRITER = 'karmada-scheduler';

export interface SchedulerOptions {
  readonly hub: Hub;
  readonly clock: Clock;
  readonly resource: Resource;
  readonly bindings: Store<Binding>;
  readonly clusters: Store<Cluster>;
  readonly emptyWorkloadPropagation: boolean;
  readonly onError: (key: string, error: unknown) => void;
}

/** The outcome of one pass, before anything is written. */
interface Outcome {
  /** Undefined when the schedule stays as it is. */
  readonly clusters: readonly TargetCluster[] | undefined;
  readonly affinityName: string | undefined;
  readonly condition: Omit<Condition, 'lastTransitionTime'>;
}

function appliedPlacement(binding: Binding): unknown {
  const text = annotationOf(binding, APPLIED_PLACEMENT_ANNOTATION);
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function rescheduleAsked(binding: Binding): boolean {
  const asked = binding.spec?.rescheduleTriggeredAt;
  const last = binding.status?.lastScheduledTime;
  return asked !== undefined && last !== undefined && Date.parse(asked) > Date.parse(last);
}

/** Whether the scheduler looks at a binding at all (facts: scheduler.go, doScheduleBinding). */
function needsSchedule(binding: Binding): boolean {
  const spec = binding.spec;
  if (spec === undefined) return false;
  const placementChanged = !equalJson(appliedPlacement(binding), spec.placement ?? {});
  if (placementChanged || replicasChanged(binding) || rescheduleAsked(binding)) return true;
  const strategy = strategyOf(spec);
  return strategy === 'Duplicated' || strategy === 'NonWorkload';
}

function scheduled(affinityName: string | undefined, clusters: readonly TargetCluster[]): Outcome {
  return {
    clusters,
    affinityName,
    condition: {
      type: 'Scheduled',
      status: 'True',
      reason: 'Success',
      message: 'Binding has been scheduled successfully.',
    },
  };
}

function failed(reason: string, message: string, clusters?: readonly TargetCluster[]): Outcome {
  return {
    clusters,
    affinityName: undefined,
    condition: { type: 'Scheduled', status: 'False', reason, message },
  };
}

/** Pure: what one pass of the scheduler would decide for a binding. */
function schedule(binding: Binding, clusters: readonly Cluster[], emptyWorkloads: boolean): Outcome {
  const spec = binding.spec;
  if (spec === undefined) return failed('SchedulerError', 'binding without a spec');
  let firstFailure: Outcome | undefined;
  for (const group of affinityGroups(spec.placement, binding.status?.schedulerObservingAffinityName)) {
    const candidates = findCandidates(clusters, binding, group.affinity);
    if (candidates.clusters.length === 0) {
      firstFailure ??= failed('NoClusterFit', fitError(clusters.length, candidates.refusals), []);
      continue;
    }
    try {
      return scheduled(group.name, assign(candidates.clusters, spec, emptyWorkloads));
    } catch (error) {
      if (!(error instanceof UnschedulableError)) throw error;
      firstFailure ??= failed('Unschedulable', error.message);
    }
  }
  return firstFailure ?? failed('SchedulerError', 'no affinity group to try');
}

/** Stand-in for karmada-scheduler on one kind of binding. */
export function createScheduler(options: SchedulerOptions): WorkQueue {
  const { hub, clock, resource, bindings, clusters } = options;

  const writeResult = async (binding: Binding, outcome: Outcome): Promise<Binding | undefined> => {
    const placement = binding.spec?.placement ?? {};
    const patch: JsonObject = {};
    if (!equalJson(appliedPlacement(binding), placement)) {
      patch['metadata'] = { annotations: { [APPLIED_PLACEMENT_ANNOTATION]: JSON.stringify(placement) } };
    }
    if (outcome.clusters !== undefined && !equalJson(binding.spec?.clusters ?? [], outcome.clusters)) {
      patch['spec'] = { clusters: outcome.clusters.length === 0 ? null : outcome.clusters };
    }
    if (Object.keys(patch).length === 0) return binding;
    return hub.patch(resource, binding, patch, WRITER);
  };

  const writeStatus = async (binding: Binding, outcome: Outcome, ran: boolean): Promise<void> => {
    const now = formatTime(clock.now());
    const before = binding.status ?? {};
    const succeeded = outcome.condition.status === 'True';
    const conditions = setCondition(before.conditions, outcome.condition, now);
    const status: JsonObject = {};
    if (conditions !== before.conditions) status['conditions'] = conditions;
    if (succeeded && before.schedulerObservedGeneration !== binding.metadata.generation) {
      status['schedulerObservedGeneration'] = binding.metadata.generation;
    }
    if (succeeded && before.schedulerObservingAffinityName !== outcome.affinityName) {
      status['schedulerObservingAffinityName'] = outcome.affinityName ?? null;
    }
    if (succeeded && ran) status['lastScheduledTime'] = now;
    if (Object.keys(status).length > 0) await hub.patch(resource, binding, { status }, WRITER, 'status');
  };

  const reconcile = async (key: string): Promise<void> => {
    const binding = bindings.get(key);
    if (binding === undefined || isDeleting(binding)) return;
    if (!needsSchedule(binding)) {
      if (binding.status?.schedulerObservedGeneration === binding.metadata.generation) return;
      // Something else in the spec changed: the schedule stands, and that has been seen.
      await writeStatus(
        binding,
        scheduled(binding.status?.schedulerObservingAffinityName, binding.spec?.clusters ?? []),
        false,
      );
      return;
    }
    const outcome = schedule(binding, [...clusters.values()], options.emptyWorkloadPropagation);
    const written = await writeResult(binding, outcome);
    if (written === undefined) return;
    const ran =
      written !== binding || rescheduleAsked(binding) || binding.status?.lastScheduledTime === undefined;
    await writeStatus(written, outcome, ran);
  };

  const queue = createWorkQueue({ reconcile, onError: options.onError });
  bindings.subscribe(({ key, before, after }) => {
    if (after === undefined) return;
    // Status and metadata of a binding are no reason to schedule it again.
    if (before === undefined || before.metadata.generation !== after.metadata.generation) queue.add(key);
  });
  clusters.subscribe(({ before, after }) => {
    if (before !== undefined && after !== undefined && !matters(before, after)) return;
    for (const binding of bindings.values()) {
      queue.add(keyOf(binding));
    }
  });
  return queue;
}

/** Changes of a cluster that make the scheduler look at all bindings. */
function matters(before: Cluster, after: Cluster): boolean {
  return (
    before.metadata.generation !== after.metadata.generation ||
    before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp ||
    !equalJson(before.metadata.labels, after.metadata.labels) ||
    !equalJson(before.status?.apiEnablements, after.status?.apiEnablements)
  );
}
