import type { KubeObject } from '../../kube/resource.ts';
import { annotationsHash } from '../../optin/hash.ts';
import { userAnnotations } from '../../optin/keys.ts';
import { type MergedOptIn, mergeOptIn } from '../../optin/merge.ts';
import { type OptInSource, parseOptIn } from '../../optin/parse.ts';
import type { Remembered } from '../../status/schema.ts';
import type { BindingView } from './binding.ts';
import type { ScaledObjectView } from './caps/scaled-object.ts';
import type { PolicyView } from './policy.ts';
import type { WorkloadView } from './workload.ts';

/** One opted-in workload with everything that bears on it. */
export interface UnitMember {
  readonly workload: WorkloadView;
  /** Null until Karmada has bound it. */
  readonly binding: BindingView | null;
  readonly namespace: KubeObject | null;
  /** What sends traffic to it, for people; null for nothing. */
  readonly traffic: string | null;
  /** What scales it inside the members, for people; null for nothing. */
  readonly autoscaler: string | null;
  /** KEDA's object that scales it inside the members, as the hub propagates it; null when there is none. */
  readonly scaler: ScaledObjectView | null;
  /** What else sets in members what Windvane would set there, for people; null for nothing. */
  readonly override: string | null;
  /** Its last stored status. */
  readonly remembered: Remembered;
}

/** What one decision places: the workloads of a policy, or a workload that no policy claims. */
export interface Unit {
  readonly key: string;
  /** For people: `PropagationPolicy apps/web`. */
  readonly label: string;
  readonly policy: PolicyView | null;
  readonly members: readonly UnitMember[];
  /** Every workload that the policy places, opted in or not. */
  readonly bound: readonly { readonly label: string; readonly optedIn: boolean }[];
}

/** Members keep the replicas that KEDA sets there, so that caps move it and weights would not. */
export function isCapped({ workload, scaler, autoscaler }: UnitMember): boolean {
  return scaler !== null && workload.retainsReplicas && autoscaler === null;
}

/** Whether a unit is steered by caps on its ScaledObjects. All of its workloads must be. */
export function steersByCaps({ members }: Pick<Unit, 'members'>): boolean {
  return members.length > 0 && members.every(isCapped);
}

export interface UnitOptIn extends MergedOptIn {
  /** Changes when any annotation of the opt-in does. */
  readonly hash: string;
}

/** Reads and merges all annotations that speak for the unit. */
export function optInOf(unit: Unit, hubDefaults: Readonly<Record<string, string>>): UnitOptIn {
  const written = new Map<string, Readonly<Record<string, string>>>();
  const namespaces = new Map<string, OptInSource>();
  const note = (label: string, object: KubeObject): Readonly<Record<string, string>> => {
    const annotations = userAnnotations(object.metadata.annotations);
    written.set(label, annotations);
    return annotations;
  };
  const replicas = steersByCaps(unit) ? 'keda-caps' : 'karmada-weights';
  const policy =
    unit.policy === null
      ? null
      : parseOptIn('policy', unit.policy.label, note(unit.policy.label, unit.policy.object), replicas);
  const workloads = unit.members.map(({ workload, namespace }) => {
    const lever = workload.type.kind === 'Job' ? 'job-dispatch' : replicas;
    const own = parseOptIn('workload', workload.label, note(workload.label, workload.object), lever);
    if (namespace === null) return { own, namespace: null };
    const label = `Namespace ${namespace.metadata.name}`;
    const source = namespaces.get(label) ?? parseOptIn('namespace', label, note(label, namespace), null);
    namespaces.set(label, source);
    return { own, namespace: source };
  });
  const hub =
    Object.keys(hubDefaults).length === 0
      ? null
      : parseOptIn('hub', "the hub's configuration", hubDefaults, null);
  return { ...mergeOptIn({ policy, workloads, hub }), hash: annotationsHash(written) };
}
