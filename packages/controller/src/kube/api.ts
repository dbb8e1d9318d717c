import { z } from 'zod';
import { errorFromContent, KubeError } from './errors.ts';
import { apiVersionOf, type KubeObject, pathOf, type ResourceType } from './resource.ts';
import type { Transport } from './transport.ts';

/** The one field manager under which Windvane writes. */
export const FIELD_MANAGER = 'windvane';

interface ObjectName {
  readonly namespace?: string | undefined;
  readonly name: string;
}

interface WriteOptions {
  readonly subresource?: 'status';
  /** The server does everything but store. */
  readonly dryRun?: boolean;
}

interface ListOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Objects per page; all pages are fetched. */
  readonly pageSize?: number;
  readonly signal?: AbortSignal;
}

interface ObjectList {
  readonly items: readonly KubeObject[];
  /** Where a watch continues. */
  readonly resourceVersion: string;
}

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubeObject;
}

/** Nothing changed up to this version. */
export interface WatchBookmark {
  readonly type: 'BOOKMARK';
  readonly resourceVersion: string;
}

interface JsonPatchOperation {
  readonly op: 'test' | 'add' | 'replace' | 'remove';
  readonly path: string;
  readonly value?: unknown;
}

/** One thing that somebody may be allowed to do, in the words of RBAC. */
interface Access {
  readonly verb: string;
  readonly group: string;
  /** Plural, or `plural/subresource`. */
  readonly resource: string;
  /** All namespaces, or a resource without, when absent. */
  readonly namespace?: string;
}

/** A Kubernetes API server in Windvane's terms. Every method throws {@link KubeError}. */
export interface KubeApi {
  readonly server: string;
  get(type: ResourceType, name: ObjectName): Promise<KubeObject>;
  list(type: ResourceType, options?: ListOptions): Promise<ObjectList>;
  watch(
    type: ResourceType,
    options: { namespace?: string; resourceVersion: string; timeoutSeconds: number; signal: AbortSignal },
  ): AsyncIterable<WatchEvent | WatchBookmark>;
  create(type: ResourceType, object: KubeObject, options?: WriteOptions): Promise<KubeObject>;
  /** PUT: the whole object (or its status), guarded by `metadata.resourceVersion` when that is set. */
  replace(type: ResourceType, object: KubeObject, options?: WriteOptions): Promise<KubeObject>;
  /** Server-side apply. A `uid` and `resourceVersion` in the metadata guard it. */
  apply(
    type: ResourceType,
    object: KubeObject,
    options?: WriteOptions & { force?: boolean },
  ): Promise<KubeObject>;
  mergePatch(
    type: ResourceType,
    name: ObjectName,
    patch: unknown,
    options?: WriteOptions,
  ): Promise<KubeObject>;
  jsonPatch(
    type: ResourceType,
    name: ObjectName,
    operations: readonly JsonPatchOperation[],
    options?: WriteOptions,
  ): Promise<KubeObject>;
  delete(
    type: ResourceType,
    name: ObjectName,
    options?: { uid?: string; resourceVersion?: string; dryRun?: boolean },
  ): Promise<void>;
  /** Whether the server lets us do this, by its own word (SelfSubjectAccessReview). */
  may(access: Access): Promise<boolean>;
  /** Whether the server serves this group, version and plural. */
  serves(type: ResourceType): Promise<boolean>;
}

