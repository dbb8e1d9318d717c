import { cloneJson, isObject, type JsonObject, ownValue } from '../schema/json.ts';
import type { StructuralSchema } from '../schema/schema.ts';
import { compareObjects } from './compare.ts';
import { FieldSet } from './field-set.ts';
import { fieldsOf } from './owned-fields.ts';

/** Where client-side `kubectl apply` keeps what it applied last. */
const ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration';

/** The manager of `kubectl apply --server-side`, which takes over from client-side apply without force. */
export const KUBECTL = 'kubectl';

/**
 * Fields that client-side apply set and nobody changed since: `kubectl apply --server-side` may take them
 * from whoever owns them.
 */
export function lastAppliedFields(schema: StructuralSchema | undefined, live: JsonObject): FieldSet {
  const applied = readAnnotation(live);
  if (applied === undefined || applied.apiVersion !== live.apiVersion) {
    return FieldSet.empty;
  }
  const { added, modified, removed } = compareObjects(schema, applied, live);
  return fieldsOf(schema, applied).difference(modified).difference(added).difference(removed);
}

/** Keeps the annotation, where an object has it, in step with what kubectl applied on the server. */
export function withLastApplied(object: JsonObject, applied: JsonObject): JsonObject {
  const annotations = annotationsOf(object);
  if (annotations === undefined || !ownValue(annotations, ANNOTATION)) {
    return object;
  }
  const config = cloneJson(applied);
  Reflect.deleteProperty(annotationsOf(config) ?? {}, ANNOTATION);
  const text = `${JSON.stringify(sortKeys(config))}\n`;
  const metadata = isObject(object.metadata) ? object.metadata : {};
  return { ...object, metadata: { ...metadata, annotations: { ...annotations, [ANNOTATION]: text } } };
}

function annotationsOf(object: JsonObject): JsonObject | undefined {
  const annotations = isObject(object.metadata) ? ownValue(object.metadata, 'annotations') : undefined;
  return isObject(annotations) ? annotations : undefined;
}

function readAnnotation(object: JsonObject): JsonObject | undefined {
  const text = ownValue(annotationsOf(object) ?? {}, ANNOTATION);
  try {
    const config: unknown = typeof text === 'string' ? JSON.parse(text) : undefined;
    return isObject(config) ? config : undefined;
  } catch {
    // A spoilt annotation gives no rights; it is the user's, and not worth failing the apply.
    return undefined;
  }
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sortKeys);
  }
  return isObject(value)
    ? Object.fromEntries(
        Object.keys(value)
          .sort()
          .map((key) => [key, sortKeys(value[key])]),
      )
    : value;
}
