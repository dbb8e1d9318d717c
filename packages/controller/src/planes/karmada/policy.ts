import { createHash } from 'node:crypto';
import { FIELD_MANAGER } from '../../kube/api.ts';
import { type KubeObject, keyOf, type ManagedFieldsEntry, type ResourceType } from '../../kube/resource.ts';
import type { FoundValue } from '../../status/carbon-placement.ts';
import { memoized } from '../shared/memo.ts';
import { type PolicySpec, readPolicySpec, type WeightRule } from './read/policy-spec.ts';
import { CLUSTER_PROPAGATION_POLICY, PROPAGATION_POLICY } from './resources.ts';

/** Label with the UUID that Karmada gives a policy when it is made. */
export const PERMANENT_ID = {
  PropagationPolicy: 'propagationpolicy.karmada.io/permanent-id',
  ClusterPropagationPolicy: 'clusterpropagationpolicy.karmada.io/permanent-id',
} as const;

export type PolicyKind = keyof typeof PERMANENT_ID;

/** A policy of either kind, as far as it is read. */
export interface PolicyView {
  readonly object: KubeObject;
  readonly type: ResourceType;
  readonly kind: PolicyKind;
  /** For people: `PropagationPolicy apps/web`. */
  readonly label: string;
  /** Null when it cannot be read: a version of Karmada that is not known. */
  readonly spec: PolicySpec | null;
  /** Null without a list. */
  readonly weights: readonly WeightRule[] | null;
  readonly permanentId: string | null;
}

const known = new WeakMap<KubeObject, PolicyView>();

/** Reads a policy, once for as long as it stays the same object. */
export function policyView(object: KubeObject, kind: PolicyKind): PolicyView {
  const view = known.get(object) ?? read(object, kind);
  known.set(object, view);
  return view;
}

function read(object: KubeObject, kind: PolicyKind): PolicyView {
  const spec = readPolicySpec(object.spec);
  const list = spec?.placement?.replicaScheduling?.weightPreference?.staticWeightList;
  return {
    object,
    type: kind === 'PropagationPolicy' ? PROPAGATION_POLICY : CLUSTER_PROPAGATION_POLICY,
    kind,
    label: `${kind} ${keyOf(object)}`,
    spec,
    weights: list ?? null,
    permanentId: object.metadata.labels?.[PERMANENT_ID[kind]] ?? null,
  };
}

type Json = { readonly [key: string]: unknown };

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function valueAt(root: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, key) => (isRecord(at) ? at[key] : undefined), root);
}

const fieldPath = ['spec', 'placement', 'replicaScheduling', 'weightPreference', 'staticWeightList'];

/** What stands in the one field that Windvane writes, word for word. */
export function foundIn(object: KubeObject): FoundValue {
  const value = valueAt(object, fieldPath);
  return value === undefined || value === null ? { present: false, value: null } : { present: true, value };
}

/** Identifies everything of the spec but the weights. */
export const policyShape: (object: KubeObject) => string = memoized((object) => {
  const spec = structuredClone(object.spec);
  const preference = valueAt(spec, fieldPath.slice(1, -1));
  if (isRecord(preference)) Reflect.deleteProperty(preference, 'staticWeightList');
  const scheduling = valueAt(spec, fieldPath.slice(1, -2));
  // Without any weights there may be no weightPreference at all.
  if (isRecord(scheduling) && isRecord(preference) && Object.keys(preference).length === 0) {
    Reflect.deleteProperty(scheduling, 'weightPreference');
  }
  return createHash('sha256')
    .update(JSON.stringify(sorted(spec)))
    .digest('hex')
    .slice(0, 16);
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  );
}

function holdsField(entry: ManagedFieldsEntry): boolean {
  return (
    valueAt(
      entry.fieldsV1,
      fieldPath.map((key) => `f:${key}`),
    ) !== undefined
  );
}

/** Whether Windvane owns the weight list now. */
export function ownsWeights(object: KubeObject): boolean {
  return (object.metadata.managedFields ?? []).some(
    (entry) => entry.manager === FIELD_MANAGER && entry.operation === 'Apply' && holdsField(entry),
  );
}

/** Other managers that own the weight list. */
export function otherOwners(object: KubeObject): string[] {
  const names = (object.metadata.managedFields ?? [])
    .filter((entry) => entry.manager !== FIELD_MANAGER && holdsField(entry))
    .map((entry) => entry.manager ?? 'unknown');
  return [...new Set(names)].sort();
}

/** A rule for one cluster by name. */
interface NamedWeight {
  readonly targetCluster: { readonly clusterNames: readonly [string] };
  readonly weight: number;
}

/**
 * The one form in which weights are written: a rule per cluster, ordered by name, so that equal weights are equal
 * texts and Karmada sees no change.
 */
export function canonicalWeights(weights: Readonly<Record<string, number>>): NamedWeight[] {
  return Object.entries(weights)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([cluster, weight]) => ({ targetCluster: { clusterNames: [cluster] as const }, weight }));
}

/** Whether the policy's list says exactly these weights in the canonical form. */
export function listsWeights(policy: PolicyView, weights: Readonly<Record<string, number>>): boolean {
  const listed = (policy.weights ?? []).map((rule) => [rule.targetCluster.clusterNames ?? [], rule.weight]);
  const wanted = canonicalWeights(weights).map((rule) => [rule.targetCluster.clusterNames, rule.weight]);
  return JSON.stringify(listed) === JSON.stringify(wanted);
}
