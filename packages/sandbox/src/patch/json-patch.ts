import { applyPatch, JsonPatchError, type Operation } from 'fast-json-patch';
import { cloneJson, isObject, type JsonObject } from '../schema/json.ts';
import { PatchError } from './patch-error.ts';

/** The API server refuses longer patches. */
const MAX_OPERATIONS = 10_000;

/** What the API server says to every JSON patch that does not apply, a failed `test` included. */
const REJECTED = 'the server rejected our request due to an error in our request';

/**
 * Applies a JSON patch (RFC 6902) to a copy of an object.
 *
 * @param ops the decoded request body
 * @throws PatchError 400 for a body that is no list of operations, 413 for too many of them, 422 for one
 *   that does not apply (a `test` that fails, a path that is not there); the object is left as it was
 */
export function applyJsonPatch(object: JsonObject, ops: unknown): JsonObject {
  if (!Array.isArray(ops) || !ops.every(isOperation)) {
    throw new PatchError(400, 'error decoding patch: expected a list of JSON patch operations');
  }
  if (ops.length > MAX_OPERATIONS) {
    throw new PatchError(
      413,
      `The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${ops.length}`,
    );
  }
  try {
    const { newDocument } = applyPatch<unknown>(cloneJson(object), cloneJson(ops), true, true, true);
    if (isObject(newDocument)) {
      return newDocument;
    }
  } catch (error) {
    if (!(error instanceof JsonPatchError) && !(error instanceof TypeError)) {
      throw error;
    }
  }
  throw new PatchError(422, REJECTED);
}

function isOperation(candidate: unknown): candidate is Operation {
  return isObject(candidate) && typeof candidate.op === 'string' && typeof candidate.path === 'string';
}
