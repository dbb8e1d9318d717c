import { equalJson, isObject, type JsonObject } from './object.ts';

/**
 * The JSON merge patch (RFC 7386) that turns `before` into `after`: keys that went away become null, lists are
 * replaced whole. Undefined when they are equal.
 */
export function mergePatch(before: unknown, after: object): JsonObject | undefined {
  const old = isObject(before) ? before : {};
  const wanted: JsonObject = { ...after };
  const patch: JsonObject = {};
  for (const key of new Set([...Object.keys(old), ...Object.keys(wanted)])) {
    const next = wanted[key];
    if (equalJson(old[key], next)) continue;
    if (next === undefined) patch[key] = null;
    // A missing object is written whole: a patch into nothing would be the same, but drop empty ones.
    else patch[key] = isObject(next) && isObject(old[key]) ? mergePatch(old[key], next) : next;
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}
