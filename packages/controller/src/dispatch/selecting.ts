import { z } from 'zod';
import { type KubeObject, keyOf } from '../kube/resource.ts';
import { labelSelectorSchema, matchesLabels } from '../planes/shared/label-selector.ts';
import { memoized } from '../planes/shared/memo.ts';
import type { JobView } from './job-view.ts';
import { isDispatchPolicy } from './policy.ts';

const schema = z.object({
  resourceSelectors: z.array(
    z.object({
      apiVersion: z.string(),
      kind: z.string(),
      namespace: z.string().nullish(),
      name: z.string().nullish(),
      labelSelector: labelSelectorSchema.nullish(),
    }),
  ),
});

const selectorsOf = memoized(
  (policy: KubeObject) => schema.safeParse(policy.spec).data?.resourceSelectors ?? [],
);

function selects(policy: KubeObject, { workload }: JobView): boolean {
  const { namespace } = policy.metadata;
  if (namespace !== undefined && namespace !== workload.namespace) return false;
  const { apiVersion, metadata } = workload.object;
  return selectorsOf(policy).some((selector) => {
    if (selector.apiVersion !== apiVersion || selector.kind !== workload.type.kind) return false;
    if ((selector.namespace ?? '') !== '' && selector.namespace !== workload.namespace) return false;
    if ((selector.name ?? '') !== '') return selector.name === workload.name;
    return matchesLabels(metadata.labels ?? {}, selector.labelSelector);
  });
}

/**
 * A user's policy that selects a Job, for people; null when there is none. Karmada takes a moment to claim what a policy
 * selects: to dispatch a Job in that moment would give it two policies. Namespaces of Karmada itself take no part.
 */
export function selectedBy(job: JobView, policies: Iterable<KubeObject>): string | null {
  for (const policy of policies) {
    if (isDispatchPolicy(policy) || !selects(policy, job)) continue;
    const kind = policy.metadata.namespace === undefined ? 'ClusterPropagationPolicy' : 'PropagationPolicy';
    return `${kind} ${keyOf(policy)}`;
  }
  return null;
}
