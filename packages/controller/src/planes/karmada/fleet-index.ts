import { isDeepStrictEqual } from 'node:util';
import { isDispatchPolicy } from '../../dispatch/policy.ts';
import { type KubeObject, keyOf, type ResourceType } from '../../kube/resource.ts';
import { servesTraffic, type TrafficSources } from '../../optin/serves-traffic.ts';
import { rememberedFrom } from '../../status/schema.ts';
import { memoized } from '../shared/memo.ts';
import { isOptedIn } from '../shared/opted-in.ts';
import { placementKey } from '../shared/placement-writer.ts';
import { stepRecord } from './annotations.ts';
import { autoscalerOf } from './autoscalers.ts';
import { type BindingView, bindingView } from './binding.ts';
import { scaledObjectOf } from './caps/scaled-object.ts';
import { overrideOf } from './overrides.ts';
import { type PolicyKind, type PolicyView, policyView } from './policy.ts';
import {
  CLUSTER_PROPAGATION_POLICY,
  JOB,
  PROPAGATION_POLICY,
  RESOURCE_BINDING,
  SCALED_OBJECT,
  workloadKinds,
} from './resources.ts';
import { type StepsUnderWay, stepsOn } from './steps-under-way.ts';
import type { Unit, UnitMember } from './unit.ts';
import { type Claim, claimOf, type ReplicaRequests, type WorkloadView, workloadView } from './workload.ts';

/** The objects of one hub, by kind. */
export interface HubObjects {
  readonly workloads: readonly { readonly type: ResourceType; readonly objects: Iterable<KubeObject> }[];
  readonly policies: readonly { readonly kind: PolicyKind; readonly objects: Iterable<KubeObject> }[];
  readonly bindings: Iterable<KubeObject>;
  /** What sends traffic to workloads of a namespace. */
  readonly traffic: (namespace: string) => TrafficSources;
  readonly autoscalers: (namespace: string) => Iterable<KubeObject>;
  /** Override policies of both kinds that may select something in a namespace. */
  readonly overrides: (namespace: string) => Iterable<KubeObject>;
  readonly namespace: (name: string) => KubeObject | undefined;
  readonly placement: (key: string) => KubeObject | undefined;
}

/** All units of a hub. Units are put together when they are asked for, from the objects of that moment. */
export interface FleetIndex {
  readonly keys: ReadonlySet<string>;
  unit(key: string): Unit | undefined;
  /** Keys of the CarbonPlacements that there should be. */
  readonly placements: ReadonlySet<string>;
  /** Replicas of all units. */
  managedReplicas(): number;
  /** Steps on the policies of these units. */
  steps(): StepsUnderWay;
  /** What one replica of a workload of these units asks for, by the workload's key. */
  requests(workload: string): ReplicaRequests | undefined;
  /** Policies of units, by the key of the unit. */
  readonly policies: ReadonlyMap<string, PolicyView>;
  /** Takes over a changed object. False when it may make other units than there were: then the index is of no more use. */
  take(type: ResourceType, now: KubeObject | null, before: KubeObject | null): boolean;
}

/** Key of the unit that a policy makes. */
export function policyUnitKey(kind: PolicyKind, key: string): string {
  return `${kind} ${key}`;
}

interface Known {
  workload: WorkloadView;
  readonly claim: Claim | null;
  readonly optedIn: boolean;
}

/** What makes a unit, before anything that bears on it is looked up. */
interface Entry {
  readonly policy: string | null;
  readonly members: readonly Known[];
}

const readBinding = memoized(bindingView);
const readRemembered = memoized((placement: KubeObject) => rememberedFrom(placement.status));

function policiesOf(hub: HubObjects): Map<string, PolicyView> {
  const policies = new Map<string, PolicyView>();
  for (const { kind, objects } of hub.policies) {
    for (const object of objects) {
      if (isDispatchPolicy(object)) continue;
      policies.set(policyUnitKey(kind, keyOf(object)), policyView(object, kind));
    }
  }
  return policies;
}

