import { parse } from 'yaml';
import { ApplyConflictError, ApplyError } from '../../apply/errors.ts';
import { serverSideApply } from '../../apply/server-side-apply.ts';
import { applyJsonPatch } from '../../patch/json-patch.ts';
import { applyMergePatch } from '../../patch/merge-patch.ts';
import { PatchError } from '../../patch/patch-error.ts';
import { applyStrategicMergePatch } from '../../patch/strategic-merge-patch.ts';
import type { ApiCore, Target, WriteOptions } from '../core.ts';
import { ApiError, badRequest, conflict, invalid, MODIFIED, notFound, type StatusCause } from '../errors.ts';
import { asKubeObject, cloneJson, isObject, type JsonObject, type KubeObject } from '../object.ts';
import { apiVersionOf } from '../registry/resource.ts';
import { insert, resetFields, withoutStatus } from './create.ts';
import { decodeBody, pruneAndDefault, UnknownFieldsError } from './decode.ts';
import { commit, find, keepForeign, replace, type Updated } from './update.ts';

/** The content types of PATCH. */
const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const STRATEGIC_PATCH = 'application/strategic-merge-patch+json';
const APPLY = 'application/apply-patch+yaml';

/**
 * PATCH of an object or of its status, in any of the four forms.
 * @throws ApiError 400, 404, 409 (conflict of owners or versions), 415 (a form that the resource does not
 * take), 422
 */
export function patch(
  core: ApiCore,
  target: Target,
  contentType: string,
  body: string,
  options: WriteOptions,
): Updated {
  const { type, name } = target;
  const forms = [JSON_PATCH, MERGE_PATCH, ...(type.custom ? [] : [STRATEGIC_PATCH]), APPLY];
  if (!forms.includes(contentType)) throw unsupported(forms);
  if (contentType === APPLY) return apply(core, target, body, options);
  const live = find(core, target);
  if (live === undefined) throw notFound(type, name);
  const patched = asKubeObject(patchDocument(target, live, contentType, parseJson(body)));
  if (patched.metadata.name !== live.metadata.name) {
    throw badRequest(
      `the name of the object (${patched.metadata.name}) does not match the name on the URL (${name})`,
    );
  }
  const next = decodeBody(target, patched);
  // Only Strict complains of unknown fields, in the words of the document before they were dropped.
  const text = options.fieldValidation === 'Strict' ? JSON.stringify(next) : '';
  try {
    return { object: replace(core, target, live, next, options), created: false };
  } catch (error) {
    if (!(error instanceof UnknownFieldsError)) throw error;
    const message = `Invalid value: ${JSON.stringify(text)}: ${error.finding}`;
    throw invalid('', '', '', [{ reason: 'FieldValueInvalid', message, field: 'patch' }]);
  }
}

