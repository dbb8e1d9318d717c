import { trackUpdate } from '../../apply/track-update.ts';
import { admit } from '../admission/admit.ts';
import type { ApiCore, Target, WriteOptions } from '../core.ts';
import { badRequest, conflict, invalid, MODIFIED, notFound } from '../errors.ts';
import { asKubeObject, cloneJson, equalJson, isObject, type KubeObject } from '../object.ts';
import { present, toStored } from '../read/represent.ts';
import { apiVersionOf, type ResourceType } from '../registry/resource.ts';
import { objectKey } from '../storage/store.ts';
import { create, resetFields } from './create.ts';
import { decodeBody, pruneAndDefault, validate } from './decode.ts';

/** A PUT's answer: `created` decides between 200 and 201. */
export interface Updated {
  readonly object: KubeObject;
  readonly created: boolean;
}

/**
 * PUT of an object or of its status.
 * @throws ApiError 400, 404, 409 (stale resourceVersion), 422
 */
export function update(core: ApiCore, target: Target, body: unknown, options: WriteOptions): Updated {
  const { type, name } = target;
  const object = cloneJson(decodeBody(target, body));
  checkName(target, object);
  const live = find(core, target);
  if (live === undefined) {
    if (type.strategy.createOnUpdate !== true || target.subresource !== '') throw notFound(type, name);
    return { object: create(core, target, object, options), created: true };
  }
  const version = object.metadata.resourceVersion ?? '';
  if (version === '' && type.strategy.unconditionalUpdate !== true) {
    const message = 'Invalid value: 0: must be specified for an update';
    const field = 'metadata.resourceVersion';
    throw invalid(type.kind, type.group, name, [{ reason: 'FieldValueInvalid', message, field }]);
  }
  const { uid } = object.metadata;
  if (uid !== undefined && uid !== '' && uid !== live.metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.metadata.uid}`;
    throw conflict(type, name, why);
  }
  return { object: replace(core, target, live, object, options), created: false };
}

/** The live object that a target names, in the target's version. */
export function find(core: ApiCore, { type, namespace, name }: Target): KubeObject | undefined {
  const stored = core.store.get(type.storage, objectKey(namespace, name));
  return stored === undefined ? undefined : present(type, stored);
}

/** Puts `next` in the place of `live` as an update by `options.manager`; PATCH and PUT both end here. */
export function replace(
  core: ApiCore,
  target: Target,
  live: KubeObject,
  next: KubeObject,
  options: WriteOptions,
): KubeObject {
  pruneAndDefault(target.type, next, options);
  checkPreconditions(target, live, next);
  const tracked: unknown = trackUpdate({
    before: live,
    after: keepForeign(target, live, next),
    manager: options.manager,
    schema: target.type.schema,
    apiVersion: apiVersionOf(target.type),
    subresource: target.subresource,
    resetFields: resetFields(target),
    now: core.now(),
  });
  return commit(core, target, live, cloneJson(asKubeObject(tracked)), options);
}

/** Stores an update whose owners are settled, unless it changes nothing. */
export function commit(
  core: ApiCore,
  target: Target,
  live: KubeObject,
  owned: KubeObject,
  options: WriteOptions,
): KubeObject {
  const { type, namespace } = target;
  checkUid(type, live, owned);
  keepMetadata(type, live, owned);
  const write = { operation: 'UPDATE', object: owned, oldObject: live } as const;
  const next = admit(core, target, write, options) ?? owned;
  keepMetadata(type, live, next);
  if (target.subresource === '' || target.subresource === 'scale') type.strategy.update?.(next, live);
  const counted = specChanged(type, live, next) || annotationsCount(target, live, next);
  if (type.hasGeneration && counted) {
    next.metadata.generation = (live.metadata.generation ?? 0) + 1;
  }
  checkFinalizers(type, live, next);
  validate(type, next, live);
  if (sameExceptTimes(live, next)) return live;
  if (options.dryRun) return next;
  const key = objectKey(namespace, live.metadata.name);
  const stored = toStored(type, next);
  const finished = stored.metadata.deletionTimestamp !== undefined && isReleased(stored);
  if (finished) return present(type, core.store.remove(type.storage, key, stored) ?? stored);
  return present(type, core.store.put(type.storage, key, stored));
}

/** Nothing holds a deleted object back any more. */
function isReleased(object: KubeObject): boolean {
  if ((object.metadata.finalizers ?? []).length > 0) return false;
  if (object.kind !== 'Namespace' || object.apiVersion !== 'v1') return true;
  const spec = isObject(object['spec']) ? object['spec'] : {};
  return !Array.isArray(spec['finalizers']) || spec['finalizers'].length === 0;
}

function checkName({ name, namespace }: Target, { metadata }: KubeObject): void {
  if (metadata.name === undefined || metadata.name === '') metadata.name = name;
  if (metadata.name !== name) {
    throw badRequest(
      `the name of the object (${metadata.name}) does not match the name on the URL (${name})`,
    );
  }
  if ((metadata.namespace ?? '') !== namespace) {
    throw badRequest(
      `the namespace of the object (${metadata.namespace}) does not match the namespace on the URL (${namespace})`,
    );
  }
}

function checkPreconditions({ type, name }: Target, live: KubeObject, { metadata }: KubeObject): void {
  const { resourceVersion } = live.metadata;
  const wanted = metadata.resourceVersion ?? '';
  if (wanted !== '' && wanted !== '0' && wanted !== resourceVersion) throw conflict(type, name, MODIFIED);
}

/**
 * The parts of an update that count: everything but status on the main resource, nothing but status on the
 * status subresource (built-in kinds also take other metadata there, as the real server does).
 */
export function keepForeign(target: Target, live: KubeObject, next: KubeObject): KubeObject {
  const { type, subresource } = target;
  if (subresource === 'status') {
    const { managedFields } = next.metadata;
    const metadata = type.custom ? { ...cloneJson(live.metadata) } : next.metadata;
    if (managedFields === undefined) delete metadata.managedFields;
    else metadata.managedFields = managedFields;
    if (!type.custom && live.metadata.labels !== undefined) {
      metadata.labels = cloneJson(live.metadata.labels);
    }
    const kept: KubeObject = { ...cloneJson(live), metadata };
    if (next['status'] === undefined) delete kept['status'];
    else kept['status'] = next['status'];
    return kept;
  }
  if (!type.hasStatus) return next;
  const { status: _, ...rest } = next;
  const status = live['status'];
  return status === undefined ? rest : { ...rest, status: cloneJson(status) };
}

function checkUid(type: ResourceType, live: KubeObject, { metadata }: KubeObject): void {
  const { uid } = metadata;
  if (uid === undefined || uid === '' || uid === live.metadata.uid) return;
  const message = `Invalid value: ${JSON.stringify(uid)}: field is immutable`;
  const cause = { reason: 'FieldValueInvalid', message, field: 'metadata.uid' };
  throw invalid(type.kind, type.group, live.metadata.name, [cause]);
}

/** Metadata that only the server writes stays as it is. */
function keepMetadata(type: ResourceType, live: KubeObject, next: KubeObject): void {
  const before = live.metadata;
  const { metadata } = next;
  metadata.name = before.name;
  for (const field of [
    'namespace',
    'generateName',
    'uid',
    'resourceVersion',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
    'generation',
  ] as const) {
    const value = before[field];
    if (value === undefined) delete metadata[field];
    else Object.assign(metadata, { [field]: value });
  }
  if (!type.hasGeneration) delete metadata.generation;
}

/** Whether anything but metadata and status differs: what `metadata.generation` counts. */
function specChanged(type: ResourceType, live: KubeObject, next: KubeObject): boolean {
  const strip = (object: KubeObject): Record<string, unknown> => {
    const { metadata: _metadata, ...rest } = object;
    if (type.hasStatus) delete rest['status'];
    return rest;
  };
  return !equalJson(strip(live), strip(next));
}

/** Annotations steer Deployments, so there they count as well. */
function annotationsCount({ type, subresource }: Target, live: KubeObject, next: KubeObject): boolean {
  if (type.storage !== 'apps/deployments' || subresource === 'status') return false;
  return !equalJson(live.metadata.annotations ?? {}, next.metadata.annotations ?? {});
}

function checkFinalizers(type: ResourceType, live: KubeObject, next: KubeObject): void {
  if (live.metadata.deletionTimestamp === undefined) return;
  const old = live.metadata.finalizers ?? [];
  const added = (next.metadata.finalizers ?? []).filter((finalizer) => !old.includes(finalizer));
  if (added.length === 0) return;
  const list = added.map((finalizer) => JSON.stringify(finalizer)).join(', ');
  throw invalid(type.kind, type.group, live.metadata.name, [
    {
      reason: 'FieldValueForbidden',
      message: `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`,
      field: 'metadata.finalizers',
    },
  ]);
}

/** An update that would only change the times in managedFields changes nothing at all. */
function sameExceptTimes(live: KubeObject, next: KubeObject): boolean {
  const strip = (object: KubeObject): KubeObject => ({
    ...object,
    metadata: {
      ...object.metadata,
      managedFields: (object.metadata.managedFields ?? []).map((entry) => ({ ...entry, time: '' })),
    },
  });
  return equalJson(strip(live), strip(next));
}
