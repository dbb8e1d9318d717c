import { isObject, type JsonObject } from '../../runtime/client/object.ts';

/** One step of a JSON patch (RFC 6902), as overrides use it. */
export interface PatchStep {
  readonly operator: string;
  readonly path: string;
  readonly value?: unknown;
}

/** Why a step cannot be applied; Karmada then leaves the whole object as it was. */
export class OverrideError extends Error {}

function segments(path: string): string[] {
  if (!path.startsWith('/')) throw new OverrideError(`path ${path} does not begin with a slash`);
  return path
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function child(parent: unknown, segment: string, path: string): unknown {
  const found = Array.isArray(parent)
    ? parent[Number(segment)]
    : isObject(parent)
      ? parent[segment]
      : undefined;
  if (found === undefined) throw new OverrideError(`path ${path} does not exist`);
  return found;
}

function changeList(list: unknown[], step: PatchStep, last: string): void {
  const index = last === '-' ? list.length : Number(last);
  const limit = step.operator === 'add' ? list.length : list.length - 1;
  if (!Number.isInteger(index) || index < 0 || index > limit) {
    throw new OverrideError(`path ${step.path} does not exist`);
  }
  if (step.operator === 'add') list.splice(index, 0, step.value);
  else if (step.operator === 'remove') list.splice(index, 1);
  else list[index] = step.value;
}

function changeObject(object: JsonObject, step: PatchStep, last: string): void {
  // `add` also replaces; the other two need something to be there.
  if (step.operator !== 'add' && !Object.hasOwn(object, last)) {
    throw new OverrideError(`${step.operator} operation does not apply: path ${step.path} is missing`);
  }
  if (step.operator === 'remove') delete object[last];
  else object[last] = step.value;
}

/**
 * Applies one step to `root` in place.
 *
 * @throws OverrideError when the path, or for `replace` and `remove` the value at it, does not exist.
 */
export function applyStep(root: object, step: PatchStep): void {
  const path = segments(step.path);
  const last = path.pop() ?? '';
  let parent: unknown = root;
  for (const segment of path) parent = child(parent, segment, step.path);
  if (Array.isArray(parent)) changeList(parent, step, last);
  else if (isObject(parent)) changeObject(parent, step, last);
  else throw new OverrideError(`path ${step.path} does not exist`);
}
