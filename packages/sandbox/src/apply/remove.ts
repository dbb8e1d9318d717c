import { isObject, type JsonObject, setOwn } from '../schema/json.ts';
import type { StructuralSchema } from '../schema/schema.ts';
import type { FieldSet } from './field-set.ts';
import { fieldElement } from './path-element.ts';
import { childType, itemElement, itemType, rootType, shapeOf, type TypeRef } from './typing.ts';

/** A copy of the object without the given fields and list items. Containers that empty out stay, empty. */
export function removeFields(
  schema: StructuralSchema | undefined,
  object: JsonObject,
  fields: FieldSet,
): JsonObject {
  const kept = remove(rootType(schema), object, fields);
  return isObject(kept) ? kept : {};
}

function remove(type: TypeRef, value: unknown, fields: FieldSet): unknown {
  const shape = fields.isEmpty ? 'leaf' : shapeOf(type, value);
  if (shape === 'map' && isObject(value)) {
    const kept: JsonObject = {};
    for (const [key, child] of Object.entries(value)) {
      const element = fieldElement(key);
      if (!fields.hasMember(element)) {
        setOwn(kept, key, remove(childType(type, key), child, fields.below(element)));
      }
    }
    return kept;
  }
  if (shape === 'list' && Array.isArray(value)) {
    return value.flatMap((item: unknown) => {
      const identity = itemElement(type, item);
      if (!('element' in identity)) {
        return [item];
      }
      return fields.hasMember(identity.element)
        ? []
        : [remove(itemType(type), item, fields.below(identity.element))];
    });
  }
  return value;
}