const objectSchema = z.looseObject({ metadata: z.looseObject({ name: z.string() }) });
const bookmarkSchema = z.object({ metadata: z.object({ resourceVersion: z.string() }) });
const endSchema = z.object({ code: z.number(), message: z.string().default('') });
const listSchema = z.object({
  metadata: z.object({ resourceVersion: z.string().default(''), continue: z.string().optional() }),
  items: z.array(z.unknown()).nullable(),
});
const eventSchema = z.object({
  type: z.enum(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR']),
  object: z.unknown().optional(),
});
const reviewSchema = z.object({ status: z.object({ allowed: z.boolean() }) });
const resourceListSchema = z.object({ resources: z.array(z.object({ name: z.string() })) });

/** The API server guarantees metadata of this form; one look at the name tells an object from anything else. */
function isObject(value: unknown): value is KubeObject {
  return objectSchema.safeParse(value).success;
}

function asObject(value: unknown, server: string, what: string): KubeObject {
  if (isObject(value)) return value;
  throw errorFromContent(server, what, 'the answer is not an object');
}

function readEvent(line: string, server: string, what: string): WatchEvent | WatchBookmark {
  const event = eventSchema.safeParse(JSON.parse(line));
  if (!event.success) throw new KubeError('server', `${what}: an event could not be read`);
  const { type, object } = event.data;
  if (type === 'BOOKMARK') {
    return { type, resourceVersion: bookmarkSchema.parse(object).metadata.resourceVersion };
  }
  if (type !== 'ERROR') return { type, object: asObject(object, server, what) };
  const end = endSchema.safeParse(object);
  const gone = end.success && end.data.code === 410;
  throw new KubeError(gone ? 'gone' : 'server', `${what}: ${end.data?.message ?? 'the server ended it'}`);
}

function describe(verb: string, type: ResourceType, name: ObjectName): string {
  const place = name.namespace === undefined || name.namespace === '' ? '' : `${name.namespace}/`;
  return `${verb} ${type.kind} ${place}${name.name}`;
}

/** @param manager field manager of every write; another than ours only where a person's tools are played. */
export function createKubeApi(transport: Transport, manager: string = FIELD_MANAGER): KubeApi {
  const { server } = transport;

  async function write(
    verb: string,
    method: 'POST' | 'PUT' | 'PATCH',
    type: ResourceType,
    name: ObjectName,
    body: unknown,
    options: WriteOptions & { force?: boolean },
    contentType = 'application/json',
  ): Promise<KubeObject> {
    const what = describe(verb, type, name);
    const path = pathOf(type, name.namespace, method === 'POST' ? undefined : name.name, options.subresource);
    const query = {
      fieldManager: manager,
      dryRun: options.dryRun === true ? 'All' : undefined,
      force: options.force === undefined ? undefined : String(options.force),
    };
    return asObject(await transport.json({ method, path, query, body, contentType, what }), server, what);
  }

  const typed = (type: ResourceType, object: KubeObject): KubeObject => ({
    ...object,
    apiVersion: apiVersionOf(type),
    kind: type.kind,
  });

  return {
    server,
    async get(type, name) {
      const what = describe('get', type, name);
      return asObject(
        await transport.json({ method: 'GET', path: pathOf(type, name.namespace, name.name), what }),
        server,
        what,
      );
    },
    async list(type, options = {}) {
      const what = `list ${type.plural}`;
      const items: KubeObject[] = [];
      let token: string | undefined;
      for (;;) {
        const query = {
          limit: String(options.pageSize ?? 500),
          continue: token,
          labelSelector: options.labelSelector,
          fieldSelector: options.fieldSelector,
        };
        const path = pathOf(type, options.namespace);
        const signal = options.signal === undefined ? {} : { signal: options.signal };
        const answer = listSchema.safeParse(
          await transport.json({ method: 'GET', path, query, what, ...signal }),
        );
        if (!answer.success) throw errorFromContent(server, what, 'the answer is not a list');
        for (const item of answer.data.items ?? []) items.push(asObject(item, server, what));
        token = answer.data.metadata.continue;
        if (token === undefined || token === '') {
          return { items, resourceVersion: answer.data.metadata.resourceVersion };
        }
      }
    },
    async *watch(type, options) {
      const query = {
        watch: 'true',
        allowWatchBookmarks: 'true',
        resourceVersion: options.resourceVersion,
        timeoutSeconds: String(options.timeoutSeconds),
      };
      const path = pathOf(type, options.namespace);
      const what = `watch ${type.plural}`;
      for await (const line of transport.lines({
        method: 'GET',
        path,
        query,
        signal: options.signal,
        what,
      })) {
        yield readEvent(line, server, what);
      }
    },
    create: (type, object, options = {}) =>
      write('create', 'POST', type, object.metadata, typed(type, object), options),
    replace: (type, object, options = {}) =>
      write('replace', 'PUT', type, object.metadata, typed(type, object), options),
    apply: (type, object, options = {}) =>
      write(
        'apply',
        'PATCH',
        type,
        object.metadata,
        typed(type, object),
        { ...options, force: options.force ?? false },
        'application/apply-patch+yaml',
      ),
    mergePatch: (type, name, patch, options = {}) =>
      write('patch', 'PATCH', type, name, patch, options, 'application/merge-patch+json'),
    jsonPatch: (type, name, operations, options = {}) =>
      write('patch', 'PATCH', type, name, operations, options, 'application/json-patch+json'),
    async delete(type, name, options = {}) {
      const preconditions = {
        ...(options.uid === undefined ? {} : { uid: options.uid }),
        ...(options.resourceVersion === undefined ? {} : { resourceVersion: options.resourceVersion }),
      };
      await transport.json({
        method: 'DELETE',
        path: pathOf(type, name.namespace, name.name),
        query: { dryRun: options.dryRun === true ? 'All' : undefined },
        body: { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background', preconditions },
        what: describe('delete', type, name),
      });
    },
    async may({ verb, group, resource, namespace }) {
      const [plural = '', subresource] = resource.split('/');
      const what = `ask whether we may ${verb} ${resource}`;
      const resourceAttributes = {
        verb,
        group,
        resource: plural,
        ...(subresource === undefined ? {} : { subresource }),
        ...(namespace === undefined ? {} : { namespace }),
      };
      const answer = reviewSchema.safeParse(
        await transport.json({
          method: 'POST',
          path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
          body: {
            apiVersion: 'authorization.k8s.io/v1',
            kind: 'SelfSubjectAccessReview',
            spec: { resourceAttributes },
          },
          contentType: 'application/json',
          what,
        }),
      );
      if (!answer.success) throw errorFromContent(server, what, 'the answer is not a review');
      return answer.data.status.allowed;
    },
    async serves(type) {
      const path = type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
      try {
        const answer = resourceListSchema.safeParse(
          await transport.json({ method: 'GET', path, what: `discover ${apiVersionOf(type)}` }),
        );
        return answer.success && answer.data.resources.some((resource) => resource.name === type.plural);
      } catch (error) {
        if (error instanceof KubeError && error.kind === 'not-found') return false;
        throw error;
      }
    },
  };
}
