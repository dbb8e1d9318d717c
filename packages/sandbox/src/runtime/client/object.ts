/** Plain JSON as it travels over the wire. */
export type JsonObject = Record<string, unknown>;

/** `metadata` of any Kubernetes object, as far as the stand-ins read or write it. */
interface ObjectMeta {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: JsonObject[];
  managedFields?: unknown;
}

/** Any Kubernetes object, of whatever shape inside. */
export interface ApiObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec?: unknown;
  status?: unknown;
}

/** A Kubernetes object whose `Spec` and `Status` are known, or plain JSON. */
export interface KubeObject<Spec = JsonObject, Status = JsonObject> extends ApiObject {
  spec?: Spec;
  status?: Status;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `value` when it is an object, else an empty one. */
export function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** `value` when it is a finite number, else `fallback`. */
export function asNumber(value: unknown, fallback: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : fallback;
}

/** Deep equality of JSON; the order of keys does not matter, and an absent key equals `undefined`. */
export function equalJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => equalJson(item, b[index]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    if (!equalJson(a[key], b[key])) return false;
  }
  return true;
}

/** `namespace/name`, or the bare name of a cluster-scoped object. */
export function keyOf(object: ApiObject): string {
  return keyFor(object.metadata.namespace, object.metadata.name);
}

export function keyFor(namespace: string | undefined, name: string): string {
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
}

export function labelOf(object: ApiObject, key: string): string | undefined {
  return object.metadata.labels?.[key];
}

export function annotationOf(object: ApiObject, key: string): string | undefined {
  return object.metadata.annotations?.[key];
}

export function isDeleting(object: ApiObject): boolean {
  return object.metadata.deletionTimestamp !== undefined;
}

export function hasFinalizer(object: ApiObject, finalizer: string): boolean {
  return object.metadata.finalizers?.includes(finalizer) ?? false;
}

/** RFC 3339 in whole seconds, as metav1.Time prints it. */
export function formatTime(timestampMs: number): string {
  return `${new Date(timestampMs).toISOString().slice(0, 19)}Z`;
}
