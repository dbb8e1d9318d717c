import { ApiStatusError, type Connection, type WatchEvent } from './connection.ts';
import { type ApiObject, keyOf } from './object.ts';
import { collectionPath, type Resource } from './resource.ts';
import { createStore, type Store, type WritableStore } from './store.ts';
import { trusted } from './trust.ts';

/** Keeps a store equal to what the server holds: list, watch from there, again when the stream ends. */
export interface Informer<T extends ApiObject = ApiObject> {
  readonly resource: Resource;
  readonly store: Store<T>;
  /** Resolves after the first list, with listeners told of everything in it. */
  start(): Promise<void>;
  /** Whether the newest version of `object` that a write returned has come back through the watch. */
  caughtUp(): boolean;
  /** Whether a write of ours to this object has not come back yet. */
  pending(key: string): boolean;
  /** Takes over what a write of ours returned, so that nobody acts on what it replaced. */
  wrote(object: T): void;
  /** Makes `caughtUp` wait until a deleted object is gone, replaced, or marked as being deleted. */
  expectDeleted(key: string, uid: string): void;
  /** Whether the watch has come as far as this version, which is one of a change of this resource. */
  hasSeen(version: number): boolean;
  /** Compares with a fresh list; false when something has not arrived yet. */
  matchesServer(): Promise<boolean>;
  stop(): Promise<void>;
}

const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 2_000;

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** resourceVersions are decimal numbers that grow, on etcd and in the sandbox alike. */
function atLeast(version: string, wanted: string): boolean {
  return version.length === wanted.length ? version >= wanted : version.length > wanted.length;
}

/** What has been written and not yet seen. */
function createExpectations(store: WritableStore<ApiObject>) {
  const versions = new Map<string, string>();
  const deletions = new Map<string, string>();
  let seen = '0';
  const versionPending = (key: string, version: string): boolean =>
    !atLeast(seen, version) && !atLeast(store.get(key)?.metadata.resourceVersion ?? '0', version);
  const deletionPending = (key: string, uid: string): boolean => {
    const object = store.get(key);
    return object?.metadata.uid === uid && object.metadata.deletionTimestamp === undefined;
  };
  return {
    hasSeen: (version: string): boolean => atLeast(seen, version),
    saw(version: string | undefined): void {
      if (version !== undefined && atLeast(version, seen)) seen = version;
    },
    expect: (key: string, version: string) => void versions.set(key, version),
    expectDeleted: (key: string, uid: string) => void deletions.set(key, uid),
    pending(key: string): boolean {
      const version = versions.get(key);
      const uid = deletions.get(key);
      return (
        (version !== undefined && versionPending(key, version)) ||
        (uid !== undefined && deletionPending(key, uid))
      );
    },
    caughtUp(): boolean {
      for (const [key, version] of versions) {
        if (versionPending(key, version)) return false;
        versions.delete(key);
      }
      for (const [key, uid] of deletions) {
        if (deletionPending(key, uid)) return false;
        deletions.delete(key);
      }
      return true;
    },
  };
}

interface Listed {
  readonly version: string;
  readonly items: readonly ApiObject[];
}

async function listAll(connection: Connection, resource: Resource): Promise<Listed> {
  const list = await connection.request('GET', collectionPath(resource));
  const items = trusted<readonly ApiObject[]>(list['items'] ?? []);
  return {
    version: trusted<{ resourceVersion?: string }>(list['metadata']).resourceVersion ?? '0',
    // Items of a list come without their type.
    items: items.map((item) => ({ ...item, apiVersion: resource.apiVersion, kind: resource.kind })),
  };
}

export function createInformer<T extends ApiObject = ApiObject>(
  connection: Connection,
  resource: Resource,
): Informer<T> {
  const store = createStore<ApiObject>();
  const expectations = createExpectations(store);
  const abort = new AbortController();
  let running: Promise<void> | undefined;

  /** Takes a version over unless a newer one is known. */
  const update = (object: ApiObject): void => {
    const known = store.get(keyOf(object))?.metadata.resourceVersion ?? '0';
    if (!atLeast(known, object.metadata.resourceVersion ?? '0')) store.set(object);
  };

  const relist = async (): Promise<string> => {
    const { version, items } = await listAll(connection, resource);
    const listed = new Set(items.map(keyOf));
    for (const key of store.keys()) if (!listed.has(key)) store.delete(key);
    for (const item of items) update(item);
    expectations.saw(version);
    return version;
  };

  const follow = async (from: string): Promise<string> => {
    let version = from;
    const onEvent = (event: WatchEvent): void => {
      if (event.type === 'ERROR') {
        const status = trusted<{ code?: number; message?: string }>(event.object);
        throw new ApiStatusError(status.code ?? 500, 'Watch', status.message ?? 'watch failed');
      }
      version = event.object.metadata.resourceVersion ?? version;
      if (event.type === 'DELETED') store.delete(keyOf(event.object));
      else if (event.type !== 'BOOKMARK') update(event.object);
      expectations.saw(version);
    };
    const query = `watch=true&allowWatchBookmarks=true&resourceVersion=${encodeURIComponent(version)}`;
    await connection.watch(`${collectionPath(resource)}?${query}`, onEvent, abort.signal);
    return version;
  };

  const run = async (from: string): Promise<void> => {
    let version: string | undefined = from;
    let retry = FIRST_RETRY_MS;
    while (!abort.signal.aborted) {
      try {
        version = await follow(version ?? (await relist()));
        retry = FIRST_RETRY_MS;
      } catch {
        // Whatever it was (410, a reset, a server that is away), a new list mends it.
        version = undefined;
        if (abort.signal.aborted) return;
        await pause(retry, abort.signal);
        retry = Math.min(retry * 2, LONGEST_RETRY_MS);
      }
    }
  };

  return {
    resource,
    store: trusted<Store<T>>(store),
    async start() {
      running = run(await relist());
    },
    caughtUp: () => expectations.caughtUp(),
    pending: (key) => expectations.pending(key),
    wrote(object) {
      const version = object.metadata.resourceVersion ?? '0';
      // The watch is past it already: it may have been deleted since.
      if (expectations.hasSeen(version)) return;
      expectations.expect(keyOf(object), version);
      if (object.metadata.deletionTimestamp === undefined) update(object);
    },
    hasSeen: (version) => expectations.hasSeen(String(version)),
    expectDeleted: (key, uid) => expectations.expectDeleted(key, uid),
    async matchesServer() {
      const list = await connection.listMetadata(collectionPath(resource));
      const items = trusted<readonly ApiObject[]>(list['items'] ?? []);
      const known = new Set(store.keys());
      const same = items.every(
        (item) => store.get(keyOf(item))?.metadata.resourceVersion === item.metadata.resourceVersion,
      );
      return same && known.size === items.length;
    },
    async stop() {
      abort.abort();
      await running;
    },
  };
}
