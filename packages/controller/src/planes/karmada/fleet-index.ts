import type { KubeObject, ResourceType } from '../../kube/resource.ts';
import { servesTraffic, type TrafficSources } from '../../optin/serves-traffic.ts';
import { rememberedFrom } from '../../status/schema.ts';
import { autoscalerOf } from './autoscalers.ts';
import { type BindingView, bindingView } from './binding.ts';
import { type PolicyKind, type PolicyView, policyView } from './policy.ts';
import { isOptedIn, type Unit, type UnitMember } from './unit.ts';
import { type Claim, claimOf, type WorkloadView, workloadView } from './workload.ts';

/** The objects of one hub, by kind. */
export interface HubObjects {
  readonly workloads: readonly { readonly type: ResourceType; readonly objects: Iterable<KubeObject> }[];
  readonly policies: readonly { readonly kind: PolicyKind; readonly objects: Iterable<KubeObject> }[];
  readonly bindings: Iterable<KubeObject>;
  readonly traffic: TrafficSources;
  readonly autoscalers: Iterable<KubeObject>;
  readonly namespace: (name: string) => KubeObject | undefined;
  readonly placement: (key: string) => KubeObject | undefined;
}

/** All units of a hub at one moment. */
export interface FleetIndex {
  readonly units: ReadonlyMap<string, Unit>;
  /** Keys of the CarbonPlacements that there should be. */
  readonly placements: ReadonlySet<string>;
}

/** Key of the unit that a policy makes. */
export function policyUnitKey(kind: PolicyKind, key: string): string {
  return `${kind} ${key}`;
}

/** Name of a workload's CarbonPlacement, with its namespace before it. */
export function placementKey(workload: WorkloadView): string {
  return `${workload.namespace}/${workload.name}-${workload.type.kind.toLowerCase()}`;
}

const resourceKey = (kind: string, namespace: string, name: string): string => `${kind} ${namespace}/${name}`;

interface Known {
  readonly workload: WorkloadView;
  readonly claim: Claim | null;
  readonly optedIn: boolean;
}

/** Finds every unit: annotated policies with all that they bind, and annotated workloads with the policy that claims them. */
export function buildFleetIndex(hub: HubObjects, serves: (namespace: string) => boolean): FleetIndex {
  const policies = new Map<string, PolicyView>();
  for (const { kind, objects } of hub.policies) {
    for (const object of objects) {
      const view = policyView(object, kind);
      policies.set(policyUnitKey(kind, keyIn(object)), view);
    }
  }
  const bindings = new Map<string, BindingView>();
  for (const object of hub.bindings) {
    const view = bindingView(object);
    if (view !== null)
      bindings.set(resourceKey(view.resource.kind, view.resource.namespace, view.resource.name), view);
  }
  const known = new Map<string, Known>();
  for (const { type, objects } of hub.workloads) {
    for (const object of objects) {
      const workload = workloadView(object, type);
      const optedIn = isOptedIn(object) && serves(workload.namespace);
      known.set(workload.label, { workload, claim: claimOf(object), optedIn });
    }
  }

  /** Claimed workloads by unit, opted in or not. */
  const bound = new Map<string, Known[]>();
  for (const each of known.values()) {
    const key = unitOf(each.claim, policies);
    if (key === null) continue;
    const list = bound.get(key);
    if (list === undefined) bound.set(key, [each]);
    else list.push(each);
  }
  const strangers = strangersOf(bindings, known, policies);

  const units = new Map<string, Unit>();
  const placements = new Set<string>();
  const add = (key: string, policy: PolicyView | null, members: readonly Known[]): void => {
    const [first] = members;
    if (first === undefined) return;
    const all = [
      ...(bound.get(key) ?? []).map(({ workload, optedIn }) => ({ label: workload.label, optedIn })),
      ...(strangers.get(key) ?? []).map((label) => ({ label, optedIn: false })),
    ];
    units.set(key, {
      key,
      label: policy?.label ?? first.workload.label,
      policy,
      members: members.map(({ workload }) => memberOf(workload, bindings, hub)),
      bound: all,
    });
    for (const { workload } of members) placements.add(placementKey(workload));
  };

  for (const [key, policy] of policies) {
    const all = bound.get(key) ?? [];
    const chosen = policyOptsIn(policy, serves) ? all : all.filter((each) => each.optedIn);
    add(key, policy, chosen);
  }
  for (const [label, each] of known) {
    if (each.optedIn && unitOf(each.claim, policies) === null) add(label, null, [each]);
  }
  return { units, placements };
}

function policyOptsIn(policy: PolicyView, serves: (namespace: string) => boolean): boolean {
  const { namespace } = policy.object.metadata;
  return isOptedIn(policy.object) && (namespace === undefined || serves(namespace));
}

function keyIn(object: KubeObject): string {
  const { namespace, name } = object.metadata;
  return namespace === undefined ? name : `${namespace}/${name}`;
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
  return {
    workload,
    binding: bindings.get(workload.label) ?? null,
    namespace: hub.namespace(workload.namespace) ?? null,
    traffic: servesTraffic(workload, hub.traffic),
    autoscaler: autoscalerOf(workload, hub.autoscalers),
    remembered: rememberedFrom(hub.placement(placementKey(workload))?.status),
  };
}
