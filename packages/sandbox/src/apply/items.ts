import type { PathElement } from './path-element.ts';
import { itemElement, type TypeRef } from './typing.ts';

/** The items of an associative list under the path element that selects them, in the list's order. */
export type IndexedItems = ReadonlyMap<PathElement, readonly unknown[]>;

/** Groups a list's items by path element; more than one item under an element is a duplicate. */
export function indexItems(type: TypeRef, list: readonly unknown[]): IndexedItems {
  const index = new Map<PathElement, unknown[]>();
  for (const item of list) {
    const identity = itemElement(type, item);
    if ('element' in identity) {
      const group = index.get(identity.element) ?? [];
      group.push(item);
      index.set(identity.element, group);
    }
  }
  return index;
}
