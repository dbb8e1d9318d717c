import type { ApiCore, Target } from '../core.ts';
import { ApiError, badRequest, expired } from '../errors.ts';
import { isObject, type KubeObject } from '../object.ts';
import { parseFieldSelector, selectedName } from '../selectors/field.ts';
import { parseLabelSelector, type Selector } from '../selectors/label.ts';
import { objectKey } from '../storage/store.ts';
import { present } from './represent.ts';

/** One page of a list. */
export interface Page {
  readonly items: readonly KubeObject[];
  readonly resourceVersion: string;
  /** Token for the next page; empty on the last one. */
  readonly next: string;
  /** How many objects follow; unknown when selectors are at work. */
  readonly remaining: number | undefined;
}

/** What a continue token says: where the last page ended, and in which version the list is read. */
interface Continuation {
  readonly version: number;
  readonly after: string;
}

const GONE =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list ' +
  'without the continue parameter, or use the continue token in this response to retrieve the remainder of ' +
  'the results. Continuing with the provided token results in an inconsistent list - objects that were ' +
  'created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

/**
 * The selector of a list or watch, from `labelSelector` and `fieldSelector`, over presented objects.
 * @throws ApiError 400 when one of them cannot be parsed
 */
export function selectorOf(target: Target, query: URLSearchParams): Selector {
  const byLabel = parseLabelSelector(query.get('labelSelector') ?? '');
  const byField = parseFieldSelector(query.get('fieldSelector') ?? '', target.type.selectableFields);
  return (object) => byLabel(object) && byField(object);
}

/**
 * GET of a collection: selectors, pages that show one version, and the rules of `resourceVersion`.
 * @throws ApiError 400, 410 (that version is forgotten), 504 (that version is still to come)
 */
export function list(core: ApiCore, target: Target, query: URLSearchParams): Page {
  const selector = selectorOf(target, query);
  const filtered = (query.get('labelSelector') ?? '') !== '' || (query.get('fieldSelector') ?? '') !== '';
  const limit = parseCount(query.get('limit'));
  const from = query.get('continue') ?? '';
  const start = from === '' ? undefined : decode(from);
  const version = start?.version ?? exactVersion(core, query);
  const stored = readVersion(core, target, version, query, start);
  const items: KubeObject[] = [];
  let next = '';
  let seen = 0;
  for (const raw of stored) {
    seen += 1;
    const object = present(target.type, raw);
    if (start !== undefined && keyOf(object) <= start.after) continue;
    if (!selector(object)) continue;
    const last = items.at(-1);
    if (limit > 0 && items.length === limit && last !== undefined) {
      next = encode({ version: version ?? core.store.resourceVersion(), after: keyOf(last) });
      seen -= 1;
      break;
    }
    items.push(object);
  }
  return {
    items,
    resourceVersion: String(version ?? core.store.resourceVersion()),
    next,
    remaining: next !== '' && !filtered ? stored.length - seen : undefined,
  };
}

function readVersion(
  core: ApiCore,
  { type, namespace }: Target,
  version: number | undefined,
  query: URLSearchParams,
  start: Continuation | undefined,
): readonly KubeObject[] {
  if (version === undefined || version === core.store.resourceVersion()) {
    const name = selectedName(query.get('fieldSelector') ?? '');
    if (name === undefined || (type.namespaced && namespace === '')) {
      return core.store.list(type.storage, namespace);
    }
    const found = core.store.get(type.storage, objectKey(namespace, name));
    return found === undefined ? [] : [found];
  }
  const then = core.store.listAt(type.storage, version, namespace);
  if (then === undefined)
    throw expired(start === undefined ? `The resourceVersion for the provided list is too old.` : GONE);
  return then;
}

/** The version that `resourceVersion` and `resourceVersionMatch` pin the list to; undefined for the newest. */
function exactVersion(core: ApiCore, query: URLSearchParams): number | undefined {
  const match = query.get('resourceVersionMatch') ?? '';
  const text = query.get('resourceVersion') ?? '';
  if (match !== '' && text === '') {
    throw badRequest('resourceVersionMatch is forbidden unless resourceVersion is provided');
  }
  if (text === '' || text === '0') return undefined;
  const version = parseVersion(text);
  if (version === undefined) {
    throw badRequest(`invalid resource version: ${malformedVersion(text)}`);
  }
  requirePresent(core, version);
  // A limit with a resourceVersion and no match is the legacy form of Exact.
  const legacyExact = match === '' && parseCount(query.get('limit')) > 0;
  return match === 'Exact' || legacyExact ? version : undefined;
}

/** @throws ApiError 504 for a version that the server has not reached */
export function requirePresent(core: ApiCore, version: number): void {
  const current = core.store.resourceVersion();
  if (version <= current) return;
  throw new ApiError(504, 'Timeout', `Timeout: Too large resource version: ${version}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}

/** A version as a number; undefined for anything else. */
export function parseVersion(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

export function malformedVersion(text: string): string {
  const value = JSON.stringify(text);
  return `resourceVersion: Invalid value: ${value}: strconv.ParseUint: parsing ${value}: invalid syntax`;
}

function parseCount(text: string | null): number {
  if (text === null || text === '') return 0;
  const count = Number(text);
  if (!Number.isInteger(count) || count < 0)
    throw badRequest(`limit: Invalid value: ${JSON.stringify(text)}`);
  return count;
}

function keyOf(object: KubeObject): string {
  return objectKey(object.metadata.namespace ?? '', object.metadata.name);
}

function encode(continuation: Continuation): string {
  return Buffer.from(JSON.stringify(continuation)).toString('base64url');
}

function decode(token: string): Continuation {
  try {
    const decoded: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    if (isObject(decoded)) {
      const { version, after } = decoded;
      if (typeof version === 'number' && typeof after === 'string') return { version, after };
    }
  } catch {
    // Falls through: the same answer as for a token of another shape.
  }
  throw badRequest('continue key is not valid: the token cannot be decoded');
}
