import { admit } from '../admission/admit.ts';
import type { ApiCore, Target, WriteOptions } from '../core.ts';
import { conflict, notFound } from '../errors.ts';
import { cloneJson, formatTime, isObject, type JsonObject, type KubeObject } from '../object.ts';
import { present, toStored } from '../read/represent.ts';
import { objectKey } from '../storage/store.ts';
import { find } from './update.ts';

/** What a DELETE asks for: its body, or the query when there is none. */
export interface DeleteOptions {
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly propagationPolicy?: string;
}

/** Finalizers that carry a propagation policy from the DELETE to the garbage collector. */
export const FOREGROUND = 'foregroundDeletion';
export const ORPHAN = 'orphan';

/** Reads DeleteOptions from a body; `query` counts where the body says nothing. */
export function parseDeleteOptions(body: unknown, query: URLSearchParams): DeleteOptions {
  const options = isObject(body) ? body : {};
  const preconditions = isObject(options['preconditions']) ? options['preconditions'] : {};
  const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
  const legacyOrphan = options['orphanDependents'] ?? query.get('orphanDependents');
  const legacy = legacyOrphan === true || legacyOrphan === 'true' ? 'Orphan' : undefined;
  const uid = text(preconditions['uid']);
  const resourceVersion = text(preconditions['resourceVersion']);
  const policy = text(options['propagationPolicy']) ?? query.get('propagationPolicy') ?? legacy;
  return {
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(policy === undefined ? {} : { propagationPolicy: policy }),
  };
}

/** The answer to a DELETE: the object while it lingers, else what `gone` tells. */
export interface Deleted {
  readonly object: KubeObject;
  readonly gone: boolean;
}

/**
 * DELETE of one object. Without finalizers it goes at once, otherwise it gets a deletionTimestamp and waits.
 * @throws ApiError 404, 409 (a precondition failed)
 */
export function remove(core: ApiCore, target: Target, options: DeleteOptions, write: WriteOptions): Deleted {
  const { type, namespace, name } = target;
  const live = find(core, target);
  if (live === undefined) throw notFound(type, name);
  checkPreconditions(target, live, options);
  admit(core, target, { operation: 'DELETE', object: undefined, oldObject: live }, write);
  const next = cloneJson(live);
  addPolicyFinalizer(next, options.propagationPolicy);
  const key = objectKey(namespace, name);
  const heldBack = (next.metadata.finalizers ?? []).length > 0 || holdsNamespace(next);
  if (!heldBack) {
    if (!write.dryRun) core.store.remove(type.storage, key);
    return { object: live, gone: true };
  }
  const already = live.metadata.deletionTimestamp !== undefined;
  if (already && next.metadata.finalizers?.length === live.metadata.finalizers?.length) {
    return { object: live, gone: false };
  }
  next.metadata.deletionTimestamp ??= formatTime(core.now());
  if (next.kind !== 'Namespace') next.metadata.deletionGracePeriodSeconds ??= 0;
  if (!already && next.metadata.generation !== undefined) next.metadata.generation += 1;
  if (next.apiVersion === 'v1' && next.kind === 'Namespace') next['status'] = terminating(next['status']);
  if (write.dryRun) return { object: next, gone: false };
  const stored = core.store.put(type.storage, key, toStored(type, next));
  return { object: present(type, stored), gone: false };
}

function checkPreconditions({ type, name }: Target, live: KubeObject, options: DeleteOptions): void {
  const { uid, resourceVersion } = live.metadata;
  // Here, unlike elsewhere, the real server names the kind instead of the resource.
  const subject = { group: type.group, plural: type.kind };
  if (options.uid !== undefined && options.uid !== uid) {
    const found = `the UID in the precondition (${options.uid}) does not match the UID in record (${uid})`;
    const why = `${found}. The object might have been deleted and then recreated`;
    throw conflict(subject, name, why);
  }
  if (options.resourceVersion !== undefined && options.resourceVersion !== resourceVersion) {
    const found = `the ResourceVersion in the precondition (${options.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion})`;
    throw conflict(subject, name, `${found}. The object might have been modified`);
  }
}

function addPolicyFinalizer(object: KubeObject, policy: string | undefined): void {
  const added = policy === 'Foreground' ? FOREGROUND : policy === 'Orphan' ? ORPHAN : undefined;
  if (policy === undefined) return;
  const others = (object.metadata.finalizers ?? []).filter((name) => name !== FOREGROUND && name !== ORPHAN);
  const finalizers = added === undefined ? others : [...others, added];
  if (finalizers.length > 0) object.metadata.finalizers = finalizers;
  else delete object.metadata.finalizers;
}

/** A namespace lives on until its contents are gone: `spec.finalizers` says so. */
function holdsNamespace(object: KubeObject): boolean {
  if (object.apiVersion !== 'v1' || object.kind !== 'Namespace') return false;
  const spec = object['spec'];
  return isObject(spec) && Array.isArray(spec['finalizers']) && spec['finalizers'].length > 0;
}

function terminating(status: unknown): JsonObject {
  return { ...(isObject(status) ? status : {}), phase: 'Terminating' };
}

/** The Status that answers a DELETE of an object that is gone. */
export function deletedStatus({ type }: Target, object: KubeObject): JsonObject {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name: object.metadata.name,
      ...(type.group === '' ? {} : { group: type.group }),
      kind: type.plural,
      uid: object.metadata.uid,
    },
  };
}
