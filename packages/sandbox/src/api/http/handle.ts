import { authorize, verbOf } from '../authorization/authorize.ts';
import type { ApiCore, Target, WriteOptions } from '../core.ts';
import { discoveryReply } from '../discovery/discovery.ts';
import { openApiReply } from '../discovery/openapi.ts';
import { ApiError, invalid, methodNotAllowed, noSuchPath, notFound } from '../errors.ts';
import { list } from '../read/list.ts';
import { watch } from '../read/watch.ts';
import { create } from '../write/create.ts';
import { deletedStatus, parseDeleteOptions, remove } from '../write/delete.ts';
import { patch, patchDocument } from '../write/patch.ts';
import { review } from '../write/review.ts';
import { getScale, putScale } from '../write/scale.ts';
import { find, update } from '../write/update.ts';
import { type Negotiated, negotiate } from './accept.ts';
import { contentType, parseBody, textOf } from './body.ts';
import { encodeItem, encodeList, encodeWatch } from './encode.ts';
import { parsePath } from './path.ts';
import type { ApiRequest, Reply } from './reply.ts';

/**
 * Answers one request.
 * @throws ApiError for every answer that is a failure `Status`
 */
export function handle(core: ApiCore, request: ApiRequest): Reply {
  const documents = discoveryReply(core, request) ?? openApiReply(core, request);
  if (documents !== undefined) return documents;
  const target = findTarget(core, request.path);
  const form = negotiate(request.headers['accept']);
  if (form === undefined) {
    const types = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
    throw new ApiError(406, 'NotAcceptable', `only the following media types are accepted: ${types}`);
  }
  authorize(core, request.user, verbOf(request.method, request.query, target.name), target);
  if (target.type.review) return reviewReply(core, target, request);
  return target.name === '' ? collection(core, target, request, form) : item(core, target, request, form);
}

function findTarget(core: ApiCore, pathname: string): Target {
  const path = parsePath(pathname);
  const type = path === undefined ? undefined : core.registry.find(path.group, path.version, path.plural);
  if (path === undefined || type === undefined) throw noSuchPath();
  const { namespace, name, subresource } = path;
  if (namespace !== '' && !type.namespaced) throw noSuchPath();
  if (namespace === '' && name !== '' && type.namespaced) throw noSuchPath();
  const served =
    subresource === '' ||
    (subresource === 'status' && type.hasStatus) ||
    (subresource === 'scale' && type.scale !== undefined) ||
    (subresource === 'finalize' && type.storage === '/namespaces');
  if (!served) throw noSuchPath();
  return { type, namespace, name, subresource };
}

function reviewReply(core: ApiCore, target: Target, request: ApiRequest): Reply {
  if (request.method !== 'POST') throw methodNotAllowed();
  return { code: 201, body: review(core, target, parseBody(request), request.user) };
}

function collection(core: ApiCore, target: Target, request: ApiRequest, form: Negotiated): Reply {
  switch (request.method) {
    case 'GET': {
      const { query } = request;
      if (['true', '1'].includes(query.get('watch') ?? '')) {
        const watched = watch(core, target, query);
        return { watch: watched, line: encodeWatch(core, target, form, query) };
      }
      return { code: 200, body: encodeList(core, target, form, query, list(core, target, query)) };
    }
    case 'POST': {
      if (target.type.namespaced && target.namespace === '') throw methodNotAllowed();
      const object = create(core, target, parseBody(request), writeOptions(request));
      return { code: 201, body: encodeItem(core, target, form, request.query, object) };
    }
    case 'DELETE':
      return deleteCollection(core, target, request, form);
    default:
      throw methodNotAllowed();
  }
}

