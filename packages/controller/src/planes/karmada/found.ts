import { divide } from '../../engine/division/webster.ts';
import type { FoundValue } from '../../status/carbon-placement.ts';
import { matchesAffinity } from './affinity.ts';
import type { MemberCluster } from './member.ts';
import { readPolicySpec } from './read/policy-spec.ts';

/**
 * Weights per candidate that a static weight list stands for, as Karmada reads it: the largest of all rules that match
 * (pkg/scheduler/core/division_algorithm.go); without a list, or when no rule matches any candidate, 1 for each.
 */
export function foundWeights(
  found: FoundValue,
  candidates: readonly MemberCluster[],
): Readonly<Record<string, number>> {
  const rules =
    readPolicySpec({
      placement: { replicaScheduling: { weightPreference: { staticWeightList: found.value ?? [] } } },
    })?.placement?.replicaScheduling?.weightPreference?.staticWeightList ?? [];
  const weights: Record<string, number> = {};
  for (const member of candidates) {
    const matching = rules.filter((rule) => matchesAffinity(member, rule.targetCluster));
    const weight = Math.max(0, ...matching.map((rule) => rule.weight));
    if (weight > 0) weights[member.name] = weight;
  }
  if (Object.keys(weights).length > 0) return weights;
  return Object.fromEntries(candidates.map((member) => [member.name, 1]));
}

/** Where the replicas would stand if Windvane had never written. */
export function foundDivision(
  found: FoundValue,
  candidates: readonly MemberCluster[],
  replicas: number,
  uid: string,
): Record<string, number> {
  return divide(foundWeights(found, candidates), replicas, uid);
}
