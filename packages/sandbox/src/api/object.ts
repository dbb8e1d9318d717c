import { isObject, type JsonObject } from '../schema/json.ts';

export { cloneJson, equalJson, isObject, type JsonObject } from '../schema/json.ts';

/** One entry of `metadata.ownerReferences`. */
export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** The part of `metadata` that the server itself reads or writes. */
export interface ObjectMeta {
  name: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string | null;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  managedFields?: JsonObject[];
}

/** Any Kubernetes object. Everything outside `metadata` is the business of its schema. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
}

/** `timestamp` (Unix milliseconds) as metav1.Time prints it: RFC 3339 in whole seconds. */
export function formatTime(timestamp: number): string {
  return `${new Date(timestamp).toISOString().slice(0, 19)}Z`;
}

/** Freezes `value` and everything in it: what is stored is shared by readers and must not change. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const child of Object.values(value)) deepFreeze(child);
  }
  return value;
}

function isKubeObject(value: unknown): value is KubeObject {
  return isObject(value) && typeof value['kind'] === 'string' && isObject(value['metadata']);
}

/** `value` as an object with metadata; for values that a handler has already checked. */
export function asKubeObject(value: unknown): KubeObject {
  if (!isKubeObject(value)) throw new TypeError('not a Kubernetes object');
  return value;
}