/** Applies a patch document to a copy of `live`. */
export function patchDocument(
  { type }: Target,
  live: JsonObject,
  contentType: string,
  document: unknown,
): JsonObject {
  const copy = cloneJson(live);
  try {
    if (contentType === JSON_PATCH) return applyJsonPatch(copy, document);
    if (contentType === MERGE_PATCH) return applyMergePatch(copy, document);
    return applyStrategicMergePatch(copy, document, type.schema);
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    if (error.code === 422) throw new ApiError(422, 'Invalid', error.message, {});
    throw error.code === 409 ? new ApiError(409, 'Conflict', error.message) : badRequest(error.message);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest(`error decoding patch: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function unsupported(forms: readonly string[]): ApiError {
  const message =
    'the body of the request was in an unknown format - accepted media types include: ' + forms.join(', ');
  return new ApiError(415, 'UnsupportedMediaType', message);
}

function apply(core: ApiCore, target: Target, text: string, options: WriteOptions): Updated {
  const { type } = target;
  const applied = decodeApplied(target, text, options);
  const live = find(core, target);
  if (live === undefined && target.subresource !== '') throw notFound(type, target.name);
  const { uid } = applied.metadata;
  if (live === undefined && uid !== undefined) {
    const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
    throw conflict(type, target.name, why);
  }
  const { resourceVersion } = applied.metadata;
  const object = cloneJson(merge(core, target, live, applied, options));
  if (
    live !== undefined &&
    resourceVersion !== undefined &&
    resourceVersion !== live.metadata.resourceVersion
  ) {
    throw conflict(type, target.name, MODIFIED);
  }
  if (live === undefined) {
    pruneAndDefault(type, object, { ...options, fieldValidation: 'Ignore' });
    delete object.metadata.resourceVersion;
    return { object: insert(core, target, withoutStatus(target, object), options), created: true };
  }
  pruneAndDefault(type, object, { ...options, fieldValidation: 'Ignore' });
  return { object: commit(core, target, live, keepForeign(target, live, object), options), created: false };
}

function decodeApplied(target: Target, text: string, options: WriteOptions): KubeObject {
  const { type } = target;
  if (options.manager === '') {
    throw invalid('PatchOptions', 'meta.k8s.io', '', [
      {
        reason: 'FieldValueRequired',
        message: 'Required value: is required for apply patch',
        field: 'fieldManager',
      },
    ]);
  }
  let body: unknown;
  try {
    body = parseApplied(text);
  } catch (error) {
    throw badRequest(`error decoding YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!isObject(body)) throw badRequest('error decoding YAML: the patch is not an object');
  if (body['apiVersion'] === undefined || body['kind'] === undefined) {
    throw badRequest('apiVersion and kind must be set in an apply patch');
  }
  const applied = decodeBody(target, body);
  if (applied.metadata.managedFields !== undefined && applied.metadata.managedFields.length > 0) {
    throw badRequest('metadata.managedFields must be nil');
  }
  const name = applied.metadata.name ?? target.name;
  if (name !== target.name) {
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${target.name})`);
  }
  applied.metadata.name = name;
  // Defaults belong to the merged object: what nobody wrote, nobody owns.
  const probe = cloneJson(applied);
  const schemaless = { ...type, schema: undefined };
  pruneAndDefault(schemaless, probe, options);
  return applied;
}

/** Most clients send JSON, which is YAML too but is read far faster as what it is. */
function parseApplied(text: string): unknown {
  if (text.startsWith('{')) {
    try {
      return JSON.parse(text);
    } catch {
      // A flow mapping of YAML also begins like this.
    }
  }
  return parse(text, { version: '1.1' });
}

function merge(
  core: ApiCore,
  target: Target,
  live: KubeObject | undefined,
  applied: KubeObject,
  options: WriteOptions,
): KubeObject {
  try {
    const { object } = serverSideApply({
      live,
      applied: target.subresource === 'status' ? onlyStatus(applied) : { ...applied },
      manager: options.manager,
      force: options.force,
      schema: target.type.schema,
      apiVersion: apiVersionOf(target.type),
      subresource: target.subresource,
      resetFields: resetFields(target),
      now: core.now(),
    });
    return asKubeObject(object);
  } catch (error) {
    if (error instanceof ApplyConflictError) throw applyConflict(error);
    if (error instanceof ApplyError) {
      throw new ApiError(error.code, error.code === 400 ? 'BadRequest' : '', error.message);
    }
    throw error;
  }
}

function onlyStatus({ apiVersion, kind, metadata, status }: KubeObject): JsonObject {
  const { name, namespace } = metadata;
  const identity = { name, ...(namespace === undefined ? {} : { namespace }) };
  return { apiVersion, kind, metadata: identity, ...(status === undefined ? {} : { status }) };
}

/** The 409 of server-side apply: one cause per field and owner, the message as kubectl prints it. */
function applyConflict(error: ApplyConflictError): ApiError {
  const causes: StatusCause[] = error.conflicts.map(({ message, field }) => ({
    reason: 'FieldManagerConflict',
    message,
    field,
  }));
  return new ApiError(409, 'Conflict', error.message, { causes });
}
