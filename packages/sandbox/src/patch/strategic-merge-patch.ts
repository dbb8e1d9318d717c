import { cloneJson, equalJson, isObject, type JsonObject, ownValue, setOwn } from '../schema/json.ts';
import type { StructuralSchema } from '../schema/schema.ts';
import { arrange } from './element-order.ts';
import { PatchError } from './patch-error.ts';

const DIRECTIVE = '$patch';
const RETAIN_KEYS = '$retainKeys';
const ELEMENT_ORDER = '$setElementOrder/';
const DELETE_FROM_LIST = '$deleteFromPrimitiveList/';

/**
 * Applies a strategic merge patch to a copy of an object of a built-in kind. Lists merge where the schema
 * says so (`x-kubernetes-patch-strategy`, `x-kubernetes-patch-merge-key`) and are replaced elsewhere.
 *
 * @throws PatchError 400 for directives that make no sense, 500 for a list item without its merge key
 * @see https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
 */
export function applyStrategicMergePatch(
  object: JsonObject,
  patch: unknown,
  schema: StructuralSchema | undefined,
): JsonObject {
  if (!isObject(patch)) {
    throw new PatchError(400, 'error decoding patch: a strategic merge patch must be a JSON object');
  }
  return mergeMap(cloneJson(object), cloneJson(patch), schema);
}

/** Merges `patch` into `target`, which is changed and returned unless a directive replaces it. */
function mergeMap(target: JsonObject, patch: JsonObject, schema: StructuralSchema | undefined): JsonObject {
  const directive = ownValue(patch, DIRECTIVE);
  if (directive === 'replace') {
    return Object.fromEntries(Object.entries(patch).filter(([key]) => key !== DIRECTIVE));
  }
  if (directive === 'delete') {
    return {};
  }
  if (directive !== undefined) {
    throw new PatchError(400, `Unknown patch type: ${JSON.stringify(directive)} in map`);
  }
  retainKeys(target, patch);
  const ordered = mergeOrderedLists(target, patch, schema);
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith(DELETE_FROM_LIST)) {
      deleteFromList(target, key.slice(DELETE_FROM_LIST.length), value);
    } else if (!key.startsWith('$') && !ordered.has(key)) {
      mergeField(target, key, value, childSchema(schema, key));
    }
  }
  return target;
}

function retainKeys(target: JsonObject, patch: JsonObject): void {
  const keys = ownValue(patch, RETAIN_KEYS);
  if (keys === undefined) {
    return;
  }
  const retained = new Set(Array.isArray(keys) ? keys : []);
  const strangers = Object.entries(patch).filter(
    ([key, value]) => value !== null && !key.startsWith('$') && !retained.has(key),
  );
  if (!Array.isArray(keys) || strangers.length > 0) {
    throw new PatchError(400, 'The order in patch list: invalid patch format of retainKeys');
  }
  for (const key of Object.keys(target)) {
    if (!retained.has(key)) {
      Reflect.deleteProperty(target, key);
    }
  }
}

/** Lists that come with a `$setElementOrder` directive; returns their field names. */
function mergeOrderedLists(
  target: JsonObject,
  patch: JsonObject,
  schema: StructuralSchema | undefined,
): Set<string> {
  const done = new Set<string>();
  for (const [directive, order] of Object.entries(patch)) {
    if (!directive.startsWith(ELEMENT_ORDER)) {
      continue;
    }
    const key = directive.slice(ELEMENT_ORDER.length);
    const before = ownValue(target, key) ?? undefined;
    const change = ownValue(patch, key) ?? undefined;
    if (!Array.isArray(order) || !isListOrMissing(before) || !isListOrMissing(change)) {
      throw new PatchError(400, `invalid patch format of setElementOrder list ${JSON.stringify(key)}`);
    }
    if (before === undefined && change === undefined) {
      continue;
    }
    const listSchema = childSchema(schema, key);
    const mergeKey = listSchema?.['x-kubernetes-patch-merge-key'];
    const merged = change === undefined ? (before ?? []) : mergeList(before ?? [], change, listSchema);
    setOwn(target, key, arrange(merged, order, before ?? [], mergeKey));
    done.add(key);
  }
  return done;
}

