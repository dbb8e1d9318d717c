import { randomUUID } from 'node:crypto';
import { annotationOf, asObject, type KubeObject, labelOf } from '../../runtime/client/object.ts';
import { bindingIdLabel } from '../detector/binding.ts';
import { isJob, withReplicas } from '../interpreter/replicas.ts';
import { isWorkload } from '../scheduler/assign.ts';
import { fnv1a32, webster } from '../scheduler/webster.ts';
import type { Binding, BindingSpec, Cluster, OverridePolicy, TargetCluster, Work } from '../types.ts';
import {
  APPLIED_CLUSTER_OVERRIDES_ANNOTATION,
  APPLIED_OVERRIDES_ANNOTATION,
  BINDING_NAME_ANNOTATION,
  BINDING_NAMESPACE_ANNOTATION,
  CLUSTER_BINDING_NAME_ANNOTATION,
  CONFLICT_RESOLUTION_ANNOTATION,
  executionSpace,
  MANAGED_LABEL,
  TEMPLATE_GENERATION_ANNOTATION,
  TEMPLATE_UID_ANNOTATION,
  WORK_FINALIZER,
  WORK_ID_LABEL,
  WORK_NAME_ANNOTATION,
  WORK_NAMESPACE_ANNOTATION,
} from '../well-known.ts';
import { type AppliedOverride, applyOverrides } from './overrides.ts';

/** Name of a template's Works: its own with a hash of namespace, name and kind. Karmada hashes differently. */
export function workName(template: KubeObject): string {
  const { namespace, name } = template.metadata;
  const own = name.replaceAll(':', '.').toLowerCase();
  const hash = fnv1a32([namespace ?? '', own, template.kind.toLowerCase()].join('-'));
  return `${own}-${hash.toString(36)}`;
}

/** How a Job's completions are divided: like its replicas, in proportion to each cluster's parallelism. */
function jobCompletions(
  template: KubeObject,
  spec: BindingSpec,
  targets: readonly TargetCluster[],
): ReadonlyMap<string, number> | undefined {
  const completions = asObject(template.spec)['completions'];
  const scheduling = spec.placement?.replicaScheduling;
  const divided = scheduling !== undefined && scheduling.replicaSchedulingType !== 'Duplicated';
  if (!isJob(template) || typeof completions !== 'number' || !divided || (spec.replicas ?? 0) === 0) {
    return undefined;
  }
  const parties = targets.map((target) => ({ name: target.name, weight: target.replicas ?? 0 }));
  const seats = webster(completions, parties, template.metadata.uid ?? '');
  return new Map(seats.map((entry) => [entry.name, entry.seats]));
}

/** The template without what belongs to the hub's copy alone. */
function bare(template: KubeObject): KubeObject {
  const { status: _status, metadata, ...rest } = template;
  const { name, namespace, labels, annotations } = metadata;
  return structuredClone({
    ...rest,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...labels },
      annotations: { ...annotations },
    },
  });
}

function revise(
  template: KubeObject,
  spec: BindingSpec,
  target: TargetCluster,
  completions: ReadonlyMap<string, number> | undefined,
): KubeObject {
  const manifest = bare(template);
  const revised = isWorkload(spec) ? withReplicas(manifest, target.replicas ?? 0) : manifest;
  const own = completions?.get(target.name);
  return own === undefined ? revised : { ...revised, spec: { ...revised.spec, completions: own } };
}

function bindingAnnotations(binding: Binding): Record<string, string> {
  const { namespace, name } = binding.metadata;
  return namespace === undefined
    ? { [CLUSTER_BINDING_NAME_ANNOTATION]: name }
    : { [BINDING_NAMESPACE_ANNOTATION]: namespace, [BINDING_NAME_ANNOTATION]: name };
}

function conflictResolution(template: KubeObject, spec: BindingSpec): string {
  const own = annotationOf(template, CONFLICT_RESOLUTION_ANNOTATION);
  if (own === 'overwrite' || own === 'abort') return own;
  return spec.conflictResolution === 'Overwrite' ? 'overwrite' : 'abort';
}

function recorded(key: string, applied: readonly AppliedOverride[]): Record<string, string> {
  return applied.length === 0 ? {} : { [key]: JSON.stringify(applied) };
}

function suspended(spec: BindingSpec, cluster: string): boolean {
  const suspension = spec.suspension;
  return (
    suspension?.dispatching === true ||
    suspension?.dispatchingOnClusters?.clusterNames?.includes(cluster) === true
  );
}

/** All that decides what the Works of one binding look like. */
export interface RenderInput {
  readonly template: KubeObject;
  readonly binding: Binding;
  readonly overridePolicies: readonly OverridePolicy[];
  readonly clusterOverridePolicies: readonly OverridePolicy[];
}

/** Renders the Works of a binding, one cluster at a time. */
export function createRenderer(
  input: RenderInput,
): (target: TargetCluster, cluster: Cluster, before?: Work) => Work {
  const { template, binding } = input;
  const spec = binding.spec ?? { resource: { apiVersion: '', kind: '', name: '' } };
  const completions = jobCompletions(template, spec, spec.clusters ?? []);
  const idLabel = bindingIdLabel(binding);
  const bindingId = labelOf(binding, idLabel) ?? '';
  const name = workName(template);
  const resolution = conflictResolution(template, spec);

  /** @throws ApplyOverrideError as {@link applyOverrides}. */
  return (target, cluster, before) => {
    const manifest = revise(template, spec, target, completions);
    const byClusterPolicies = applyOverrides(manifest, input.clusterOverridePolicies, cluster);
    const byPolicies =
      template.metadata.namespace === undefined
        ? []
        : applyOverrides(manifest, input.overridePolicies, cluster);
    const namespace = executionSpace(target.name);
    const workId = (before === undefined ? undefined : labelOf(before, WORK_ID_LABEL)) ?? randomUUID();
    manifest.metadata.labels = {
      ...manifest.metadata.labels,
      [idLabel]: bindingId,
      [MANAGED_LABEL]: 'true',
      [WORK_ID_LABEL]: workId,
    };
    manifest.metadata.annotations = {
      ...manifest.metadata.annotations,
      ...bindingAnnotations(binding),
      [TEMPLATE_GENERATION_ANNOTATION]: String(template.metadata.generation ?? 0),
      [TEMPLATE_UID_ANNOTATION]: template.metadata.uid ?? '',
      [WORK_NAME_ANNOTATION]: name,
      [WORK_NAMESPACE_ANNOTATION]: namespace,
      [CONFLICT_RESOLUTION_ANNOTATION]: resolution,
    };
    return {
      apiVersion: 'work.karmada.io/v1alpha1',
      kind: 'Work',
      metadata: {
        name,
        namespace,
        labels: { [idLabel]: bindingId, [WORK_ID_LABEL]: workId },
        annotations: {
          ...bindingAnnotations(binding),
          [CONFLICT_RESOLUTION_ANNOTATION]: resolution,
          ...recorded(APPLIED_CLUSTER_OVERRIDES_ANNOTATION, byClusterPolicies),
          ...recorded(APPLIED_OVERRIDES_ANNOTATION, byPolicies),
        },
        finalizers: [WORK_FINALIZER],
      },
      spec: {
        workload: { manifests: [manifest] },
        ...(suspended(spec, target.name) ? { suspendDispatching: true } : {}),
        ...(spec.preserveResourcesOnDeletion === true ? { preserveResourcesOnDeletion: true } : {}),
      },
    };
  };
}
