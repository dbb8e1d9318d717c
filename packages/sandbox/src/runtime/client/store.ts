import { type ApiObject, keyOf } from './object.ts';

/** What changed in a store; `before` is undefined for a new object, `after` for one that is gone. */
export interface Change<T extends ApiObject> {
  readonly key: string;
  readonly before: T | undefined;
  readonly after: T | undefined;
}

/** The last known objects of one kind, with lookups by index. Objects are shared: never change them. */
export interface Store<T extends ApiObject> {
  get(key: string): T | undefined;
  values(): IterableIterator<T>;
  /** Objects whose index function named `value`. */
  by(index: string, value: string): readonly T[];
  /** Adds an index; `valuesOf` names the buckets that an object is in. */
  index(name: string, valuesOf: (object: T) => readonly string[]): void;
  subscribe(listener: (change: Change<T>) => void): void;
}

/** A store that its informer fills. */
export interface WritableStore<T extends ApiObject> extends Store<T> {
  set(object: T): void;
  delete(key: string): void;
  keys(): IterableIterator<string>;
}

interface Index<T> {
  readonly valuesOf: (object: T) => readonly string[];
  readonly buckets: Map<string, Map<string, T>>;
}

function addTo<T>(index: Index<T>, key: string, object: T): void {
  for (const value of index.valuesOf(object)) {
    const bucket = index.buckets.get(value);
    if (bucket === undefined) index.buckets.set(value, new Map([[key, object]]));
    else bucket.set(key, object);
  }
}

function removeFrom<T>(index: Index<T>, key: string, object: T): void {
  for (const value of index.valuesOf(object)) {
    const bucket = index.buckets.get(value);
    bucket?.delete(key);
    if (bucket?.size === 0) index.buckets.delete(value);
  }
}

export function createStore<T extends ApiObject>(): WritableStore<T> {
  const objects = new Map<string, T>();
  const indexes = new Map<string, Index<T>>();
  const listeners: ((change: Change<T>) => void)[] = [];

  const replace = (key: string, after: T | undefined): void => {
    const before = objects.get(key);
    if (before === undefined && after === undefined) return;
    if (after === undefined) objects.delete(key);
    else objects.set(key, after);
    for (const index of indexes.values()) {
      if (before !== undefined) removeFrom(index, key, before);
      if (after !== undefined) addTo(index, key, after);
    }
    for (const listener of listeners) listener({ key, before, after });
  };

  return {
    get: (key) => objects.get(key),
    values: () => objects.values(),
    keys: () => objects.keys(),
    by: (name, value) => [...(indexes.get(name)?.buckets.get(value)?.values() ?? [])],
    index(name, valuesOf) {
      const index: Index<T> = { valuesOf, buckets: new Map() };
      for (const [key, object] of objects) addTo(index, key, object);
      indexes.set(name, index);
    },
    subscribe: (listener) => void listeners.push(listener),
    set: (object) => replace(keyOf(object), object),
    delete: (key) => replace(key, undefined),
  };
}
