import { zeroObject } from '../schema/defaults.ts';
import type { JsonObject } from '../schema/json.ts';
import { isObject } from '../schema/json.ts';
import { native, type StructuralSchema } from '../schema/schema.ts';
import { FieldSet } from './field-set.ts';
import { keepIfUnchanged, managedFieldsOf, withManagers, withoutManagedFields } from './managed-object.ts';
import {
  capUpdaters,
  identityOf,
  type ManagerEntry,
  type Managers,
  printTime,
  readManagers,
} from './managers.ts';
import { ownable, resetSet, settle } from './ownership.ts';

/** A create, PUT or PATCH (other than apply) whose effect on field ownership is to be recorded. */
export interface TrackedUpdate {
  /** The stored object; undefined for a create. */
  readonly before: JsonObject | undefined;
  /** The object as it will be stored, defaults included. */
  readonly after: JsonObject;
  /** The field manager: the `fieldManager` parameter, else the user agent up to the first slash. */
  readonly manager: string;
  readonly schema: StructuralSchema | undefined;
  readonly apiVersion: string;
  /** For example `status`; empty or undefined for the main resource. */
  readonly subresource?: string | undefined;
  /** Fields that this endpoint does not store, for example `[['status']]` on a main resource. */
  readonly resetFields?: readonly (readonly string[])[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Records who changed what: returns the object with `metadata.managedFields` brought up to date, or
 * `before` itself when nothing but times would change. Managed fields in the request replace the stored ones
 * (`[{}]` clears them, and on built-in kinds `[]` too), except on subresources.
 */
export function trackUpdate(update: TrackedUpdate): JsonObject {
  const { before, after } = update;
  const stored = readManagers(before === undefined ? undefined : managedFieldsOf(before)) ?? new Map();
  const managers = requestedManagers(update, stored);
  const plain = withoutManagedFields(after);
  if (before !== undefined && managers.size === 0) {
    // An object that nobody tracks stays untracked until somebody applies.
    return keepIfUnchanged(before, plain);
  }
  const tracked = withManagers(plain, recordUpdate(update, managers));
  return before === undefined ? tracked : keepIfUnchanged(before, tracked);
}

function requestedManagers({ after, schema, subresource }: TrackedUpdate, stored: Managers): Managers {
  const requested = managedFieldsOf(after);
  if (isSubresource(subresource) || !Array.isArray(requested)) {
    return stored;
  }
  const [only] = requested;
  // The API server decodes built-in kinds into Go types, and only there an empty list differs from none.
  const isNative = schema !== undefined && native in schema;
  const isReset =
    (requested.length === 0 && isNative) ||
    (requested.length === 1 && isObject(only) && Object.keys(only).length === 0);
  if (isReset) {
    return new Map();
  }
  const managers = readManagers(requested);
  return managers === undefined || managers.size === 0 ? stored : managers;
}

function isSubresource(subresource: string | undefined): boolean {
  return subresource !== undefined && subresource !== '';
}

/** Ownership after an update of the object from `before` to `after`. */
export function recordUpdate(update: TrackedUpdate, managers: Managers): Managers {
  const { schema, apiVersion, now } = update;
  const identity = {
    manager: update.manager === '' ? 'unknown' : update.manager,
    operation: 'Update',
    apiVersion,
    subresource: update.subresource ?? '',
  } as const;
  const reset = resetSet(update.resetFields ?? []);
  const { managers: settled, comparison } = settle({
    schema,
    before: withoutManagedFields(update.before ?? zeroObject(schema)),
    after: withoutManagedFields(update.after),
    managers,
    self: '',
    reset,
    force: true,
  });
  const fields = ownable(comparison.modified.union(comparison.added));
  if (!fields.isEmpty) {
    const id = identityOf(identity);
    const previous = settled.get(id)?.fields ?? FieldSet.empty;
    const entry: ManagerEntry = { ...identity, time: printTime(now), fields: fields.union(previous) };
    settled.set(id, entry);
  }
  return capUpdaters(settled);
}
