import { type KubeObject } from '../../runtime/client/object.ts';
import { matchesAffinity } from '../scheduler/affinity.ts';
import { byteOrder } from '../scheduler/webster.ts';
import { closest } from '../selectors.ts';
import type { Cluster, MapOverrider, OverridePolicy, Overriders } from '../types.ts';
import { applyStep, OverrideError } from './json-pointer.ts';

/** One entry of the applied-overrides annotation on a Work. */
export interface AppliedOverride {
  readonly policyName: string;
  readonly overriders: Overriders;
}

/** Which policy broke, for the event. */
export class ApplyOverrideError extends OverrideError {
  readonly policy: OverridePolicy;

  constructor(policy: OverridePolicy, cause: OverrideError) {
    super(cause.message);
    this.policy = policy;
  }
}

/** Whether an override policy is about a template; one without selectors is about everything it can see. */
export function overrides(policy: OverridePolicy, template: KubeObject): boolean {
  return rankOf(policy, template) > 0;
}

function rankOf(policy: OverridePolicy, template: KubeObject): number {
  const selectors = policy.spec?.resourceSelectors ?? [];
  // Nothing selected is the weakest way of selecting, below a match by kind.
  return selectors.length === 0 ? 0.5 : closest(template, selectors, policy.metadata.namespace);
}

/** Matching policies, weakest match first, then by name: what comes later wins. */
function inOrder(policies: Iterable<OverridePolicy>, template: KubeObject): OverridePolicy[] {
  const ranked = [...policies]
    .map((policy) => ({ policy, rank: rankOf(policy, template) }))
    .filter(({ rank }) => rank > 0);
  ranked.sort((a, b) => a.rank - b.rank || byteOrder(a.policy.metadata.name, b.policy.metadata.name));
  return ranked.map(({ policy }) => policy);
}

/** What a policy prescribes for a cluster, in order. */
function rulesFor(policy: OverridePolicy, cluster: Cluster): Overriders[] {
  const spec = policy.spec;
  const rules =
    spec?.overrideRules !== undefined && spec.overrideRules.length > 0
      ? spec.overrideRules
      : [{ targetCluster: spec?.targetCluster, overriders: spec?.overriders ?? {} }];
  return rules.filter((rule) => matchesAffinity(cluster, rule.targetCluster)).map((rule) => rule.overriders);
}

function applyMap(manifest: KubeObject, field: 'labels' | 'annotations', overrider: MapOverrider): void {
  const own = (manifest.metadata[field] ??= {});
  for (const [key, value] of Object.entries(overrider.value)) {
    if (overrider.operator === 'remove') delete own[key];
    // Karmada replaces only what is there.
    else if (overrider.operator === 'add' || Object.hasOwn(own, key)) own[key] = value;
  }
}

function applyOverriders(manifest: KubeObject, overriders: Overriders): void {
  for (const overrider of overriders.labelsOverrider ?? []) applyMap(manifest, 'labels', overrider);
  for (const overrider of overriders.annotationsOverrider ?? []) applyMap(manifest, 'annotations', overrider);
  for (const step of overriders.plaintext ?? []) applyStep(manifest, step);
}

/**
 * Applies to `manifest`, in place, all that `policies` prescribe for it in `cluster`. Overriders other than
 * plaintext, labels and annotations are not imitated.
 *
 * @returns what was applied, by name of the policy.
 * @throws ApplyOverrideError when a step does not fit; the manifest is not to be used then.
 */
export function applyOverrides(
  manifest: KubeObject,
  policies: Iterable<OverridePolicy>,
  cluster: Cluster,
): AppliedOverride[] {
  const applied: AppliedOverride[] = [];
  for (const policy of inOrder(policies, manifest)) {
    for (const overriders of rulesFor(policy, cluster)) {
      try {
        applyOverriders(manifest, overriders);
      } catch (error) {
        throw error instanceof OverrideError ? new ApplyOverrideError(policy, error) : error;
      }
      applied.push({ policyName: policy.metadata.name, overriders });
    }
  }
  return applied.sort((a, b) => byteOrder(a.policyName, b.policyName));
}