function isListOrMissing(value: unknown): value is unknown[] | undefined {
  return value === undefined || Array.isArray(value);
}

function mergeField(
  target: JsonObject,
  key: string,
  value: unknown,
  schema: StructuralSchema | undefined,
): void {
  if (value === null) {
    Reflect.deleteProperty(target, key);
    return;
  }
  const present = ownValue(target, key);
  if (isObject(present) && isObject(value)) {
    const merged = strategies(schema).has('replace') ? value : mergeMap(present, value, schema);
    setOwn(target, key, merged);
  } else if (Array.isArray(present) && Array.isArray(value)) {
    setOwn(target, key, mergeList(present, value, schema));
  } else {
    const plain = withoutDirectives(value);
    if (plain !== undefined) {
      setOwn(target, key, plain);
    } else {
      Reflect.deleteProperty(target, key);
    }
  }
}

function strategies(schema: StructuralSchema | undefined): Set<string> {
  return new Set(schema?.['x-kubernetes-patch-strategy']?.split(','));
}

function childSchema(schema: StructuralSchema | undefined, key: string): StructuralSchema | undefined {
  const { properties = {}, additionalProperties } = schema ?? {};
  if (Object.hasOwn(properties, key)) {
    return properties[key];
  }
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}

function mergeList(present: unknown[], change: unknown[], schema: StructuralSchema | undefined): unknown[] {
  if (!strategies(schema).has('merge')) {
    return change.map(withoutDirectives).filter((item) => item !== undefined);
  }
  if (!change.some(isObject) && !present.some(isObject)) {
    const all = [...present, ...change];
    const unique = all.filter((item, index) => all.indexOf(item) === index);
    return arrange(unique, change, present, undefined);
  }
  const mergeKey = schema?.['x-kubernetes-patch-merge-key'];
  if (mergeKey === undefined) {
    throw new PatchError(500, 'cannot merge lists without merge key');
  }
  return mergeKeyedList(present, change, mergeKey, schema?.items);
}

function mergeKeyedList(
  present: unknown[],
  change: unknown[],
  mergeKey: string,
  items: StructuralSchema | undefined,
): unknown[] {
  const keyOf = (item: unknown): unknown => {
    const key = isObject(item) ? ownValue(item, mergeKey) : undefined;
    if (key === undefined) {
      throw new PatchError(
        500,
        `map: ${JSON.stringify(item)} does not contain declared merge key: ${mergeKey}`,
      );
    }
    return key;
  };
  const directed = change.filter((item) => isObject(item) && Object.hasOwn(item, DIRECTIVE));
  const plain = change.filter((item) => !directed.includes(item));
  if (directed.some((item) => isObject(item) && item[DIRECTIVE] === 'replace')) {
    return plain;
  }
  const deleted = directed.map(keyOf);
  const merged = present.filter((item) => !deleted.some((key) => equalJson(key, keyOf(item))));
  for (const item of plain) {
    const key = keyOf(item);
    const index = merged.findIndex((candidate) => equalJson(keyOf(candidate), key));
    const match = merged[index];
    if (isObject(match) && isObject(item)) {
      merged[index] = mergeMap(match, item, items);
    } else {
      merged.push(withoutDirectives(item));
    }
  }
  return arrange(merged, plain, present, mergeKey);
}

function deleteFromList(target: JsonObject, key: string, values: unknown): void {
  const present = ownValue(target, key);
  if (!Array.isArray(values)) {
    throw new PatchError(400, 'invalid patch format of primitive list');
  }
  if (Array.isArray(present)) {
    setOwn(
      target,
      key,
      present.filter((item) => !values.some((value) => equalJson(value, item))),
    );
  }
}

/** What a patch value becomes where there was nothing to merge with; undefined when it only deletes. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(withoutDirectives).filter((item) => item !== undefined);
  }
  if (!isObject(value)) {
    return value;
  }
  if (Object.hasOwn(value, DIRECTIVE)) {
    return undefined;
  }
  const plain: JsonObject = {};
  for (const [key, child] of Object.entries(value)) {
    const cleaned = key.startsWith('$') || child === null ? undefined : withoutDirectives(child);
    if (cleaned !== undefined) {
      setOwn(plain, key, cleaned);
    }
  }
  return plain;
}
