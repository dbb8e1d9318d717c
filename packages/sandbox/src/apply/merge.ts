import { cloneJson, isObject, type JsonObject, ownValue, setOwn } from '../schema/json.ts';
import type { StructuralSchema } from '../schema/schema.ts';
import { indexItems } from './items.ts';
import type { PathElement } from './path-element.ts';
import { childType, itemElement, itemType, rootType, shapeOf, type TypeRef } from './typing.ts';

/**
 * Lays an applied configuration over the live object: the configuration's leaves win, nothing is removed.
 * Items of associative lists are matched by key.
 */
export function mergeObjects(
  schema: StructuralSchema | undefined,
  live: JsonObject,
  applied: JsonObject,
): JsonObject {
  const merged = merge(rootType(schema), live, applied);
  return isObject(merged) ? merged : {};
}

function merge(type: TypeRef, live: unknown, applied: unknown): unknown {
  if (applied === undefined) {
    return cloneJson(live);
  }
  if (applied === null && shapeOf(type, live) !== 'leaf' && !isEmpty(live)) {
    // Null is a map or list without entries, and merging never removes.
    return cloneJson(live);
  }
  const shape = shapeOf(type, applied);
  if (shape === 'map' && isObject(applied) && isObject(live)) {
    return mergeMaps(type, live, applied);
  }
  if (shape === 'list' && Array.isArray(applied) && Array.isArray(live)) {
    return mergeLists(type, live, applied);
  }
  return cloneJson(applied);
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0;
}

function mergeMaps(type: TypeRef, live: JsonObject, applied: JsonObject): JsonObject {
  const merged: JsonObject = {};
  for (const key of new Set([...Object.keys(live), ...Object.keys(applied)])) {
    setOwn(merged, key, merge(childType(type, key), ownValue(live, key), ownValue(applied, key)));
  }
  return merged;
}

/**
 * Shared items take the order of the configuration; items that only the live list has stay where they are,
 * relative to the shared ones.
 */
function mergeLists(type: TypeRef, live: readonly unknown[], applied: readonly unknown[]): unknown[] {
  const liveIndex = indexItems(type, live);
  const appliedIndex = indexItems(type, applied);
  const liveElements = elementsOf(type, live);
  const appliedElements = [...appliedIndex.keys()];
  const shared = appliedElements.filter((element) => liveIndex.has(element));
  const done = new Set<PathElement>();
  const merged: unknown[] = [];
  let [nextShared] = shared;

  const take = (element: PathElement): void => {
    const [item] = appliedIndex.get(element) ?? [];
    const counterparts = liveIndex.get(element) ?? [];
    // A live item that is there twice is replaced, not merged: nobody can say which one is meant.
    const counterpart = counterparts.length === 1 ? counterparts[0] : undefined;
    merged.push(counterpart === undefined ? cloneJson(item) : merge(itemType(type), counterpart, item));
    done.add(element);
    if (element === nextShared) {
      nextShared = shared[shared.indexOf(element) + 1];
    }
  };

  let left = 0;
  let right = 0;
  while (left < live.length || right < appliedElements.length) {
    const liveElement = liveElements[left];
    const appliedElement = appliedElements[right];
    const isShared = liveElement !== undefined && appliedIndex.has(liveElement);
    const isOutOfTurn = isShared && nextShared !== undefined && liveElement !== nextShared;
    if (left < live.length && !isShared) {
      merged.push(cloneJson(live[left]));
      left += 1;
    } else if (appliedElement !== undefined && appliedElement !== liveElement && isOutOfTurn) {
      left += 1;
    } else {
      left += isShared && (liveElement === appliedElement || done.has(liveElement)) ? 1 : 0;
      if (appliedElement !== undefined) {
        take(appliedElement);
        right += 1;
      }
    }
  }
  return merged;
}

function elementsOf(type: TypeRef, list: readonly unknown[]): (PathElement | undefined)[] {
  return list.map((item) => {
    const identity = itemElement(type, item);
    return 'element' in identity ? identity.element : undefined;
  });
}
