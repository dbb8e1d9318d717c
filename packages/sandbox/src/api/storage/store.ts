import { deepFreeze, type KubeObject } from '../object.ts';
import { History, type StoredEvent } from './history.ts';

/** Settings of the store. */
export interface StoreOptions {
  /** How many events per resource a watch can look back on; older ones answer 410. */
  readonly historyLimit: number;
}

type Listener = (event: StoredEvent) => void;

/** Everything that is kept about one resource (`deployments.apps`). */
interface Shelf {
  readonly objects: Map<string, KubeObject>;
  /** Keys in the order of etcd; undefined when it has to be made anew. */
  sorted: string[] | undefined;
  readonly history: History;
  /** The version of the newest change; 0 before the first. */
  newest: number;
  readonly listeners: Set<Listener>;
}

/** The key of an object within its resource; namespaced objects sort by namespace, then name. */
export function objectKey(namespace: string, name: string): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}

/**
 * Objects in memory, one shelf per resource, and one version counter over all of them, as etcd has it.
 * What is stored is frozen and shared: readers never copy it, writers put a new object in its place.
 */
export class Store {
  readonly #shelves = new Map<string, Shelf>();
  readonly #options: StoreOptions;
  readonly #everything = new Set<(resource: string, event: StoredEvent) => void>();
  readonly #untold: (() => void)[] = [];
  #telling = false;
  // A fresh etcd is at revision 1; "0" has a meaning of its own in lists and watches.
  #version = 1;

  constructor(options: StoreOptions) {
    this.#options = options;
  }

  resourceVersion(): number {
    return this.#version;
  }

  /** The version of the newest change of `resource`; 0 when it never had any. */
  newest(resource: string): number {
    return this.#shelves.get(resource)?.newest ?? 0;
  }

  get(resource: string, key: string): KubeObject | undefined {
    return this.#shelves.get(resource)?.objects.get(key);
  }

  /** All objects of `resource` (of one namespace, when given) in key order. */
  list(resource: string, namespace = ''): KubeObject[] {
    const shelf = this.#shelves.get(resource);
    if (shelf === undefined) return [];
    shelf.sorted ??= [...shelf.objects.keys()].sort(compareKeys);
    const prefix = namespace === '' ? '' : `${namespace}/`;
    const found: KubeObject[] = [];
    for (const key of shelf.sorted) {
      if (!key.startsWith(prefix)) continue;
      const object = shelf.objects.get(key);
      if (object !== undefined) found.push(object);
    }
    return found;
  }

  /**
   * The objects of `resource` as they were at `version`.
   * Answers undefined when the history no longer reaches back that far.
   */
  listAt(resource: string, version: number, namespace = ''): KubeObject[] | undefined {
    const changes = this.#shelf(resource).history.since(version);
    if (changes === undefined) return undefined;
    if (changes.length === 0) return this.list(resource, namespace);
    const then = new Map(this.#shelf(resource).objects);
    for (const { key, previous } of changes.toReversed()) {
      if (previous === undefined) then.delete(key);
      else then.set(key, previous);
    }
    const prefix = namespace === '' ? '' : `${namespace}/`;
    return [...then]
      .filter(([key]) => key.startsWith(prefix))
      .sort(([a], [b]) => compareKeys(a, b))
      .map(([, object]) => object);
  }

  /** Stores `object` (which the caller gives away) under the next version and tells the watchers. */
  put(resource: string, key: string, object: KubeObject): KubeObject {
    const shelf = this.#shelf(resource);
    const previous = shelf.objects.get(key);
    this.#version += 1;
    object.metadata.resourceVersion = String(this.#version);
    const stored = deepFreeze(object);
    shelf.objects.set(key, stored);
    if (previous === undefined) shelf.sorted = undefined;
    const type = previous === undefined ? 'ADDED' : 'MODIFIED';
    this.#tell(resource, shelf, { type, key, version: this.#version, object: stored, previous });
    return stored;
  }

  /** Removes an object; watchers see `last` (by default what was stored) under the next version. */
  remove(resource: string, key: string, last?: KubeObject): KubeObject | undefined {
    const shelf = this.#shelf(resource);
    const previous = shelf.objects.get(key);
    if (previous === undefined) return undefined;
    this.#version += 1;
    const metadata = { ...(last ?? previous).metadata, resourceVersion: String(this.#version) };
    const object = deepFreeze({ ...(last ?? previous), metadata });
    shelf.objects.delete(key);
    shelf.sorted = undefined;
    this.#tell(resource, shelf, { type: 'DELETED', key, version: this.#version, object, previous });
    return object;
  }

  /** Events of `resource` after `version`; undefined when some of them are forgotten. */
  eventsSince(resource: string, version: number): readonly StoredEvent[] | undefined {
    return this.#shelf(resource).history.since(version);
  }

  /** Calls `listener` after every change of `resource`; the answer ends that. */
  subscribe(resource: string, listener: Listener): () => void {
    const { listeners } = this.#shelf(resource);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** Calls `listener` after every change of anything; the answer ends that. */
  subscribeAll(listener: (resource: string, event: StoredEvent) => void): () => void {
    this.#everything.add(listener);
    return () => this.#everything.delete(listener);
  }

  /** The names of all resources that ever held an object. */
  resources(): string[] {
    return [...this.#shelves.keys()];
  }

  #tell(resource: string, shelf: Shelf, event: StoredEvent): void {
    shelf.history.add(event);
    shelf.newest = event.version;
    this.#untold.push(() => {
      for (const listener of shelf.listeners) listener(event);
      for (const listener of this.#everything) listener(resource, event);
    });
    // A listener may write: its event waits until everybody has heard of this one.
    if (this.#telling) return;
    this.#telling = true;
    try {
      for (let tell = this.#untold.shift(); tell !== undefined; tell = this.#untold.shift()) tell();
    } finally {
      this.#telling = false;
    }
  }

  #shelf(resource: string): Shelf {
    let shelf = this.#shelves.get(resource);
    if (shelf === undefined) {
      shelf = {
        objects: new Map(),
        sorted: undefined,
        newest: 0,
        history: new History(this.#options.historyLimit),
        listeners: new Set(),
      };
      this.#shelves.set(resource, shelf);
    }
    return shelf;
  }
}

function compareKeys(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
