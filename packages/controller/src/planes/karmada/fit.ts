import { consentRefusal, type Refusal } from '../../optin/consent.ts';
import type { UnitOptions } from '../../optin/options.ts';
import { isOptedIn } from '../shared/opted-in.ts';
import type { PolicyView } from './policy.ts';
import { isCapped, steersByCaps, type Unit, type UnitMember } from './unit.ts';
import type { WorkloadView } from './workload.ts';

const RETAIN = 'resourcetemplate.karmada.io/retain-replicas';

/** A policy in the form to recommend: divided by weights, without a list of them. */
function policyToPaste(workload: WorkloadView): string {
  const { apiVersion = 'apps/v1', metadata } = workload.object;
  return [
    'apiVersion: policy.karmada.io/v1alpha1',
    'kind: PropagationPolicy',
    `metadata: {name: ${metadata.name}, namespace: ${workload.namespace}}`,
    'spec:',
    '  resourceSelectors:',
    `    - {apiVersion: ${apiVersion}, kind: ${workload.type.kind}, name: ${metadata.name}}`,
    '  placement:',
    '    replicaScheduling: {replicaSchedulingType: Divided, replicaDivisionPreference: Weighted}',
  ].join('\n');
}

function workloadRefusal(member: UnitMember, options: UnitOptions): Refusal | null {
  const { workload } = member;
  if (options.latencyClass === 'realtime') {
    return {
      reason: 'RealTime',
      message: `${workload.label} is realtime: it stays near its users; windvane.dev/latency-class: flexible would let it move`,
    };
  }
  if (options.latencyClass === null && member.traffic !== null) {
    return {
      reason: 'ServesTraffic',
      message: `${member.traffic} sends traffic to ${workload.label}; annotate it with windvane.dev/latency-class: flexible if its users do not mind where it runs, or realtime if they do`,
    };
  }
  if (workload.type.kind === 'StatefulSet') {
    return {
      reason: 'Stateful',
      message: `${workload.label} is a StatefulSet: divided over clusters it becomes several that know nothing of each other; remove windvane.dev/placement`,
    };
  }
  if (workload.claimsStorage) {
    return {
      reason: 'Stateful',
      message: `${workload.label} mounts a PersistentVolumeClaim, which does not move with it; remove windvane.dev/placement, or keep the data elsewhere`,
    };
  }
  return null;
}

function jobRefusal(member: UnitMember, policy: PolicyView | null): Refusal | null {
  const { workload } = member;
  if (workload.type.kind !== 'Job' || policy === null) return null;
  return {
    reason: 'ClaimedJob',
    message: `${policy.label} already places ${workload.label}; a started Job cannot move: leave it to no policy and Windvane dispatches it`,
  };
}

function autoscalerRefusal(member: UnitMember): Refusal | null {
  const { workload, autoscaler, scaler } = member;
  const by =
    autoscaler ??
    scaler?.label ??
    (workload.retainsReplicas ? `its label ${RETAIN} (members keep theirs)` : null);
  if (by === null) return null;
  const remedy = isCapped(member)
    ? `caps could, but only where all workloads of its policy are scaled by KEDA: give it a policy of its own`
    : scaler !== null && autoscaler === null
      ? `label it ${RETAIN}: "true", so that Karmada leaves the replicas to KEDA and Windvane sets its caps`
      : 'scale it with a FederatedHPA instead, or remove windvane.dev/placement';
  return {
    reason: 'MemberAutoscaler',
    message: `replicas of ${workload.label} are set inside the members by ${by}, so weights would not move them; ${remedy}`,
  };
}

function overrideRefusal(member: UnitMember): Refusal | null {
  const { workload, override, scaler } = member;
  if (override === null) return null;
  return {
    reason: 'OverrideConflict',
    message: isCapped(member)
      ? `${override} sets /spec/maxReplicaCount of ${scaler?.label ?? ''} or replicas of ${workload.label}, so caps would not decide there; take the field out of it, or remove windvane.dev/placement`
      : `${override} sets /spec/replicas of ${workload.label}, so weights would not decide there, nor would pins hold during a move; take /spec/replicas out of it, or remove windvane.dev/placement`,
  };
}

