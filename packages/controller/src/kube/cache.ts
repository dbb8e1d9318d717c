import { type KubeObject, keyOf } from './resource.ts';

/** What changed for one key. Handlers get the objects only to find out which keys to enqueue. */
export type CacheHandler = (now: KubeObject | null, before: KubeObject | null) => void;

/** The objects of one kind as last seen. */
export interface ObjectCache {
  get(key: string): KubeObject | undefined;
  values(): IterableIterator<KubeObject>;
  readonly size: number;
}

/** Whether `a` is an older version than `b`. Versions of one server are numbers that grow; others cannot be compared. */
function isOlder(a: KubeObject, b: KubeObject): boolean {
  const [left, right] = [a.metadata.resourceVersion, b.metadata.resourceVersion];
  if (left === undefined || right === undefined) return false;
  if (a.metadata.uid !== b.metadata.uid) return false;
  if (!/^\d+$/.test(left) || !/^\d+$/.test(right)) return false;
  return BigInt(left) < BigInt(right);
}

/** The writable side of a cache. An event that is older than what is known, from an own write, changes nothing. */
export class WritableCache implements ObjectCache {
  readonly #objects = new Map<string, KubeObject>();
  readonly #handler: CacheHandler;

  constructor(handler: CacheHandler) {
    this.#handler = handler;
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): KubeObject | undefined {
    return this.#objects.get(key);
  }

  values(): IterableIterator<KubeObject> {
    return this.#objects.values();
  }

  set(object: KubeObject): void {
    const key = keyOf(object);
    const before = this.#objects.get(key) ?? null;
    if (before !== null && isOlder(object, before)) return;
    this.#objects.set(key, object);
    if (before?.metadata.resourceVersion !== object.metadata.resourceVersion || before === null) {
      this.#handler(object, before);
    }
  }

  delete(object: KubeObject): void {
    const key = keyOf(object);
    const before = this.#objects.get(key);
    if (
      before === undefined ||
      (before.metadata.uid !== object.metadata.uid && object.metadata.uid !== undefined)
    ) {
      return;
    }
    this.#objects.delete(key);
    this.#handler(null, before);
  }

  /** Takes a whole list: what is not in it is gone. */
  replace(objects: readonly KubeObject[]): void {
    const keys = new Set(objects.map(keyOf));
    for (const [key, before] of this.#objects) {
      if (keys.has(key)) continue;
      this.#objects.delete(key);
      this.#handler(null, before);
    }
    for (const object of objects) this.set(object);
  }
}
