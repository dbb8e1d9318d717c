import { isObject, type JsonObject } from '../schema/json.ts';
import { FieldSet } from './field-set.ts';

/** Who owns which fields: one entry of `metadata.managedFields`. */
export interface ManagerEntry {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string;
  /** RFC 3339 with seconds; absent when the manager joined without changing anything. */
  readonly time?: string;
  readonly fields: FieldSet;
}

/** Entries by identity; an applier is one manager whatever version it applies. */
export type Managers = ReadonlyMap<string, ManagerEntry>;

/** Updates by more managers than this are merged into one entry, oldest first. */
const MAX_UPDATERS = 10;

/** The identity of an entry, whose text is also the order in which conflicts are listed. */
export function identityOf(entry: Omit<ManagerEntry, 'fields' | 'time'>): string {
  const { manager, operation, apiVersion, subresource } = entry;
  return JSON.stringify({
    manager,
    operation,
    ...(operation === 'Update' ? { apiVersion } : {}),
    ...(subresource === '' ? {} : { subresource }),
  });
}

/**
 * Reads `metadata.managedFields`.
 *
 * @returns undefined when an entry is malformed: the API server then ignores the whole list
 */
export function readManagers(list: unknown): Managers | undefined {
  const managers = new Map<string, ManagerEntry>();
  for (const entry of Array.isArray(list) ? list : []) {
    const read = isObject(entry) ? readEntry(entry) : undefined;
    if (read === undefined) {
      return undefined;
    }
    managers.set(identityOf(read), read);
  }
  return managers;
}

function readEntry(entry: JsonObject): ManagerEntry | undefined {
  const { manager, operation, apiVersion, subresource, time, fieldsType, fieldsV1 } = entry;
  if (operation !== 'Apply' && operation !== 'Update') {
    return undefined;
  }
  if (typeof apiVersion !== 'string' || apiVersion === '' || fieldsType !== 'FieldsV1') {
    return undefined;
  }
  return {
    manager: typeof manager === 'string' ? manager : '',
    operation,
    apiVersion,
    subresource: typeof subresource === 'string' ? subresource : '',
    ...(typeof time === 'string' ? { time } : {}),
    fields: FieldSet.fromFieldsV1(fieldsV1),
  };
}

/** Writes `metadata.managedFields`, appliers first, then by time. */
export function writeManagers(managers: Managers): JsonObject[] {
  return [...managers.values()].sort(compareEntries).map((entry) => ({
    ...(entry.manager === '' ? {} : { manager: entry.manager }),
    operation: entry.operation,
    apiVersion: entry.apiVersion,
    ...(entry.time === undefined ? {} : { time: entry.time }),
    fieldsType: 'FieldsV1',
    fieldsV1: entry.fields.toFieldsV1(),
    ...(entry.subresource === '' ? {} : { subresource: entry.subresource }),
  }));
}

function compareEntries(left: ManagerEntry, right: ManagerEntry): number {
  return (
    compareText(left.operation, right.operation) ||
    secondsOf(left) - secondsOf(right) ||
    compareText(left.manager, right.manager) ||
    compareText(left.apiVersion, right.apiVersion) ||
    compareText(left.subresource, right.subresource)
  );
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}

function secondsOf({ time }: ManagerEntry): number {
  return time === undefined ? Number.NEGATIVE_INFINITY : Math.floor(Date.parse(time) / 1000);
}

/** Merges the oldest updaters per API version into `ancient-changes` until few enough are left. */
export function capUpdaters(managers: Managers): Managers {
  const updaters = [...managers].filter(([, entry]) => entry.operation === 'Update');
  if (updaters.length <= MAX_UPDATERS) {
    return managers;
  }
  updaters.sort(
    ([leftId, left], [rightId, right]) => secondsOf(left) - secondsOf(right) || compareText(leftId, rightId),
  );
  const capped = new Map(managers);
  const firstOfVersion = new Map<string, string>();
  let count = updaters.length;
  for (const [id, entry] of updaters) {
    const first = firstOfVersion.get(entry.apiVersion);
    if (count <= MAX_UPDATERS) {
      break;
    }
    if (first === undefined) {
      firstOfVersion.set(entry.apiVersion, id);
      continue;
    }
    const { apiVersion, time } = entry;
    const bucket = { manager: 'ancient-changes', operation: 'Update', apiVersion, subresource: '' } as const;
    const bucketId = identityOf(bucket);
    const merged = capped.get(bucketId) ?? capped.get(first);
    capped.delete(first);
    capped.delete(id);
    const fields = entry.fields.union(merged?.fields ?? FieldSet.empty);
    capped.set(bucketId, { ...bucket, ...(time === undefined ? {} : { time }), fields });
    count -= 1;
  }
  return capped;
}

/** Milliseconds since the epoch as the API writes them, to the second: `2026-01-31T12:00:00Z`. */
export function printTime(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 19)}Z`;
}
