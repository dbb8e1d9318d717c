import { cloneJson, isObject, type JsonObject, ownValue, setOwn } from '../schema/json.ts';
import { PatchError } from './patch-error.ts';

/**
 * Applies a JSON merge patch (RFC 7386) to a copy of an object.
 *
 * @throws PatchError 422 when the patch is not an object: it would replace the whole resource
 */
export function applyMergePatch(object: JsonObject, patch: unknown): JsonObject {
  if (!isObject(patch)) {
    throw new PatchError(422, `patch: Invalid value: ${JSON.stringify(patch)}: must be a JSON object`);
  }
  const merged = merge(object, patch);
  return isObject(merged) ? merged : {};
}

function merge(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) {
    return cloneJson(patch);
  }
  const merged: JsonObject = isObject(target) ? cloneJson(target) : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) {
      Reflect.deleteProperty(merged, key);
    } else {
      setOwn(merged, key, merge(ownValue(merged, key), value));
    }
  }
  return merged;
}
