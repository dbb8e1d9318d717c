import { cloneJson, equalJson, isObject, type JsonObject, ownValue, setOwn } from '../schema/json.ts';
import { PatchError } from './patch-error.ts';

/** The API server refuses longer patches. */
const MAX_OPERATIONS = 10_000;

/** What the API server says to every JSON patch that does not apply, a failed `test` included. */
const REJECTED = 'the server rejected our request due to an error in our request';

/** An operation that does not apply; which one and why is not told to the client. */
class Inapplicable extends Error {}

/**
 * Applies a JSON patch (RFC 6902) to a copy of an object, with the API server's liberties: `replace` makes a
 * field that is not there, a missing field tests equal to null, and copies as null.
 *
 * @param ops the decoded request body
 * @throws PatchError 400 for a body that is no list of operations, 413 for too many of them, 422 for one
 *   that does not apply (a `test` that fails, a path that is not there); the object is left as it was
 */
export function applyJsonPatch(object: JsonObject, ops: unknown): JsonObject {
  if (!Array.isArray(ops)) {
    throw new PatchError(400, 'json: cannot unmarshal object into Go value of type jsonpatch.Patch');
  }
  if (ops.length > MAX_OPERATIONS) {
    throw new PatchError(
      413,
      `The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${ops.length}`,
    );
  }
  try {
    const document = { root: cloneJson<unknown>(object) };
    for (const op of ops) {
      applyOperation(document, op);
    }
    if (isObject(document.root)) {
      return document.root;
    }
  } catch (error) {
    if (!(error instanceof Inapplicable)) {
      throw error;
    }
  }
  throw new PatchError(422, REJECTED);
}

function applyOperation(document: JsonObject, operation: unknown): void {
  if (!isObject(operation)) {
    throw new Inapplicable('not an operation');
  }
  const { op, path, from, value } = operation;
  switch (op) {
    case 'add':
      add(locate(document, path), cloneJson(value));
      break;
    case 'remove':
      remove(locate(document, path));
      break;
    case 'replace':
      replace(locate(document, path), cloneJson(value));
      break;
    case 'test':
      if (!equalJson(read(locate(document, path)) ?? null, value ?? null)) {
        throw new Inapplicable('test failed');
      }
      break;
    case 'move': {
      const source = locate(document, from);
      const moved = read(source);
      remove(source);
      add(locate(document, path), moved);
      break;
    }
    case 'copy':
      add(locate(document, path), cloneJson(read(locate(document, from)) ?? null));
      break;
    default:
      throw new Inapplicable(`unknown operation ${JSON.stringify(op)}`);
  }
}

interface Location {
  readonly parent: JsonObject | unknown[];
  readonly key: string;
}

/** Finds the container that a JSON pointer leads to; the last part need not exist. */
function locate(document: JsonObject, pointer: unknown): Location {
  if (typeof pointer !== 'string' || (pointer !== '' && !pointer.startsWith('/'))) {
    throw new Inapplicable('not a JSON pointer');
  }
  const parts = pointer.split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  parts[0] = 'root';
  const key = parts.pop() ?? 'root';
  let parent: JsonObject | unknown[] = document;
  for (const part of parts) {
    const next: unknown = read({ parent, key: part });
    if (!Array.isArray(next) && !isObject(next)) {
      throw new Inapplicable('missing path');
    }
    parent = next;
  }
  return { parent, key };
}

function read({ parent, key }: Location): unknown {
  return Array.isArray(parent) ? parent[indexIn(parent.length, key)] : ownValue(parent, key);
}

function add({ parent, key }: Location, value: unknown): void {
  if (!Array.isArray(parent)) {
    setOwn(parent, key, value);
  } else {
    parent.splice(key === '-' ? parent.length : indexIn(parent.length + 1, key), 0, value);
  }
}

function replace({ parent, key }: Location, value: unknown): void {
  if (Array.isArray(parent)) {
    parent[indexIn(parent.length, key)] = value;
  } else {
    setOwn(parent, key, value);
  }
}

function remove({ parent, key }: Location): void {
  if (Array.isArray(parent)) {
    parent.splice(indexIn(parent.length, key), 1);
  } else if (!Object.hasOwn(parent, key) || !Reflect.deleteProperty(parent, key)) {
    throw new Inapplicable('missing key');
  }
}

/** A list index below `size`; negative ones count from the end, as in the API server's patch library. */
function indexIn(size: number, key: string): number {
  const index = /^[+-]?\d+$/.test(key) ? Number(key) : Number.NaN;
  const position = index < 0 ? index + size : index;
  if (!(position >= 0 && position < size)) {
    throw new Inapplicable('index out of bounds');
  }
  return position;
}
