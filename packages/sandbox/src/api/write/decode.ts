import { applyDefaults } from '../../schema/defaults.ts';
import { pruneUnknown } from '../../schema/prune.ts';
import type { FieldError } from '../../schema/schema.ts';
import { validateObject } from '../../schema/validate.ts';
import type { Target, WriteOptions } from '../core.ts';
import { ApiError, badRequest, invalid } from '../errors.ts';
import { asKubeObject, isObject, type JsonObject, type KubeObject, type ObjectMeta } from '../object.ts';
import { apiVersionOf, type ResourceType } from '../registry/resource.ts';
import { validateMetadata } from './metadata.ts';

const META_FIELDS: ReadonlySet<string> = new Set([
  'name',
  'generateName',
  'namespace',
  'selfLink',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
]);

/**
 * Checks that `body` is an object of the resource that the path names, and fills what the path says.
 * @throws ApiError 400 when apiVersion, kind, name or namespace contradict the path
 */
export function decodeBody(target: Target, body: unknown): KubeObject {
  const { type } = target;
  if (!isObject(body)) throw badRequest('the request body is not a JSON object');
  const expected = apiVersionOf(type);
  if (type.custom) requireKind(type, body);
  const apiVersion = body['apiVersion'] ?? expected;
  const kind = body['kind'] ?? type.kind;
  if (apiVersion !== expected) {
    throw badRequest(
      `the API version in the data (${JSON.stringify(apiVersion)}) does not match the expected API version (${expected})`,
    );
  }
  if (kind !== type.kind) {
    throw badRequest(
      `${JSON.stringify(kind)} in version ${JSON.stringify(type.version)} cannot be handled as a ${type.kind}: ` +
        `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(expected)}`,
    );
  }
  const metadata = isObject(body['metadata']) ? { ...body['metadata'] } : {};
  const object = asKubeObject({ ...body, apiVersion: expected, kind: type.kind, metadata });
  placeInNamespace(target, object.metadata);
  return object;
}

/** Custom resources have no type on the server's side that an absent kind could be taken from. */
function requireKind(type: ResourceType, body: JsonObject): void {
  for (const [field, name] of [
    ['kind', 'Kind'],
    ['apiVersion', 'apiVersion'],
  ] as const) {
    if (typeof body[field] === 'string' && body[field] !== '') continue;
    const text = JSON.stringify(body);
    throw badRequest(
      `the object provided is unrecognized (must be of type ${type.kind}): Object '${name}' is missing in '${text}' ` +
        `(${text.slice(0, 30)} ...)`,
    );
  }
}

function placeInNamespace({ type, namespace }: Target, metadata: ObjectMeta): void {
  if (!type.namespaced) {
    if (metadata.namespace === '') delete metadata.namespace;
    return;
  }
  if (metadata.namespace === undefined || metadata.namespace === '') metadata.namespace = namespace;
  if (metadata.namespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
}

/** 400 for unknown fields under `Strict`; a PATCH words the same finding in another way. */
export class UnknownFieldsError extends ApiError {
  readonly finding: string;

  constructor(subject: string, finding: string) {
    super(400, 'BadRequest', `${subject}${finding}`);
    this.finding = finding;
  }
}

/**
 * Drops what the schema does not know and fills in defaults, in place. Unknown fields become warnings.
 * @throws ApiError 400 under `Strict`, naming every unknown field
 */
export function pruneAndDefault(type: ResourceType, object: KubeObject, options: WriteOptions): void {
  const unknown = pruneMetadata(object.metadata);
  if (type.schema !== undefined) {
    unknown.unshift(...pruneUnknown(type.schema, object));
    applyDefaults(type.schema, object);
  }
  report(type, unknown, options);
}

function report(type: ResourceType, unknown: readonly string[], options: WriteOptions): void {
  if (unknown.length === 0 || options.fieldValidation === 'Ignore') return;
  const found = unknown.map((path) => `unknown field ${JSON.stringify(path)}`);
  if (options.fieldValidation === 'Warn') {
    options.warnings.push(...found);
    return;
  }
  throw new UnknownFieldsError(
    `${type.kind} in version ${JSON.stringify(type.version)} cannot be handled as a ${type.kind}: `,
    `strict decoding error: ${found.join(', ')}`,
  );
}

function pruneMetadata(metadata: ObjectMeta): string[] {
  const unknown: string[] = [];
  for (const key of Object.keys(metadata)) {
    if (META_FIELDS.has(key)) continue;
    unknown.push(`metadata.${key}`);
    Reflect.deleteProperty(metadata, key);
  }
  Reflect.deleteProperty(metadata, 'selfLink');
  return unknown;
}

/**
 * Checks metadata and schema.
 * @throws ApiError 422 with a cause per violation; 400 for a wrong type in a built-in kind, which a real
 * server already fails to decode
 */
export function validate(type: ResourceType, object: KubeObject, previous?: KubeObject): void {
  const errors = validateObject(type.schema, object, previous).map(type.custom ? keep : requireNull);
  const mistyped = type.custom ? undefined : errors.find(({ reason }) => reason === 'FieldValueTypeInvalid');
  if (mistyped !== undefined) {
    throw new ApiError(
      400,
      'BadRequest',
      `${type.kind} in version ${JSON.stringify(type.version)} cannot be handled as a ${type.kind}: ` +
        `json: cannot unmarshal: ${mistyped.field}: ${mistyped.message}`,
    );
  }
  const found = [
    ...validateMetadata(type, object.metadata),
    ...errors,
    ...(type.strategy.check?.(object, previous) ?? []),
  ];
  const causes = found.map(({ field, reason, message }) => ({ reason, message, field }));
  if (causes.length > 0) throw invalid(type.kind, type.group, object.metadata.name, causes);
}

function keep(error: FieldError): FieldError {
  return error;
}

/** To the types of built-in kinds null is the same as absent. */
function requireNull(error: FieldError): FieldError {
  if (error.reason !== 'FieldValueTypeInvalid' || !error.message.endsWith(': "null"')) return error;
  return { field: error.field, reason: 'FieldValueRequired', message: 'Required value' };
}
