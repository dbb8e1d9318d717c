/** Names that Karmada writes and reads on objects (its v1alpha1/v1alpha2 well_known_constants and util constants). */

export const POLICY_ID_LABEL = 'propagationpolicy.karmada.io/permanent-id';
export const POLICY_NAMESPACE_ANNOTATION = 'propagationpolicy.karmada.io/namespace';
export const POLICY_NAME_ANNOTATION = 'propagationpolicy.karmada.io/name';
export const CLUSTER_POLICY_ID_LABEL = 'clusterpropagationpolicy.karmada.io/permanent-id';
export const CLUSTER_POLICY_NAME_ANNOTATION = 'clusterpropagationpolicy.karmada.io/name';

export const BINDING_ID_LABEL = 'resourcebinding.karmada.io/permanent-id';
export const CLUSTER_BINDING_ID_LABEL = 'clusterresourcebinding.karmada.io/permanent-id';
export const BINDING_NAMESPACE_ANNOTATION = 'resourcebinding.karmada.io/namespace';
export const BINDING_NAME_ANNOTATION = 'resourcebinding.karmada.io/name';
export const CLUSTER_BINDING_NAME_ANNOTATION = 'clusterresourcebinding.karmada.io/name';

export const WORK_ID_LABEL = 'work.karmada.io/permanent-id';
export const WORK_NAME_ANNOTATION = 'work.karmada.io/name';
export const WORK_NAMESPACE_ANNOTATION = 'work.karmada.io/namespace';
export const CONFLICT_RESOLUTION_ANNOTATION = 'work.karmada.io/conflict-resolution';

export const APPLIED_PLACEMENT_ANNOTATION = 'policy.karmada.io/applied-placement';
export const APPLIED_OVERRIDES_ANNOTATION = 'policy.karmada.io/applied-overrides';
export const APPLIED_CLUSTER_OVERRIDES_ANNOTATION = 'policy.karmada.io/applied-cluster-overrides';

export const MANAGED_LABEL = 'karmada.io/managed';
export const RETAIN_REPLICAS_LABEL = 'resourcetemplate.karmada.io/retain-replicas';
export const TEMPLATE_GENERATION_ANNOTATION = 'resourcetemplate.karmada.io/generation';
export const TEMPLATE_UID_ANNOTATION = 'resourcetemplate.karmada.io/uid';

export const POLICY_FINALIZER = 'karmada.io/propagation-policy-controller';
export const CLUSTER_POLICY_FINALIZER = 'karmada.io/cluster-propagation-policy-controller';
export const BINDING_FINALIZER = 'karmada.io/binding-controller';
export const CLUSTER_BINDING_FINALIZER = 'karmada.io/cluster-resource-binding-controller';
export const WORK_FINALIZER = 'karmada.io/execution-controller';

const EXECUTION_SPACE_PREFIX = 'karmada-es-';

/** The namespace that holds the Works of a cluster. */
export function executionSpace(cluster: string): string {
  return `${EXECUTION_SPACE_PREFIX}${cluster}`;
}

/** The cluster whose Works a namespace holds; undefined for any other namespace. */
export function clusterOfSpace(namespace: string | undefined): string | undefined {
  return namespace?.startsWith(EXECUTION_SPACE_PREFIX)
    ? namespace.slice(EXECUTION_SPACE_PREFIX.length)
    : undefined;
}

/** Namespaces from which Karmada propagates nothing. */
export function isReservedNamespace(namespace: string | undefined): boolean {
  return namespace !== undefined && /^(karmada|kube)-/.test(namespace);
}

/** `web` of kind Deployment is bound by `web-deployment`; colons, which names of objects may not hold, become dots. */
export function bindingName(kind: string, name: string): string {
  return `${name.replaceAll(':', '.')}-${kind}`.toLowerCase();
}
