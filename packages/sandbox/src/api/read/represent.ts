import type { KubeObject } from '../object.ts';
import { apiVersionOf, type ResourceType } from '../registry/resource.ts';

const texts = new WeakMap<KubeObject, string>();
const converted = new WeakMap<KubeObject, Map<string, KubeObject>>();

/** A stored object in the version of `type`. Frozen objects are converted once. */
export function present(type: ResourceType, stored: KubeObject): KubeObject {
  const apiVersion = apiVersionOf(type);
  if (stored.apiVersion === apiVersion) return stored;
  const known = converted.get(stored) ?? new Map<string, KubeObject>();
  converted.set(stored, known);
  let object = known.get(apiVersion);
  if (object === undefined) {
    object = type.fromStorage?.(stored) ?? { ...stored, apiVersion };
    known.set(apiVersion, object);
  }
  return object;
}

/** The JSON of an object; of a stored one, which does not change any more, it is made once. */
export function jsonOf(object: KubeObject): string {
  if (!Object.isFrozen(object)) return JSON.stringify(object);
  let text = texts.get(object);
  if (text === undefined) {
    text = JSON.stringify(object);
    texts.set(object, text);
  }
  return text;
}

/** The form in which an object is kept: the storage version. */
export function toStored(type: ResourceType, object: KubeObject): KubeObject {
  if (object.apiVersion === type.storageVersion) return object;
  return type.toStorage?.(object) ?? { ...object, apiVersion: type.storageVersion };
}
