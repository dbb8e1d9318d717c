import { equalJson, isObject, ownValue } from '../schema/json.ts';

/**
 * The order of a merged list: items that the patch names come in the patch's order, the others in the order
 * they had, and each of those stays before a patched item that it preceded.
 *
 * @param order the items, or objects with the merge key, in the order that the patch asks for
 * @param before the list as it was
 */
export function arrange(
  merged: readonly unknown[],
  order: readonly unknown[],
  before: readonly unknown[],
  mergeKey: string | undefined,
): unknown[] {
  const identity = (item: unknown): unknown =>
    mergeKey !== undefined && isObject(item) ? ownValue(item, mergeKey) : item;
  const positionIn = (list: readonly unknown[], item: unknown): number =>
    list.findIndex((candidate) => equalJson(identity(candidate), identity(item)));
  const sorted = (items: readonly unknown[], list: readonly unknown[]): unknown[] =>
    [...items].sort((left, right) => positionIn(list, left) - positionIn(list, right));

  const named = sorted(
    merged.filter((item) => positionIn(order, item) >= 0),
    order,
  );
  const others = sorted(
    merged.filter((item) => positionIn(order, item) < 0),
    before,
  );
  const arranged: unknown[] = [];
  while (named.length > 0 || others.length > 0) {
    const other = positionIn(before, others[0]);
    const patched = positionIn(before, named[0]);
    const otherFirst =
      others.length > 0 && (named.length === 0 || (patched >= 0 && other >= 0 && other < patched));
    arranged.push(otherFirst ? others.shift() : named.shift());
  }
  return arranged;
}