/** The label of the workload that is bound. */
function labelOf({ resource: { kind, namespace, name } }: BindingView): string {
  return `${kind} ${namespace}/${name}`;
}

function bindingsOf(hub: HubObjects): Map<string, BindingView> {
  const bindings = new Map<string, BindingView>();
  for (const object of hub.bindings) {
    const view = readBinding(object);
    if (view === null) continue;
    bindings.set(labelOf(view), view);
  }
  return bindings;
}

function workloadsOf(hub: HubObjects, serves: (namespace: string) => boolean): Map<string, Known> {
  const known = new Map<string, Known>();
  for (const { type, objects } of hub.workloads) {
    for (const object of objects) {
      const workload = workloadView(object, type);
      const optedIn = isOptedIn(object) && serves(workload.namespace);
      known.set(workload.label, { workload, claim: claimOf(object), optedIn });
    }
  }
  return known;
}

/** Finds every unit: annotated policies with all that they bind, and annotated workloads with the policy that claims them. */
export function buildFleetIndex(hub: HubObjects, serves: (namespace: string) => boolean): FleetIndex {
  const policies = policiesOf(hub);
  const bindings = bindingsOf(hub);
  const known = workloadsOf(hub, serves);
  const bound = Map.groupBy(known.values(), (each) => unitOf(each.claim, policies));
  const strangers = strangersOf(bindings, known, policies);
  const entries = new Map<string, Entry>();
  const membersOf = (key: string, policy: PolicyView): readonly Known[] => {
    const claimed = bound.get(key) ?? [];
    if (policyOptsIn(policy, serves)) return claimed;
    // A step that is under way is brought to its end, also when nobody follows any more.
    const moving = stepRecord(policy.object)?.divisions ?? {};
    return claimed.filter(({ optedIn, workload }) => optedIn || Object.hasOwn(moving, workload.key));
  };
  for (const [key, policy] of policies) {
    const members = membersOf(key, policy);
    if (members.length > 0) entries.set(key, { policy: key, members });
  }
  for (const each of bound.get(null) ?? []) {
    // A Job that no user's policy claims is dispatched.
    if (each.optedIn && each.workload.type !== JOB)
      entries.set(each.workload.label, { policy: null, members: [each] });
  }
  const all = [...entries.values()].flatMap((entry) => entry.members);
  const byKey = new Map(all.map((each) => [each.workload.key, each]));
  const ofUnits = new Map([...policies].filter(([key]) => entries.has(key)));
  let managed: number | null = null;
  let steps: StepsUnderWay | null = null;

  function takeWorkload(type: ResourceType, now: KubeObject, before: KubeObject): boolean {
    const view = workloadView(now, type);
    const each = known.get(view.label);
    if (each === undefined || isOptedIn(now) !== isOptedIn(before)) return false;
    if (!isDeepStrictEqual(claimOf(now), each.claim)) return false;
    each.workload = view;
    return true;
  }

  function takePolicy(kind: PolicyKind, now: KubeObject): boolean {
    const key = policyUnitKey(kind, keyOf(now));
    const policy = policyView(now, kind);
    if (policy.permanentId !== policies.get(key)?.permanentId) return false;
    const [after, members] = [membersOf(key, policy), entries.get(key)?.members ?? []];
    if (after.length !== members.length || after.some((each, at) => each !== members[at])) return false;
    policies.set(key, policy);
    if (ofUnits.has(key)) ofUnits.set(key, policy);
    steps = null;
    return true;
  }

  function takeBinding(now: KubeObject, before: KubeObject): boolean {
    const [view, last] = [readBinding(now), readBinding(before)];
    if (view === null || last === null || (view.replicas === 0) !== (last.replicas === 0)) return false;
    if (labelOf(view) !== labelOf(last) || !isDeepStrictEqual(claimOf(now), claimOf(before))) return false;
    bindings.set(labelOf(view), view);
    managed = null;
    return true;
  }

  return {
    keys: new Set(entries.keys()),
    placements: new Set(all.map(({ workload }) => placementKey(workload))),
    managedReplicas() {
      managed ??= all.reduce((sum, { workload }) => sum + replicasOf(bindings.get(workload.label)), 0);
      return managed;
    },
    steps() {
      steps ??= stepsOn(ofUnits);
      return steps;
    },
    requests: (key) => byKey.get(key)?.workload.requests,
    policies: ofUnits,
    take(type, now, before) {
      if (type === PROPAGATION_POLICY || type === CLUSTER_PROPAGATION_POLICY) {
        const kind = type === PROPAGATION_POLICY ? 'PropagationPolicy' : 'ClusterPropagationPolicy';
        return now !== null && before !== null && takePolicy(kind, now);
      }
      if (type === RESOURCE_BINDING) return now !== null && before !== null && takeBinding(now, before);
      if (workloadKinds.includes(type))
        return now !== null && before !== null && takeWorkload(type, now, before);
      // Everything else is looked up when a unit is put together.
      return true;
    },
    unit(key) {
      const entry = entries.get(key);
      const first = entry?.members[0];
      if (entry === undefined || first === undefined) return undefined;
      const policy = entry.policy === null ? null : (policies.get(entry.policy) ?? null);
      return {
        key,
        label: policy?.label ?? first.workload.label,
        policy,
        members: entry.members.map(({ workload }) => memberOf(workload, bindings, hub)),
        bound: [
          ...(bound.get(key) ?? []).map(({ workload, optedIn }) => ({ label: workload.label, optedIn })),
          ...(strangers.get(key) ?? []).map((label) => ({ label, optedIn: false })),
        ],
      };
    },
  };
}