function deleteCollection(core: ApiCore, target: Target, request: ApiRequest, form: Negotiated): Reply {
  if (target.type.storage === '/namespaces') throw methodNotAllowed();
  if (target.type.namespaced && target.namespace === '') throw methodNotAllowed();
  const page = list(core, target, request.query);
  const options = parseDeleteOptions(parseBody(request), request.query);
  const write = writeOptions(request);
  const items = page.items.map((object) => {
    const { name } = object.metadata;
    return remove(core, { ...target, name }, options, write).object;
  });
  return { code: 200, body: encodeList(core, target, form, request.query, { ...page, items }) };
}

function item(core: ApiCore, target: Target, request: ApiRequest, form: Negotiated): Reply {
  if (target.subresource === 'scale') return scale(core, target, request);
  switch (request.method) {
    case 'GET': {
      const object = find(core, target);
      if (object === undefined) throw notFound(target.type, target.name);
      return { code: 200, body: encodeItem(core, target, form, request.query, object) };
    }
    case 'PUT': {
      const { object, created } = update(core, target, parseBody(request), writeOptions(request));
      return { code: created ? 201 : 200, body: encodeItem(core, target, form, request.query, object) };
    }
    case 'PATCH': {
      const type = contentType(request);
      authorizeMaking(core, request, target, type);
      const { object, created } = patch(core, target, type, textOf(request), writeOptions(request));
      return { code: created ? 201 : 200, body: encodeItem(core, target, form, request.query, object) };
    }
    case 'DELETE': {
      if (target.subresource !== '') throw methodNotAllowed();
      const options = parseDeleteOptions(parseBody(request), request.query);
      const { object, gone } = remove(core, target, options, writeOptions(request));
      if (!gone || target.type.strategy.returnsDeleted === true) {
        return { code: 200, body: encodeItem(core, target, form, request.query, object) };
      }
      return { code: 200, body: deletedStatus(target, object) };
    }
    default:
      throw methodNotAllowed();
  }
}

/** An apply of what is not there makes it, for which a patch's right is not enough. */
function authorizeMaking(core: ApiCore, { user }: ApiRequest, target: Target, type: string): void {
  const applies = type.startsWith('application/apply-patch') && target.subresource === '';
  if (applies && find(core, target) === undefined) authorize(core, user, 'create', target);
}

function scale(core: ApiCore, target: Target, request: ApiRequest): Reply {
  switch (request.method) {
    case 'GET':
      return { code: 200, body: getScale(core, target) };
    case 'PUT':
      return { code: 200, body: putScale(core, target, parseBody(request), writeOptions(request)) };
    case 'PATCH': {
      const document: unknown = JSON.parse(textOf(request));
      const patched = patchDocument(target, getScale(core, target), contentType(request), document);
      return { code: 200, body: putScale(core, target, patched, writeOptions(request)) };
    }
    default:
      throw methodNotAllowed();
  }
}

function writeOptions({ query, headers, warnings, calls, user }: ApiRequest): WriteOptions {
  const applies = (headers['content-type'] ?? '').startsWith('application/apply-patch');
  // Clients that name no manager are known by the first word of their User-Agent; an apply must name one.
  const agent = (headers['user-agent'] ?? 'unknown').split('/')[0] ?? 'unknown';
  const dryRun = query.getAll('dryRun');
  if (dryRun.some((value) => value !== 'All' && value !== '')) {
    throw invalid('CreateOptions', 'meta.k8s.io', '', [
      {
        reason: 'FieldValueNotSupported',
        message: `Unsupported value: ${JSON.stringify(dryRun[0])}: supported values: "All"`,
        field: 'dryRun',
      },
    ]);
  }
  const fieldValidation = query.get('fieldValidation') ?? '';
  return {
    manager: query.get('fieldManager') ?? (applies ? '' : agent),
    dryRun: dryRun.includes('All'),
    force: query.get('force') === 'true' || query.get('force') === '1',
    fieldValidation: fieldValidation === 'Strict' || fieldValidation === 'Ignore' ? fieldValidation : 'Warn',
    warnings,
    user,
    calls,
  };
}
