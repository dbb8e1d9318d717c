import type { KubeObject } from '../../runtime/client/object.ts';
import { byteOrder } from '../scheduler/webster.ts';
import { closest } from '../selectors.ts';
import type { Policy } from '../types.ts';

/** Whether a policy selects a template, and how closely. */
export function selects(policy: Policy, template: KubeObject): number {
  return closest(template, policy.spec?.resourceSelectors ?? [], policy.metadata.namespace);
}

/**
 * The policy of one kind that takes an unclaimed template: the highest explicit priority, then the closest
 * match (name, label, kind), then the first name. Policies that are being deleted take nothing.
 */
export function bestPolicy(policies: Iterable<Policy>, template: KubeObject): Policy | undefined {
  let best: { policy: Policy; closeness: number; priority: number } | undefined;
  for (const policy of policies) {
    if (policy.metadata.deletionTimestamp !== undefined) continue;
    const closeness = selects(policy, template);
    if (closeness === 0) continue;
    const candidate = { policy, closeness, priority: policy.spec?.priority ?? 0 };
    if (best === undefined || precedes(candidate, best)) best = candidate;
  }
  return best?.policy;
}

interface Rank {
  readonly policy: Policy;
  readonly closeness: number;
  readonly priority: number;
}

function precedes(a: Rank, b: Rank): boolean {
  if (a.priority !== b.priority) return a.priority > b.priority;
  if (a.closeness !== b.closeness) return a.closeness > b.closeness;
  return byteOrder(a.policy.metadata.name, b.policy.metadata.name) < 0;
}
