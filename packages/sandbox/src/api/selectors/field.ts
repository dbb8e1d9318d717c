import { badRequest } from '../errors.ts';
import { isObject, type JsonObject } from '../object.ts';
import type { Selector } from './label.ts';

const TERM = /^([^=!]+?)(==|=|!=)(.*)$/;

/**
 * Parses a field selector (`metadata.name=a,status.phase!=Running`).
 * `selectable` lists the paths that this resource allows beside `metadata.name` and `metadata.namespace`.
 * @throws ApiError 400 when it cannot be parsed or names a field that cannot be selected by
 */
export function parseFieldSelector(text: string, selectable: readonly string[]): Selector {
  const requirements = text
    .split(/(?<!\\),/)
    .filter((term) => term !== '')
    .map((term) => {
      const match = TERM.exec(term);
      if (match === null) {
        throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
      }
      const path = match[1] ?? '';
      if (path !== 'metadata.name' && path !== 'metadata.namespace' && !selectable.includes(path)) {
        throw badRequest(`field label not supported: ${path}`);
      }
      const value = (match[3] ?? '').replaceAll(/\\(.)/g, '$1');
      return { path: path.split('.'), equal: match[2] !== '!=', value };
    });
  return (object) =>
    requirements.every(({ path, equal, value }) => (readField(object, path) === value) === equal);
}

/** The object's name when `text` selects exactly one by name, else undefined: saves a scan. */
export function selectedName(text: string): string | undefined {
  return /(?:^|,)metadata\.name==?([^,]+)/.exec(text)?.[1];
}

/** The text of a scalar at `path`; absent fields read as the empty string. */
function readField(object: JsonObject, path: readonly string[]): string {
  let value: unknown = object;
  for (const part of path) value = isObject(value) ? value[part] : undefined;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : '';
}