/** What in a policy's placement keeps weights from dividing replicas, with the way out; null when nothing does. */
function unsupported(policy: PolicyView): string | null {
  if (policy.spec === null) return 'has a form that this version does not know; leave it out';
  const { placement, schedulerName, suspension, preserveResourcesOnDeletion } = policy.spec;
  const scheduling = placement?.replicaScheduling;
  const remedy = 'use replicaSchedulingType: Divided with replicaDivisionPreference: Weighted';
  if (scheduling === undefined || scheduling === null) {
    return `has no replicaScheduling, so every cluster gets all replicas (Duplicated); ${remedy}`;
  }
  // The CRD's default, which an API server fills in, is Divided.
  if ((scheduling.replicaSchedulingType ?? 'Divided') !== 'Divided') {
    return `duplicates all replicas into every cluster; ${remedy}`;
  }
  if ((scheduling.replicaDivisionPreference ?? 'Weighted') !== 'Weighted') {
    return `packs replicas into few clusters (Aggregated); ${remedy}`;
  }
  const dynamic = scheduling.weightPreference?.dynamicWeight ?? '';
  if (dynamic !== '')
    return `divides by dynamicWeight ${dynamic}, which ignores static weights; remove dynamicWeight`;
  if ((placement?.clusterAffinities ?? []).length > 0) {
    return 'has clusterAffinities, tried one after another; use one clusterAffinity';
  }
  if ((placement?.spreadConstraints ?? []).length > 0) {
    return 'has spreadConstraints, which Karmada ignores beside weights; remove them, or leave this policy out';
  }
  if (placement?.workloadAffinity !== undefined && placement.workloadAffinity !== null) {
    return 'has a workloadAffinity, which ties it to other workloads; remove it, or leave this policy out';
  }
  if ((schedulerName ?? 'default-scheduler') !== 'default-scheduler') {
    return `is divided by the scheduler ${schedulerName ?? ''}, whose rules are not known; use default-scheduler`;
  }
  if (suspension !== undefined && suspension !== null && Object.keys(suspension).length > 0) {
    return 'is suspended: members would jump when it resumes; remove spec.suspension';
  }
  if (preserveResourcesOnDeletion === true) {
    return 'keeps resources in clusters that it leaves (preserveResourcesOnDeletion), so replicas would run twice; set it to false';
  }
  return null;
}

function policyRefusal(policy: PolicyView): Refusal | null {
  const shape = unsupported(policy);
  if (shape !== null) return { reason: 'UnsupportedPolicy', message: `${policy.label} ${shape}` };
  if (policy.spec?.activationPreference === 'Lazy') {
    return {
      reason: 'LazyPolicy',
      message: `${policy.label} is Lazy: weights would wait for the next change of the template, or a restart of Karmada; remove activationPreference`,
    };
  }
  return null;
}

/**
 * Why Windvane may not, or cannot, steer this unit: the first reason, in words, with the remedy. Null when it can.
 * With several workloads one that fails blocks all, and is named.
 */
export function fitRefusal(unit: Unit, options: UnitOptions): Refusal | null {
  const { policy } = unit;
  for (const member of unit.members) {
    const refusal = workloadRefusal(member, options) ?? jobRefusal(member, policy);
    if (refusal !== null) return refusal;
  }
  if (policy === null) {
    const [member] = unit.members;
    const what = member === undefined ? unit.label : member.workload.label;
    const paste = member === undefined ? '' : `; apply for example:\n${policyToPaste(member.workload)}`;
    return { reason: 'NoPolicy', message: `no policy claims ${what}, so Karmada places it nowhere${paste}` };
  }
  if (steersByCaps(unit)) {
    // Caps stand on objects of their own: the policy, whatever its shape, is not touched.
    return unit.members.map(overrideRefusal).find((each) => each !== null) ?? null;
  }
  const consent = consentRefusal({
    kind: policy.kind,
    label: policy.label,
    optedIn: isOptedIn(policy.object),
    bound: unit.bound,
  });
  if (consent !== null) return consent;
  const refusal = policyRefusal(policy);
  if (refusal !== null) return refusal;
  for (const member of unit.members) {
    const scaled = autoscalerRefusal(member) ?? overrideRefusal(member);
    if (scaled !== null) return scaled;
  }
  return null;
}
