/**
 * Takes `value` for what the caller says it is. Only for what an API server has validated against the schema
 * of its kind (or has defined itself, like lists and watch events): the one boundary where types are believed.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller names the kind it asked for
export function trusted<T>(value: unknown): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- this is what the function is for
  return value as T;
}
