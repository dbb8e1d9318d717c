import type { JsonObject } from '../schema/json.ts';
import type { StructuralSchema } from '../schema/schema.ts';
import { type Comparison, compareObjects } from './compare.ts';
import { ApplyConflictError, printManager } from './errors.ts';
import { FieldSet, printPath } from './field-set.ts';
import type { ManagerEntry, Managers } from './managers.ts';
import { fieldElement } from './path-element.ts';

/** Fields of the API server itself, which nobody owns. */
const UNOWNED: FieldSet = FieldSet.of(
  [
    ['apiVersion'],
    ['kind'],
    ['metadata'],
    ...[
      'name',
      'namespace',
      'creationTimestamp',
      'selfLink',
      'uid',
      'clusterName',
      'generation',
      'managedFields',
      'resourceVersion',
    ].map((name) => ['metadata', name]),
  ].map((path) => path.map(fieldElement)),
);

/** Drops what nobody can own. */
export function ownable(fields: FieldSet): FieldSet {
  return fields.difference(UNOWNED);
}

/** The set of fields that an endpoint resets, such as `[['status']]` for a main resource. */
export function resetSet(resetFields: readonly (readonly string[])[]): FieldSet {
  return FieldSet.of(resetFields.map((path) => path.map(fieldElement)));
}

/** Inputs of {@link settle}. */
export interface Change {
  readonly schema: StructuralSchema | undefined;
  readonly before: JsonObject;
  readonly after: JsonObject;
  readonly managers: Managers;
  /** Identity of the manager that makes the change; its own entry is left alone. */
  readonly self: string;
  readonly reset: FieldSet;
  readonly force: boolean;
}

/**
 * Takes changed and removed fields away from all other managers.
 *
 * @throws ApplyConflictError when not forced and another manager owns a field that changes
 */
export function settle(change: Change): { managers: Map<string, ManagerEntry>; comparison: Comparison } {
  const raw = compareObjects(change.schema, change.before, change.after);
  const comparison: Comparison = {
    added: raw.added.recursiveDifference(change.reset),
    modified: raw.modified.recursiveDifference(change.reset),
    removed: raw.removed.recursiveDifference(change.reset),
  };
  const changed = comparison.modified.union(comparison.added);
  const managers = new Map<string, ManagerEntry>();
  const conflicts: { entry: ManagerEntry; fields: FieldSet }[] = [];
  for (const id of [...change.managers.keys()].sort()) {
    const entry = change.managers.get(id);
    if (entry === undefined) {
      continue;
    }
    if (id === change.self) {
      managers.set(id, entry);
      continue;
    }
    const contested = entry.fields.intersection(changed);
    if (!contested.isEmpty) {
      conflicts.push({ entry, fields: contested });
    }
    managers.set(id, { ...entry, fields: entry.fields.difference(contested).difference(comparison.removed) });
  }
  if (!change.force && conflicts.length > 0) {
    throw new ApplyConflictError(conflicts.flatMap(({ entry, fields }) => explain(entry, fields)));
  }
  for (const [id, entry] of managers) {
    if (entry.fields.isEmpty) {
      managers.delete(id);
    }
  }
  return { managers, comparison };
}

function explain(entry: ManagerEntry, fields: FieldSet): ApplyConflictError['conflicts'] {
  const { manager, operation, apiVersion, subresource } = entry;
  const message = `conflict with ${printManager(entry)}`;
  return [...fields.paths()].map((path) => ({
    manager,
    operation,
    apiVersion,
    subresource,
    field: printPath(path),
    message,
  }));
}
