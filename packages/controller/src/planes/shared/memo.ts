/**
 * Remembers what was read from an object for as long as the object is kept. Objects of the caches are replaced, never
 * changed, so that the same object always reads the same.
 */
export function memoized<K extends object, V>(read: (object: K) => V): (object: K) => V {
  const known = new WeakMap<K, { readonly value: V }>();
  return (object) => {
    const found = known.get(object);
    if (found !== undefined) return found.value;
    const value = read(object);
    known.set(object, { value });
    return value;
  };
}
