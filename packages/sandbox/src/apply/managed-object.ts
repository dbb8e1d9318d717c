import { equalJson, isObject, type JsonObject, ownValue } from '../schema/json.ts';
import { type Managers, writeManagers } from './managers.ts';

/** The object without `metadata.managedFields`; everything else is shared with it. */
export function withoutManagedFields(object: JsonObject): JsonObject {
  const { metadata } = object;
  if (!isObject(metadata) || !Object.hasOwn(metadata, 'managedFields')) {
    return object;
  }
  const { managedFields: _, ...rest } = metadata;
  return { ...object, metadata: rest };
}

/** `metadata.managedFields` as the object has it: undefined when absent. */
export function managedFieldsOf(object: JsonObject): unknown {
  const metadata = ownValue(object, 'metadata');
  return isObject(metadata) ? ownValue(metadata, 'managedFields') : undefined;
}

/** The object (which has no managed fields) with these managers; without managers the list is absent. */
export function withManagers(object: JsonObject, managers: Managers): JsonObject {
  if (managers.size === 0) {
    return object;
  }
  const metadata = isObject(object.metadata) ? object.metadata : {};
  return { ...object, metadata: { ...metadata, managedFields: writeManagers(managers) } };
}

/**
 * The new object, or the old one when they differ in nothing but the times of managed fields: such a write
 * must not produce a new resourceVersion.
 */
export function keepIfUnchanged(before: JsonObject, after: JsonObject): JsonObject {
  const same =
    equalJson(withoutManagedFields(before), withoutManagedFields(after)) &&
    equalJson(timeless(managedFieldsOf(before)), timeless(managedFieldsOf(after)));
  return same ? before : after;
}

function timeless(managedFields: unknown): unknown[] {
  const entries = Array.isArray(managedFields) ? managedFields : [];
  return entries
    .map((entry: unknown) =>
      isObject(entry) ? Object.fromEntries(Object.entries(entry).filter(([key]) => key !== 'time')) : entry,
    )
    .sort((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1));
}
