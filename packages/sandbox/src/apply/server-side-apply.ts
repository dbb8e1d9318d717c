import { zeroObject } from '../schema/defaults.ts';
import { equalJson, type JsonObject } from '../schema/json.ts';
import type { StructuralSchema } from '../schema/schema.ts';
import { checkApplied } from './check-applied.ts';
import { ApplyConflictError, ApplyError } from './errors.ts';
import { FieldSet, printPath } from './field-set.ts';
import { KUBECTL, lastAppliedFields, withLastApplied } from './last-applied.ts';
import { keepIfUnchanged, managedFieldsOf, withManagers, withoutManagedFields } from './managed-object.ts';
import { identityOf, type ManagerEntry, type Managers, printTime, readManagers } from './managers.ts';
import { mergeObjects } from './merge.ts';
import { fieldsOf, withDeclaredParents } from './owned-fields.ts';
import { ownable, resetSet, settle } from './ownership.ts';
import { removeFields } from './remove.ts';
import { recordUpdate } from './track-update.ts';

/** A server-side apply request. */
export interface ApplyRequest {
  /** The stored object; undefined when the apply creates it. */
  readonly live: JsonObject | undefined;
  /** The configuration that the client sent. */
  readonly applied: JsonObject;
  readonly manager: string;
  /** Take fields from other managers instead of failing. */
  readonly force: boolean;
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
 * Server-side apply with the semantics of structured-merge-diff. Defaults are the caller's to apply
 * afterwards. An apply that changes nothing returns `live` itself.
 *
 * @throws ApplyConflictError 409 when other managers own fields that would change and force is not set
 * @throws ApplyError 400 for a configuration with managedFields or of another apiVersion, 500 for one that
 *   does not fit the schema
 * @see https://kubernetes.io/docs/reference/using-api/server-side-apply/
 */
export function serverSideApply(request: ApplyRequest): { object: JsonObject } {
  const { applied, apiVersion, now } = request;
  if (applied.apiVersion !== apiVersion) {
    throw new ApplyError(
      400,
      `invalid object type: ${String(applied.apiVersion)}, Kind=${String(applied.kind)}`,
    );
  }
  if (managedFieldsOf(applied) !== undefined && managedFieldsOf(applied) !== null) {
    throw new ApplyError(400, 'metadata.managedFields must be nil');
  }
  checkApplied(request.schema, applied);
  const live = withoutManagedFields(
    request.live ?? { ...zeroObject(request.schema), apiVersion, kind: applied.kind },
  );
  const { object, managers, id } = applyFor(request, live, trackedManagers(request));
  const own = managers.get(id);
  if (own !== undefined && !equalJson(object, live)) {
    managers.set(id, { ...own, time: printTime(now) });
  }
  const noted = request.manager === KUBECTL ? withLastApplied(object, applied) : object;
  const result = withManagers(noted, managers);
  return { object: request.live === undefined ? result : keepIfUnchanged(request.live, result) };
}

/** The stored managers; an object that nobody tracked belongs to `before-first-apply`. */
function trackedManagers(request: ApplyRequest): Managers {
  const { live } = request;
  const stored = live === undefined ? undefined : readManagers(managedFieldsOf(live));
  if (live === undefined || (stored !== undefined && stored.size > 0)) {
    return stored ?? new Map();
  }
  return recordUpdate(
    { ...request, before: undefined, after: live, manager: 'before-first-apply' },
    new Map(),
  );
}

/** Applies; kubectl, when all its conflicts are with what client-side apply left, with force. */
function applyFor(request: ApplyRequest, live: JsonObject, stored: Managers): ReturnType<typeof applyTo> {
  try {
    return applyTo(request, live, stored);
  } catch (error) {
    if (!(error instanceof ApplyConflictError) || request.manager !== KUBECTL) {
      throw error;
    }
    const allowed = new Set([...lastAppliedFields(request.schema, live).paths()].map(printPath));
    const refused = error.conflicts.filter((conflict) => !allowed.has(conflict.field));
    if (refused.length > 0) {
      throw new ApplyConflictError(refused);
    }
    return applyTo({ ...request, force: true }, live, stored);
  }
}

function applyTo(
  request: ApplyRequest,
  live: JsonObject,
  stored: Managers,
): { object: JsonObject; managers: Map<string, ManagerEntry>; id: string } {
  const { schema, apiVersion, applied } = request;
  const identity = {
    manager: request.manager,
    operation: 'Apply',
    apiVersion,
    subresource: request.subresource ?? '',
  } as const;
  const id = identityOf(identity);
  const reset = resetSet(request.resetFields ?? []);
  const fields = fieldsOf(schema, applied).recursiveDifference(reset);
  const last = stored.get(id);
  const claimed = new Map(stored).set(id, {
    ...identity,
    ...(last?.time === undefined ? {} : { time: last.time }),
    fields,
  });
  const merged = mergeObjects(schema, live, applied);
  const object = last === undefined ? merged : prune(schema, merged, last.fields, claimed);
  const { managers } = settle({
    schema,
    before: live,
    after: object,
    managers: claimed,
    self: id,
    reset,
    force: request.force,
  });
  const owned = ownable(fields);
  const entry = managers.get(id);
  if (owned.isEmpty || entry === undefined) {
    managers.delete(id);
  } else {
    managers.set(id, { ...entry, fields: owned });
  }
  return { object, managers, id };
}

/** Removes what the manager applied last time, does not apply now, and nobody else owns. */
function prune(
  schema: StructuralSchema | undefined,
  merged: JsonObject,
  last: FieldSet,
  managers: Managers,
): JsonObject {
  if (last.isEmpty) {
    return merged;
  }
  const withParents = (set: FieldSet): FieldSet => withDeclaredParents(schema, set);
  const everything = withParents(fieldsOf(schema, merged));
  const lastFields = withParents(last);
  const fieldsLeft = (object: JsonObject): FieldSet => withParents(fieldsOf(schema, object));

  // Containers go with their last field, so what others own inside them has to be put back.
  const stripped = removeFields(schema, merged, lastFields);
  const managed = [...managers.values()].reduce((set, entry) => set.union(entry.fields), FieldSet.empty);
  const owned = fieldsLeft(stripped).union(withParents(managed));
  const restored = removeFields(schema, merged, everything.difference(owned));
  const gone = everything.difference(fieldsLeft(restored));
  return removeFields(schema, merged, gone.intersection(lastFields));
}
