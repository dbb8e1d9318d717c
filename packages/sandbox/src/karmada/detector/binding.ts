import { randomUUID } from 'node:crypto';
import { mergePatch } from '../../runtime/client/merge-patch.ts';
import { asObject, type JsonObject, type KubeObject, labelOf } from '../../runtime/client/object.ts';
import { replicaInfo } from '../interpreter/replicas.ts';
import type { Binding, BindingSpec, Policy } from '../types.ts';
import {
  BINDING_FINALIZER,
  BINDING_ID_LABEL,
  bindingName,
  CLUSTER_BINDING_FINALIZER,
  CLUSTER_BINDING_ID_LABEL,
} from '../well-known.ts';
import { type Claim, claimMetadata, stripPatch } from './claim.ts';

/** The label that holds a binding's permanent id. */
export function bindingIdLabel(binding: Pick<Binding, 'kind'>): string {
  return binding.kind === 'ResourceBinding' ? BINDING_ID_LABEL : CLUSTER_BINDING_ID_LABEL;
}

function bindingSpec(template: KubeObject, policy: Policy): BindingSpec {
  const { name, namespace, uid, resourceVersion } = template.metadata;
  const info = replicaInfo(template);
  const spec = policy.spec;
  return {
    resource: {
      apiVersion: template.apiVersion,
      kind: template.kind,
      ...(namespace === undefined ? {} : { namespace }),
      name,
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
    ...(info === undefined ? {} : { replicaRequirements: info.requirements }),
    ...(info === undefined || info.replicas === 0 ? {} : { replicas: info.replicas }),
    placement: spec?.placement ?? {},
    schedulerName: spec?.schedulerName ?? 'default-scheduler',
    conflictResolution: spec?.conflictResolution ?? 'Abort',
    ...(spec?.propagateDeps === undefined ? {} : { propagateDeps: spec.propagateDeps }),
    ...(spec?.suspension === undefined ? {} : { suspension: spec.suspension }),
    ...(spec?.failover === undefined ? {} : { failover: spec.failover }),
    ...(spec?.preserveResourcesOnDeletion === undefined
      ? {}
      : { preserveResourcesOnDeletion: spec.preserveResourcesOnDeletion }),
  };
}

/** A new binding of `template` by `policy`. */
export function newBinding(template: KubeObject, policy: Policy, policyId: string): Binding {
  const { namespace, name, uid } = template.metadata;
  const namespaced = namespace !== undefined;
  const kind = namespaced ? 'ResourceBinding' : 'ClusterResourceBinding';
  const claim = claimMetadata(policy, policyId);
  return {
    apiVersion: 'work.karmada.io/v1alpha2',
    kind,
    metadata: {
      name: bindingName(template.kind, name),
      ...(namespaced ? { namespace } : {}),
      labels: { ...claim.labels, [bindingIdLabel({ kind })]: randomUUID() },
      annotations: { ...claim.annotations },
      finalizers: [namespaced ? BINDING_FINALIZER : CLUSTER_BINDING_FINALIZER],
      ownerReferences: [
        {
          apiVersion: template.apiVersion,
          kind: template.kind,
          name,
          uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: bindingSpec(template, policy),
  };
}

/** Whether a binding belongs to an earlier object of the same name, and is about to be collected. */
export function belongsToOther(binding: Binding, template: KubeObject): boolean {
  return (binding.metadata.ownerReferences ?? []).some(
    (owner) => owner['controller'] === true && owner['uid'] !== template.metadata.uid,
  );
}

/**
 * The merge patch that brings a binding up to its template and policy; undefined when it is. The scheduler's
 * part of the spec stays as it is.
 */
export function bindingPatch(
  binding: Binding,
  template: KubeObject,
  policy: Policy,
  policyId: string,
): JsonObject | undefined {
  const { clusters: _clusters, rescheduleTriggeredAt: _asked, ...current } = binding.spec ?? {};
  const spec = mergePatch(current, bindingSpec(template, policy));
  const claim = claimMetadata(policy, policyId);
  const other: Claim['scope'] = policy.kind === 'PropagationPolicy' ? 'cluster' : 'namespace';
  const stale = asObject(stripPatch(other)['metadata']);
  const labels = changed(binding.metadata.labels, { ...asObject(stale['labels']), ...claim.labels });
  const annotations = changed(binding.metadata.annotations, {
    ...asObject(stale['annotations']),
    ...claim.annotations,
  });
  if (labelOf(binding, bindingIdLabel(binding)) === undefined) {
    labels[bindingIdLabel(binding)] = randomUUID();
  }
  const metadata = {
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
  if (spec === undefined && Object.keys(metadata).length === 0) return undefined;
  return {
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
    ...(spec === undefined ? {} : { spec }),
  };
}

function changed(current: Readonly<Record<string, string>> | undefined, wanted: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(wanted).filter(([key, value]) => (current?.[key] ?? null) !== value),
  );
}
