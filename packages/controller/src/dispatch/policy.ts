import { createHash } from 'node:crypto';
import { z } from 'zod';
import { apiVersionOf, type KubeObject } from '../kube/resource.ts';
import { PREFIX } from '../optin/keys.ts';
import type { JobView } from './job-view.ts';

/** Label of the policies that dispatch a Job. */
export const DISPATCH_LABEL: string = `${PREFIX}dispatch`;
const NAME_PREFIX = 'windvane-dispatch-';
const NAME_LENGTH = 200;

/**
 * Name of the one policy that dispatches this very Job: the same at every attempt, so that a second creation fails, and
 * another for a Job that comes later under the same name.
 */
export function dispatchPolicyName({ workload, uid }: JobView): string {
  const id = createHash('sha256').update(uid).digest('hex').slice(0, 8);
  return `${NAME_PREFIX}${`${workload.name}-${workload.type.kind.toLowerCase()}`.slice(0, NAME_LENGTH)}-${id}`;
}

/** One cluster, dependencies along. Without replicaScheduling that one cluster gets all of it. */
function specOf({ workload }: JobView, cluster: string): Readonly<Record<string, unknown>> {
  const { type, namespace, name } = workload;
  return {
    resourceSelectors: [{ apiVersion: apiVersionOf(type), kind: type.kind, namespace, name }],
    propagateDeps: true,
    placement: { clusterAffinity: { clusterNames: [cluster] } },
  };
}

/** The policy that starts a Job in a cluster. It goes with its Job, and does not hold up the Job's deletion. */
export function dispatchPolicy(job: JobView, cluster: string): KubeObject {
  const { type, namespace, name } = job.workload;
  return {
    metadata: {
      name: dispatchPolicyName(job),
      namespace,
      labels: { [DISPATCH_LABEL]: 'true' },
      ownerReferences: [{ apiVersion: apiVersionOf(type), kind: type.kind, name, uid: job.uid }],
    },
    spec: specOf(job, cluster),
  };
}

/** The same for people to apply themselves. */
export function policyToPaste(job: JobView, cluster: string): string {
  const { workload } = job;
  const { apiVersion = '' } = workload.object;
  return [
    'apiVersion: policy.karmada.io/v1alpha1',
    'kind: PropagationPolicy',
    `metadata: {name: ${workload.name}, namespace: ${workload.namespace}}`,
    'spec:',
    '  resourceSelectors:',
    `    - {apiVersion: ${apiVersion}, kind: ${workload.type.kind}, name: ${workload.name}}`,
    '  propagateDeps: true',
    '  placement:',
    `    clusterAffinity: {clusterNames: [${cluster}]}`,
  ].join('\n');
}

/** Made by Windvane to dispatch a Job, also after an uninstallation took the label off. */
export function isDispatchPolicy(object: KubeObject): boolean {
  const { name, labels = {}, ownerReferences = [] } = object.metadata;
  return (
    name.startsWith(NAME_PREFIX) && (labels[DISPATCH_LABEL] !== undefined || ownerReferences.length === 1)
  );
}

const placed = z.object({
  placement: z.object({ clusterAffinity: z.object({ clusterNames: z.array(z.string()).min(1) }) }),
});

/** The cluster that a dispatch policy names; null when somebody changed it. */
export function clusterOf(policy: KubeObject): string | null {
  return placed.safeParse(policy.spec).data?.placement.clusterAffinity.clusterNames[0] ?? null;
}

/** The Job that a dispatch policy is for. */
export function ownerOfDispatch(policy: KubeObject): { kind: string; name: string; uid: string } | null {
  return policy.metadata.ownerReferences?.[0] ?? null;
}
