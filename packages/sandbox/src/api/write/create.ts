import { randomUUID } from 'node:crypto';
import { trackUpdate } from '../../apply/track-update.ts';
import { admit } from '../admission/admit.ts';
import type { ApiCore, Target, WriteOptions } from '../core.ts';
import { ApiError, alreadyExists, badRequest, forbidden, notFound } from '../errors.ts';
import { asKubeObject, cloneJson, formatTime, type KubeObject } from '../object.ts';
import { present, toStored } from '../read/represent.ts';
import { apiVersionOf } from '../registry/resource.ts';
import { objectKey } from '../storage/store.ts';
import { decodeBody, pruneAndDefault, validate } from './decode.ts';

/** Letters and digits of generated names: no vowels, so that no words come out. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;

/**
 * POST to a collection.
 * @throws ApiError 400, 403 (namespace is terminating), 404 (no such namespace), 409, 422
 */
export function create(core: ApiCore, target: Target, body: unknown, options: WriteOptions): KubeObject {
  const object = cloneJson(decodeBody(target, body));
  if (target.name !== '' && object.metadata.name !== target.name) {
    throw badRequest(
      `the name of the object (${object.metadata.name}) does not match the name on the URL (${target.name})`,
    );
  }
  pruneAndDefault(target.type, object, options);
  const tracked: unknown = trackUpdate({
    before: undefined,
    after: withoutStatus(target, object),
    manager: options.manager,
    schema: target.type.schema,
    apiVersion: apiVersionOf(target.type),
    subresource: '',
    resetFields: resetFields(target),
    now: core.now(),
  });
  return insert(core, target, cloneJson(asKubeObject(tracked)), options);
}

/** Stores a new object whose fields and owners are settled; also the end of an apply that creates. */
export function insert(core: ApiCore, target: Target, owned: KubeObject, options: WriteOptions): KubeObject {
  const { type, namespace } = target;
  requireNamespace(core, target, owned);
  const write = { operation: 'CREATE', object: owned, oldObject: undefined } as const;
  const object = admit(core, target, write, options) ?? owned;
  if (object.metadata.resourceVersion !== undefined && object.metadata.resourceVersion !== '') {
    // A real server does not tell this from a failure of its own.
    throw new ApiError(500, '', 'resourceVersion should not be set on objects to be created');
  }
  fillMetadata(core, target, object);
  type.strategy.create?.(object);
  validate(type, object);
  const key = objectKey(namespace, object.metadata.name);
  if (core.store.get(type.storage, key) !== undefined) throw alreadyExists(type, object.metadata.name);
  if (options.dryRun) return object;
  return present(type, core.store.put(type.storage, key, toStored(type, object)));
}

/** The status of a new object is the server's: what a client sends is dropped. */
export function withoutStatus({ type }: Target, object: KubeObject): KubeObject {
  if (!type.hasStatus) return object;
  const { status: _, ...rest } = object;
  return type.custom ? rest : { ...rest, status: {} };
}

/** What a write to the main resource cannot own: the status, where it has an endpoint of its own. */
export function resetFields({ type, subresource }: Target): readonly (readonly string[])[] {
  return type.hasStatus && subresource === '' ? [['status']] : [];
}

function fillMetadata(core: ApiCore, { type, namespace }: Target, object: KubeObject): void {
  const { metadata } = object;
  if ((metadata.name ?? '') === '' && (metadata.generateName ?? '') !== '') {
    metadata.name = `${metadata.generateName}${randomSuffix()}`;
  }
  if (type.namespaced) metadata.namespace = namespace;
  metadata.uid = randomUUID();
  metadata.creationTimestamp = formatTime(core.now());
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.resourceVersion;
  if (type.hasGeneration) metadata.generation = 1;
  else delete metadata.generation;
}

function requireNamespace(core: ApiCore, { type, namespace }: Target, object: KubeObject): void {
  if (!type.namespaced) return;
  const found = core.store.get('/namespaces', namespace);
  if (found === undefined) throw notFound({ group: '', plural: 'namespaces' }, namespace);
  if (found.metadata.deletionTimestamp === undefined) return;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  throw forbidden(type, object.metadata.name, why, {
    reason: 'NamespaceTerminating',
    message: `namespace ${namespace} is being terminated`,
    field: 'metadata.namespace',
  });
}

function randomSuffix(): string {
  let suffix = '';
  for (let index = 0; index < SUFFIX_LENGTH; index += 1) {
    suffix += ALPHABET[Math.floor(Math.random() * ALPHABET.length)];
  }
  return suffix;
}
