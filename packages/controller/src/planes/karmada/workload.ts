import { apiVersionOf, type KubeObject, keyOf, type ResourceType } from '../../kube/resource.ts';
import type { Maybe } from '../shared/label-selector.ts';
import { parseQuantity } from '../shared/quantity.ts';
import { PERMANENT_ID } from './policy.ts';
import { type Container, type PodTemplate, readWorkloadSpec } from './read/workload.ts';

/** Resources that one replica asks for. */
export interface ReplicaRequests {
  readonly cpuMillis: number;
  readonly memoryBytes: number;
}

/** A workload's template on the hub. It is only ever read. */
export interface WorkloadView {
  readonly object: KubeObject;
  readonly type: ResourceType;
  /** `namespace/name`. */
  readonly key: string;
  /** For people: `Deployment apps/web`. */
  readonly label: string;
  readonly namespace: string;
  readonly name: string;
  readonly replicas: number;
  readonly podLabels: Readonly<Record<string, string>>;
  readonly claimsStorage: boolean;
  readonly requests: ReplicaRequests;
  /** Members keep the replicas that their autoscaler set. */
  readonly retainsReplicas: boolean;
}

function requestsOf(template: PodTemplate | null | undefined): ReplicaRequests {
  const sumOf = (containers: readonly ReplicaRequests[]): ReplicaRequests => ({
    cpuMillis: containers.reduce((sum, each) => sum + each.cpuMillis, 0),
    memoryBytes: containers.reduce((sum, each) => sum + each.memoryBytes, 0),
  });
  const read = (list: Maybe<readonly Container[]>): ReplicaRequests[] =>
    (list ?? []).map((each) => ({
      cpuMillis: (parseQuantity(each.resources?.requests?.['cpu'] ?? '0') ?? 0) * 1000,
      memoryBytes: parseQuantity(each.resources?.requests?.['memory'] ?? '0') ?? 0,
    }));
  const running = sumOf(read(template?.spec?.containers));
  // Init containers run one after another before the others: the largest of them counts, if it is larger.
  return read(template?.spec?.initContainers).reduce(
    (most, each) => ({
      cpuMillis: Math.max(most.cpuMillis, each.cpuMillis),
      memoryBytes: Math.max(most.memoryBytes, each.memoryBytes),
    }),
    running,
  );
}

function readTemplate(object: KubeObject, type: ResourceType): WorkloadView {
  const spec = readWorkloadSpec(object.spec);
  const key = keyOf(object);
  return {
    // Items of a list of built-in kinds come without either.
    object: { ...object, apiVersion: apiVersionOf(type), kind: type.kind },
    type,
    key,
    label: `${type.kind} ${key}`,
    namespace: object.metadata.namespace ?? '',
    name: object.metadata.name,
    replicas: spec.replicas ?? 1,
    podLabels: spec.template?.metadata?.labels ?? {},
    claimsStorage: (spec.template?.spec?.volumes ?? []).some(
      (volume) => volume.persistentVolumeClaim !== undefined && volume.persistentVolumeClaim !== null,
    ),
    requests: requestsOf(spec.template),
    retainsReplicas: object.metadata.labels?.['resourcetemplate.karmada.io/retain-replicas'] === 'true',
  };
}

const known = new WeakMap<KubeObject, WorkloadView>();

/** Reads a template, once for as long as it stays the same object. */
export function workloadView(object: KubeObject, type: ResourceType): WorkloadView {
  const view = known.get(object) ?? readTemplate(object, type);
  known.set(object, view);
  return view;
}

/** The policy that claims a template or binding, by name and permanent id. */
export interface Claim {
  readonly kind: keyof typeof PERMANENT_ID;
  /** Key of the policy: `namespace/name`, or the name alone. */
  readonly key: string;
  readonly permanentId: string;
}

/** Reads what Karmada's detector wrote onto a template, in its order: a PropagationPolicy before a cluster-wide one. */
export function claimOf(object: KubeObject): Claim | null {
  const { annotations = {}, labels = {} } = object.metadata;
  const namespace = annotations['propagationpolicy.karmada.io/namespace'];
  const name = annotations['propagationpolicy.karmada.io/name'];
  const id = labels[PERMANENT_ID.PropagationPolicy];
  if (namespace !== undefined && name !== undefined && id !== undefined) {
    return { kind: 'PropagationPolicy', key: `${namespace}/${name}`, permanentId: id };
  }
  const clusterName = annotations['clusterpropagationpolicy.karmada.io/name'];
  const clusterId = labels[PERMANENT_ID.ClusterPropagationPolicy];
  if (clusterName !== undefined && clusterId !== undefined) {
    return { kind: 'ClusterPropagationPolicy', key: clusterName, permanentId: clusterId };
  }
  return null;
}
