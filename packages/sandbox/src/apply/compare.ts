import type { JsonObject } from '../schema/json.ts';
import { equalJson, isObject, ownValue } from '../schema/json.ts';
import type { StructuralSchema } from '../schema/schema.ts';
import { FieldSet } from './field-set.ts';
import { indexItems } from './items.ts';
import { fieldElement, type PathElement } from './path-element.ts';
import { childType, itemType, rootType, type Shape, shapeOf, type TypeRef } from './typing.ts';

/** What changed between two versions of an object. No path is in more than one of the sets. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

/** Compares two versions of an object field by field; atomic lists and maps count as one field. */
export function compareObjects(
  schema: StructuralSchema | undefined,
  before: JsonObject,
  after: JsonObject,
): Comparison {
  const walk = new Walk();
  walk.compare(rootType(schema), before, after, []);
  return {
    added: FieldSet.of(walk.added),
    modified: FieldSet.of(walk.modified),
    removed: FieldSet.of(walk.removed),
  };
}

type Path = readonly PathElement[];

class Walk {
  readonly added: Path[] = [];
  readonly modified: Path[] = [];
  readonly removed: Path[] = [];

  /** `undefined` stands for a value that is not there. */
  compare(type: TypeRef, before: unknown, after: unknown, path: Path): void {
    // Null has no shape of its own, so it takes that of the other side.
    const sides = [before, after].filter((side) => side !== undefined);
    const telling = sides.filter((side) => side !== null);
    const shapes = new Set((telling.length > 0 ? telling : sides).map((side) => shapeOf(type, side)));
    const isLeaf = [...shapes]
      .map((shape) => this.#compareAs(shape, type, before, after, path))
      .some((leaf) => leaf);
    if (isLeaf) {
      return;
    }
    if (before === undefined) {
      this.added.push(path);
    } else if (after === undefined) {
      this.removed.push(path);
    }
  }

  /** @returns true when the value was taken as one leaf */
  #compareAs(shape: Shape, type: TypeRef, before: unknown, after: unknown, path: Path): boolean {
    if (shape === 'leaf' || (isHollow(before) && isHollow(after))) {
      this.#compareLeaf(before, after, path);
      return true;
    }
    if (shape === 'map') {
      this.#compareMaps(type, asMap(before), asMap(after), path);
    } else {
      this.#compareLists(type, asList(before), asList(after), path);
    }
    return false;
  }

  #compareLeaf(before: unknown, after: unknown, path: Path): void {
    if (before === undefined) {
      this.added.push(path);
    } else if (after === undefined) {
      this.removed.push(path);
    } else if (!equalJson(before, after)) {
      this.modified.push(path);
    }
  }

  #compareMaps(type: TypeRef, before: JsonObject, after: JsonObject, path: Path): void {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      this.compare(childType(type, key), ownValue(before, key), ownValue(after, key), [
        ...path,
        fieldElement(key),
      ]);
    }
  }

  #compareLists(type: TypeRef, before: readonly unknown[], after: readonly unknown[], path: Path): void {
    const left = indexItems(type, before);
    const right = indexItems(type, after);
    for (const element of new Set([...left.keys(), ...right.keys()])) {
      this.#compareItems(itemType(type), left.get(element) ?? [], right.get(element) ?? [], [
        ...path,
        element,
      ]);
    }
  }

  /** Items under one key: normally one on each side; duplicates are compared as one atomic group. */
  #compareItems(type: TypeRef, before: readonly unknown[], after: readonly unknown[], path: Path): void {
    if (before.length <= 1 && after.length <= 1) {
      this.compare(type, before[0], after[0], path);
    } else if (before.length > 1 && after.length > 1) {
      if (!equalJson(before, after)) {
        this.modified.push(path);
      }
    } else if (before.length > 1) {
      if (after.length === 1) {
        this.compare(type, undefined, after[0], path);
      }
      this.removed.push(path);
    } else {
      if (before.length === 1) {
        this.compare(type, before[0], undefined, path);
      }
      this.added.push(path);
    }
  }
}

/** Missing, null or empty: such a value is a leaf, which keeps null, [] and {} apart. */
function isHollow(value: unknown): boolean {
  if (value === undefined || value === null) {
    return true;
  }
  return Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0;
}

function asMap(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
