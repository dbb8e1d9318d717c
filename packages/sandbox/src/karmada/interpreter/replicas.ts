import {
  asNumber,
  asObject,
  isObject,
  type JsonObject,
  type KubeObject,
} from '../../runtime/client/object.ts';
import { formatCpu, parseQuantity } from '../../runtime/quantity.ts';
import type { ReplicaRequirements } from '../types.ts';

/** What Karmada's built-in interpreter reads from a kind that has replicas. */
export interface ReplicaInfo {
  readonly replicas: number;
  readonly requirements: ReplicaRequirements;
}

const SCALED_KINDS = new Set(['apps/v1/Deployment', 'apps/v1/ReplicaSet', 'apps/v1/StatefulSet']);
const JOB = 'batch/v1/Job';
const POD = 'v1/Pod';

function idOf(object: KubeObject): string {
  return `${object.apiVersion}/${object.kind}`;
}

export function isJob(object: KubeObject): boolean {
  return idOf(object) === JOB;
}

/** Kinds whose replicas a member keeps in `spec.replicas`. */
export function isScaled(object: KubeObject): boolean {
  return SCALED_KINDS.has(idOf(object));
}

function addRequest(total: Map<string, number>, container: unknown): void {
  const resources = asObject(asObject(container)['resources']);
  // Kubernetes takes the limit where no request is given.
  const requests = { ...asObject(resources['limits']), ...asObject(resources['requests']) };
  for (const [name, value] of Object.entries(requests)) {
    total.set(name, (total.get(name) ?? 0) + (parseQuantity(value) ?? 0));
  }
}

/** Requests of one pod, by resource name, in base units. */
export function podRequests(podSpec: JsonObject): Map<string, number> {
  const total = new Map<string, number>();
  const containers = podSpec['containers'];
  if (Array.isArray(containers)) for (const container of containers) addRequest(total, container);
  return total;
}

function requirementsOf(podSpec: JsonObject): ReplicaRequirements {
  const requests = [...podRequests(podSpec)].map(([name, value]) => [
    name,
    name === 'cpu' ? formatCpu(value) : String(Math.round(value)),
  ]);
  const { nodeSelector, tolerations } = podSpec;
  const nodeClaim = {
    ...(isObject(nodeSelector) ? { nodeSelector } : {}),
    ...(Array.isArray(tolerations) ? { tolerations } : {}),
  };
  return {
    ...(Object.keys(nodeClaim).length === 0 ? {} : { nodeClaim }),
    ...(requests.length === 0 ? {} : { resourceRequest: Object.fromEntries(requests) }),
  };
}

/** The pod spec inside a workload; empty for kinds without one. */
export function podSpecOf(object: KubeObject): JsonObject {
  if (idOf(object) === POD) return asObject(object.spec);
  return asObject(asObject(asObject(object.spec)['template'])['spec']);
}

/** Replicas and what one of them needs; undefined for kinds that do not divide. */
export function replicaInfo(object: KubeObject): ReplicaInfo | undefined {
  const spec = asObject(object.spec);
  const requirements = (): ReplicaRequirements => requirementsOf(podSpecOf(object));
  if (isScaled(object)) return { replicas: asNumber(spec['replicas'], 1), requirements: requirements() };
  if (idOf(object) === POD) return { replicas: 1, requirements: requirements() };
  if (!isJob(object)) return undefined;
  const parallelism = asNumber(spec['parallelism'], 1);
  const completions = asNumber(spec['completions'], Number.POSITIVE_INFINITY);
  return { replicas: Math.min(parallelism, completions), requirements: requirements() };
}

/** `object` with a cluster's replicas written into it; kinds that do not divide stay as they are. */
export function withReplicas(object: KubeObject, replicas: number): KubeObject {
  if (isScaled(object)) return { ...object, spec: { ...object.spec, replicas } };
  if (isJob(object)) return { ...object, spec: { ...object.spec, parallelism: replicas } };
  return object;
}
