import { type Connection, connect, isStatusCode } from './connection.ts';
import { createInformer, type Informer } from './informer.ts';
import { type ApiObject, type JsonObject, keyFor } from './object.ts';
import {
  collectionPath,
  groupVersionPath,
  NAMESPACE,
  objectPath,
  type Resource,
  resourceId,
} from './resource.ts';
import { trusted } from './trust.ts';

/** Which component writes: the server files the change under this field manager. */
type Writer = string;

/** Everything the stand-ins do with the hub's API server. */
export interface Hub {
  /** The informer of a resource, started by the first caller. */
  informer<T extends ApiObject = ApiObject>(resource: Resource): Promise<Informer<T>>;
  create<T extends ApiObject>(resource: Resource, object: T, writer: Writer): Promise<T>;
  /** JSON merge patch; `undefined` when the object is gone. */
  patch<T extends ApiObject>(
    resource: Resource,
    object: T,
    patch: JsonObject,
    writer: Writer,
    subresource?: 'status',
  ): Promise<T | undefined>;
  /** Deletes; an object that is gone already is no error. */
  remove(resource: Resource, object: ApiObject): Promise<void>;
  ensureNamespace(name: string): Promise<void>;
  /** Looks a kind up in discovery; undefined when the server does not serve it. */
  discover(apiVersion: string, kind: string): Promise<Resource | undefined>;
  /** No request is under way and every write has come back through its watch. */
  caughtUp(): boolean;
  /** Whether all watches have come as far as the server's newest change of their resource. */
  hasSeen(newest: (resource: Resource) => number): boolean;
  /** Whether all caches equal what the server holds at this moment. */
  matchesServer(): Promise<boolean>;
  /** Writes that changed something on the server, so far. */
  writes(): number;
  stop(): Promise<void>;
}

const MERGE_PATCH = 'application/merge-patch+json';

interface DiscoveredResource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

async function lookUp(
  connection: Connection,
  apiVersion: string,
  kind: string,
): Promise<Resource | undefined> {
  try {
    const list = await connection.request('GET', groupVersionPath(apiVersion));
    const found = trusted<readonly DiscoveredResource[]>(list['resources'] ?? []).find(
      (item) => item.kind === kind && !item.name.includes('/'),
    );
    if (found === undefined) return undefined;
    return { apiVersion, kind, plural: found.name, namespaced: found.namespaced };
  } catch (error) {
    if (isStatusCode(error, 404)) return undefined;
    throw error;
  }
}

export async function openHub(kubeconfig: string): Promise<Hub> {
  const connection = await connect(kubeconfig);
  const informers = new Map<string, Promise<Informer>>();
  const started: Informer[] = [];
  let inFlight = 0;
  let writes = 0;

  const counted = async <T>(work: () => Promise<T>): Promise<T> => {
    inFlight += 1;
    try {
      return await work();
    } finally {
      inFlight -= 1;
    }
  };

  const informerOf = (resource: Resource): Informer | undefined =>
    started.find((informer) => resourceId(informer.resource) === resourceId(resource));

  const wrote = (resource: Resource, object: ApiObject, before?: ApiObject): void => {
    const version = object.metadata.resourceVersion;
    if (version === undefined || version === before?.metadata.resourceVersion) return;
    writes += 1;
    informerOf(resource)?.wrote(object);
  };

  const start = async (resource: Resource): Promise<Informer> => {
    const informer = createInformer(connection, resource);
    await counted(() => informer.start());
    started.push(informer);
    return informer;
  };

  return {
    async informer<T extends ApiObject>(resource: Resource) {
      const id = resourceId(resource);
      let informer = informers.get(id);
      if (informer === undefined) {
        informer = start(resource);
        informers.set(id, informer);
        // A failed first list may be tried again.
        informer.catch(() => informers.delete(id));
      }
      return trusted<Informer<T>>(await informer);
    },
    async create<T extends ApiObject>(resource: Resource, object: T, writer: Writer) {
      const path = `${collectionPath(resource, object.metadata.namespace)}?fieldManager=${writer}`;
      const body = { contentType: 'application/json', value: object };
      const made = trusted<T>(await counted(() => connection.request('POST', path, body)));
      wrote(resource, made);
      return made;
    },
    async patch<T extends ApiObject>(
      resource: Resource,
      object: T,
      patch: JsonObject,
      writer: Writer,
      subresource?: 'status',
    ) {
      const { namespace, name } = object.metadata;
      const tail = subresource === undefined ? '' : `/${subresource}`;
      const path = `${objectPath(resource, namespace, name)}${tail}?fieldManager=${writer}`;
      const body = { contentType: MERGE_PATCH, value: patch };
      try {
        const patched = trusted<T>(await counted(() => connection.request('PATCH', path, body)));
        wrote(resource, patched, object);
        return patched;
      } catch (error) {
        if (isStatusCode(error, 404)) return undefined;
        throw error;
      }
    },
    async remove(resource, object) {
      const { namespace, name, uid } = object.metadata;
      const body = {
        contentType: 'application/json',
        value: { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid } },
      };
      try {
        await counted(() => connection.request('DELETE', objectPath(resource, namespace, name), body));
        writes += 1;
        informerOf(resource)?.expectDeleted(keyFor(namespace, name), uid ?? '');
      } catch (error) {
        if (!isStatusCode(error, 404)) throw error;
      }
    },
    async ensureNamespace(name) {
      const body = {
        contentType: 'application/json',
        value: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
      };
      try {
        await counted(() => connection.request('POST', collectionPath(NAMESPACE), body));
      } catch (error) {
        if (!isStatusCode(error, 409)) throw error;
      }
    },
    discover: (apiVersion, kind) => counted(() => lookUp(connection, apiVersion, kind)),
    caughtUp: () => inFlight === 0 && started.every((informer) => informer.caughtUp()),
    hasSeen: (newest) => started.every((informer) => informer.hasSeen(newest(informer.resource))),
    async matchesServer() {
      const same = await Promise.all(started.map((informer) => informer.matchesServer()));
      return same.every(Boolean);
    },
    writes: () => writes,
    async stop() {
      await Promise.all(started.map((informer) => informer.stop()));
      connection.close();
    },
  };
}
