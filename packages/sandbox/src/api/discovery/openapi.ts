import type { ApiCore } from '../core.ts';
import type { ApiRequest, Reply } from '../http/reply.ts';
import { isObject, type JsonObject } from '../object.ts';
import { apiVersionOf, type ResourceType } from '../registry/resource.ts';
import { META_SCHEMAS, OBJECT_META } from './meta-schemas.ts';
import { pathsOf } from './openapi-paths.ts';

const ROOT = '/openapi/v3';

/** Answers `/openapi/v3` and the document of every group and version; undefined for every other path. */
export function openApiReply(core: ApiCore, request: ApiRequest): Reply | undefined {
  const path = request.path.replace(/\/$/, '');
  if (path === '/openapi/v2') return { code: 200, body: version2(core) };
  if (path === ROOT) return { code: 200, body: index(core) };
  const place = path.startsWith(`${ROOT}/`) ? path.slice(ROOT.length + 1) : undefined;
  const types = place === undefined ? [] : core.registry.all().filter((type) => placeOf(type) === place);
  return types.length === 0 ? undefined : { code: 200, body: document(types) };
}

/** `api/v1` or `apis/apps/v1`. */
function placeOf(type: ResourceType): string {
  return type.group === '' ? `api/${type.version}` : `apis/${apiVersionOf(type)}`;
}

/** Clients keep documents by the hash in their address: it changes with every change of what is served. */
function index(core: ApiCore): JsonObject {
  const places = [...new Set(core.registry.all().map(placeOf))].sort();
  const entry = (place: string): JsonObject => ({
    serverRelativeURL: `${ROOT}/${place}?hash=${core.epoch}-${core.registry.revision}`,
  });
  return { paths: Object.fromEntries(places.map((place) => [place, entry(place)])) };
}

const INFO = { title: 'Kubernetes', version: 'v1.35.0' };

function document(types: readonly ResourceType[]): JsonObject {
  const schemas = Object.fromEntries(types.map((type) => [schemaName(type), objectSchema(type)]));
  return {
    openapi: '3.0.0',
    info: INFO,
    paths: Object.assign({}, ...types.map((type) => pathsOf(type, schemaName(type)))),
    components: { schemas: { ...schemas, ...META_SCHEMAS } },
  };
}

/** The old form, with definitions only. */
function version2(core: ApiCore): JsonObject {
  const definitions = core.registry.all().map((type) => [schemaName(type), objectSchema(type)] as const);
  const text = JSON.stringify({ ...Object.fromEntries(definitions), ...META_SCHEMAS });
  return {
    swagger: '2.0',
    info: INFO,
    paths: {},
    definitions: JSON.parse(text.replaceAll('#/components/schemas/', '#/definitions/')),
  };
}

/** `io.karmada.policy.v1alpha1.PropagationPolicy`: the group's labels reversed, then version and kind. */
function schemaName({ group, version, kind, custom }: ResourceType): string {
  if (custom) return [...group.split('.').toReversed(), version, kind].join('.');
  const short = group === '' ? 'core' : (group.split('.')[0] ?? group);
  return `io.k8s.api.${short}.${version}.${kind}`;
}

function objectSchema(type: ResourceType): JsonObject {
  const { group, version, kind, schema } = type;
  const own: JsonObject = isObject(schema) ? schema : {};
  const properties = isObject(own['properties']) ? own['properties'] : {};
  return {
    ...own,
    type: 'object',
    properties: {
      ...properties,
      apiVersion: {
        type: 'string',
        description: 'APIVersion defines the versioned schema of this representation of an object.',
      },
      kind: {
        type: 'string',
        description: 'Kind is a string value representing the REST resource this object represents.',
      },
      metadata: {
        description: "Standard object's metadata.",
        allOf: [{ $ref: `#/components/schemas/${OBJECT_META}` }],
        default: {},
      },
    },
    'x-kubernetes-group-version-kind': [{ group, version, kind }],
  };
}
