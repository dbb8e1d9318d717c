import { isObject, type JsonObject } from '../schema/json.ts';
import type { StructuralSchema } from '../schema/schema.ts';
import { FieldSet } from './field-set.ts';
import { indexItems } from './items.ts';
import { fieldElement, fieldName, type PathElement } from './path-element.ts';
import { childType, isDeclared, itemType, rootType, shapeOf, type TypeRef, typeBelow } from './typing.ts';

type Path = readonly PathElement[];

/**
 * The fields that an applied configuration claims: its leaves, its list items, the keys of its maps. A
 * declared field that only holds others is not claimed itself.
 */
export function fieldsOf(schema: StructuralSchema | undefined, object: JsonObject): FieldSet {
  const paths: Path[] = [];
  collect(rootType(schema), object, [], paths);
  return FieldSet.of(paths);
}

function collect(type: TypeRef, value: unknown, path: Path, paths: Path[]): void {
  const shape = shapeOf(type, value);
  if (shape === 'map' && isObject(value)) {
    for (const [key, child] of Object.entries(value)) {
      const childPath = [...path, fieldElement(key)];
      collect(childType(type, key), child, childPath, paths);
      const isHollow = child === null || (isObject(child) && Object.keys(child).length === 0);
      if (isHollow || !isDeclared(type, key)) {
        paths.push(childPath);
      }
    }
  } else if (shape === 'list' && Array.isArray(value)) {
    for (const [element, items] of indexItems(type, value)) {
      const itemPath = [...path, element];
      if (items.length === 1) {
        collect(itemType(type), items[0], itemPath, paths);
      }
      paths.push(itemPath);
    }
  } else {
    paths.push(path);
  }
}

/** Adds the declared fields on the way to each member, so that set arithmetic sees them as members too. */
export function withDeclaredParents(schema: StructuralSchema | undefined, set: FieldSet): FieldSet {
  return addParents(rootType(schema), set);
}

function addParents(type: TypeRef, set: FieldSet): FieldSet {
  return set.extend((element) => {
    const name = fieldName(element);
    return {
      member: name !== undefined && isDeclared(type, name),
      rebuild: (below) => addParents(typeBelow(type, element), below),
    };
  });
}
