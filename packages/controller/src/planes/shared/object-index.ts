import { type KubeObject, keyOf } from '../../kube/resource.ts';

/** Objects found by something else than their name, kept up as they change. */
export interface ObjectIndex {
  /** Takes a change of a cache in: what is there now and what was there before. */
  changed(now: KubeObject | null, before: KubeObject | null): void;
  /** Objects with this value, in no particular order. */
  of(value: string): Iterable<KubeObject>;
  /** Every object that has a value, once per value. */
  all(): Iterable<KubeObject>;
}

/**
 * An index over the objects of one or more caches. Without one, every question about one unit would look at every
 * object of the hub.
 * @param valuesOf what an object is found by; none leaves it out
 */
export function createObjectIndex(valuesOf: (object: KubeObject) => readonly string[]): ObjectIndex {
  const byValue = new Map<string, Map<string, KubeObject>>();

  // Several kinds may share an index, and two of them may share a name.
  const identity = (object: KubeObject): string => object.metadata.uid ?? keyOf(object);

  return {
    changed(now, before) {
      for (const value of before === null ? [] : valuesOf(before)) {
        const among = byValue.get(value);
        if (before !== null) among?.delete(identity(before));
        if (among?.size === 0) byValue.delete(value);
      }
      for (const value of now === null ? [] : valuesOf(now)) {
        const among = byValue.get(value) ?? new Map<string, KubeObject>();
        if (now !== null) byValue.set(value, among.set(identity(now), now));
      }
    },
    of: (value) => byValue.get(value)?.values() ?? [],
    *all() {
      for (const among of byValue.values()) yield* among.values();
    },
  };
}
