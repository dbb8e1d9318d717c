import { randomUUID } from 'node:crypto';
import type { Hub } from '../../runtime/client/hub.ts';
import { hasFinalizer, isDeleting, type JsonObject, labelOf } from '../../runtime/client/object.ts';
import type { Resource } from '../../runtime/client/resource.ts';
import type { Store } from '../../runtime/client/store.ts';
import { createWorkQueue, type WorkQueue } from '../../runtime/work-queue.ts';
import type { Policy } from '../types.ts';

/** Which names the defaults of one kind of policy carry. */
export interface PolicyNames {
  readonly idLabel: string;
  readonly finalizer: string;
}

/**
 * What Karmada's mutating webhook would have added to a policy, as a merge patch; undefined when it is all there.
 *
 * Karmada does this at admission. An ordinary client comes after the fact, so a policy is seen without these
 * for a moment and its generation grows by one where `Weighted` is added. The namespace of selectors is not
 * filled in: as a later writer we would take the atomic list away from its owner, and the detector takes a
 * missing namespace for the policy's own anyway.
 */
export function policyDefaults(policy: Policy, names: PolicyNames): JsonObject | undefined {
  const metadata: JsonObject = {};
  if (labelOf(policy, names.idLabel) === undefined) metadata['labels'] = { [names.idLabel]: randomUUID() };
  if (!hasFinalizer(policy, names.finalizer)) {
    metadata['finalizers'] = [...(policy.metadata.finalizers ?? []), names.finalizer];
  }
  const scheduling = policy.spec?.placement?.replicaScheduling;
  const divided = scheduling !== undefined && scheduling.replicaSchedulingType !== 'Duplicated';
  const unset = divided && scheduling.replicaDivisionPreference === undefined;
  if (Object.keys(metadata).length === 0 && !unset) return undefined;
  return {
    // Lists are replaced whole: the version keeps somebody else's finalizer safe.
    metadata: { ...metadata, resourceVersion: policy.metadata.resourceVersion },
    ...(unset
      ? { spec: { placement: { replicaScheduling: { replicaDivisionPreference: 'Weighted' } } } }
      : {}),
  };
}

/** Stand-in for karmada-webhook's defaults on one kind of policy. */
export function createPolicyDefaulter(
  hub: Hub,
  resource: Resource,
  policies: Store<Policy>,
  names: PolicyNames,
  onError: (key: string, error: unknown) => void,
): WorkQueue {
  const queue = createWorkQueue({
    onError,
    async reconcile(key) {
      const policy = policies.get(key);
      if (policy === undefined || isDeleting(policy)) return;
      const patch = policyDefaults(policy, names);
      if (patch !== undefined) await hub.patch(resource, policy, patch, 'karmada-webhook');
    },
  });
  policies.subscribe(({ key, after }) => {
    if (after !== undefined) queue.add(key);
  });
  return queue;
}