/** The template's, or what autoscalers in the members have made of them. */
function replicasOf(binding: BindingView | undefined): number {
  if (binding === undefined) return 0;
  const running = Object.values(binding.running).reduce((sum, count) => sum + count, 0);
  return Math.max(binding.replicas, running);
}

function policyOptsIn(policy: PolicyView, serves: (namespace: string) => boolean): boolean {
  const { namespace } = policy.object.metadata;
  return isOptedIn(policy.object) && (namespace === undefined || serves(namespace));
}

/** The unit of a claim; null when its policy is gone or is another one of the same name. */
function unitOf(claim: Claim | null, policies: ReadonlyMap<string, PolicyView>): string | null {
  if (claim === null) return null;
  const key = policyUnitKey(claim.kind, claim.key);
  return policies.get(key)?.permanentId === claim.permanentId ? key : null;
}

/** Bound resources with replicas whose kind is not watched: weights would move them as well. */
function strangersOf(
  bindings: ReadonlyMap<string, BindingView>,
  known: ReadonlyMap<string, Known>,
  policies: ReadonlyMap<string, PolicyView>,
): Map<string, string[]> {
  const strangers = new Map<string, string[]>();
  for (const [label, binding] of bindings) {
    if (binding.replicas === 0 || known.has(label)) continue;
    const key = unitOf(claimOf(binding.object), policies);
    if (key === null) continue;
    strangers.set(key, [...(strangers.get(key) ?? []), label]);
  }
  return strangers;
}

function memberOf(
  workload: WorkloadView,
  bindings: ReadonlyMap<string, BindingView>,
  hub: HubObjects,
): UnitMember {
  const placement = hub.placement(placementKey(workload));
  const bindingOf = (label: string): BindingView | null => bindings.get(label) ?? null;
  const scaler = scaledObjectOf(workload, hub.autoscalers(workload.namespace), bindingOf);
  return {
    workload,
    binding: bindings.get(workload.label) ?? null,
    namespace: hub.namespace(workload.namespace) ?? null,
    traffic: servesTraffic(workload, hub.traffic(workload.namespace)),
    autoscaler: autoscalerOf(workload, hub.autoscalers(workload.namespace)),
    scaler,
    override:
      overrideOf(workload, '/spec/replicas', hub.overrides(workload.namespace)) ??
      (scaler === null
        ? null
        : overrideOf(
            { ...scaler, type: SCALED_OBJECT },
            '/spec/maxReplicaCount',
            hub.overrides(workload.namespace),
          )),
    remembered: placement === undefined ? rememberedFrom(undefined) : readRemembered(placement),
  };
}
