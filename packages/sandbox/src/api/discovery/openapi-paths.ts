import type { JsonObject } from '../object.ts';
import { apiVersionOf, type ResourceType } from '../registry/resource.ts';

const parameter = (name: string, description: string, type = 'string'): JsonObject => ({
  name,
  in: 'query',
  description,
  schema: { type, uniqueItems: true },
});

const WRITE_PARAMETERS = [
  parameter('dryRun', 'With All, nothing is stored.'),
  parameter('fieldManager', 'Who makes this change.'),
  // kubectl looks for this one: without it, it would validate objects by itself.
  parameter('fieldValidation', 'What to do about unknown fields: Ignore, Warn or Strict.'),
];

const FORCE = parameter('force', 'Take fields from other managers.', 'boolean');

const PATCH_TYPES = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
];

/** The paths of one resource, as far as clients look at them: operations, their kind and parameters. */
export function pathsOf(type: ResourceType, schemaName: string): JsonObject {
  const root = type.group === '' ? '/api' : '/apis';
  const place = type.namespaced ? '/namespaces/{namespace}' : '';
  const collection = `${root}/${apiVersionOf(type)}${place}/${type.plural}`;
  const { group, version, kind } = type;
  const reference = { $ref: `#/components/schemas/${schemaName}` };
  const operation = (action: string, parameters: readonly JsonObject[] = []): JsonObject => ({
    operationId: `${action}${group}${version}${kind}`,
    parameters,
    responses: { '200': { description: 'OK', content: { 'application/json': { schema: reference } } } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group, version, kind },
  });
  const withBody = (action: string, types: readonly string[]): JsonObject => ({
    ...operation(action, action === 'patch' ? [...WRITE_PARAMETERS, FORCE] : WRITE_PARAMETERS),
    requestBody: { content: Object.fromEntries(types.map((mime) => [mime, { schema: reference }])) },
  });
  if (type.review) return { [collection]: { post: withBody('post', ['application/json']) } };
  return {
    [collection]: { get: operation('list'), post: withBody('post', ['application/json']) },
    [`${collection}/{name}`]: {
      get: operation('get'),
      put: withBody('put', ['application/json']),
      patch: withBody(
        'patch',
        PATCH_TYPES.filter((mime) => !type.custom || !mime.includes('strategic')),
      ),
      delete: operation('delete'),
    },
  };
}
