import type { ApiCore, Target } from '../core.ts';
import { ApiError, expired, invalid } from '../errors.ts';
import type { JsonObject, KubeObject } from '../object.ts';
import { apiVersionOf, type ResourceType } from '../registry/resource.ts';
import type { Selector } from '../selectors/label.ts';
import type { StoredEvent } from '../storage/history.ts';
import { malformedVersion, parseVersion, requirePresent, selectorOf } from './list.ts';
import { present } from './represent.ts';

/** What a watch sends: a line of JSON per event. */
export type WatchEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; readonly object: KubeObject }
  | { readonly type: 'ERROR'; readonly object: JsonObject };

/** A watch that has been accepted. */
export interface Watch {
  /** Starts to send; the answer ends it. */
  readonly start: (send: (event: WatchEvent) => void) => () => void;
  /** A bookmark of the present version, for clients that asked for bookmarks. */
  readonly bookmark: (() => WatchEvent) | undefined;
  readonly timeoutSeconds: number;
}

/** Without `timeoutSeconds` a watch lives 30 to 60 minutes, as on a real server. */
const DEFAULT_TIMEOUT_SECONDS = 1800;

/**
 * Prepares a watch of a collection.
 * @throws ApiError 400 for a bad query, 504 for a version that is still to come
 */
export function watch(core: ApiCore, target: Target, query: URLSearchParams): Watch {
  const selector = selectorOf(target, query);
  const text = query.get('resourceVersion') ?? '';
  const version = text === '' || text === '0' ? undefined : parseVersion(text);
  if (version === undefined && text !== '' && text !== '0') {
    throw new ApiError(500, '', malformedVersion(text));
  }
  const initial = query.get('sendInitialEvents');
  checkMatch(query, initial);
  if (version !== undefined && initial !== 'true') requirePresent(core, version);
  const bookmarks = isTrue(query.get('allowWatchBookmarks'));
  const replayAll = initial === null ? version === undefined : initial === 'true';
  const endMark = initial === 'true' && bookmarks;
  const timeout = Number(query.get('timeoutSeconds') ?? 0);
  return {
    timeoutSeconds: timeout > 0 ? timeout : DEFAULT_TIMEOUT_SECONDS * (1 + Math.random()),
    bookmark: bookmarks ? () => bookmarkOf(core, target) : undefined,
    start(send) {
      if (replayAll) {
        for (const event of initialEvents(core, target, selector)) send(event);
        if (endMark) send(bookmarkOf(core, target, { 'k8s.io/initial-events-end': 'true' }));
      } else if (version !== undefined) {
        const missed = core.store.eventsSince(target.type.storage, version);
        if (missed === undefined) {
          send({ type: 'ERROR', object: tooOld(version).body() });
          return () => undefined;
        }
        for (const event of missed) forward(target, selector, event, send);
      }
      return core.store.subscribe(target.type.storage, (event) => forward(target, selector, event, send));
    },
  };
}

function checkMatch(query: URLSearchParams, initial: string | null): void {
  const match = query.get('resourceVersionMatch') ?? '';
  const why =
    initial !== null && match !== 'NotOlderThan'
      ? 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'
      : initial === null && match !== ''
        ? 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'
        : undefined;
  if (why === undefined) return;
  throw invalid('ListOptions', 'meta.k8s.io', '', [
    { reason: 'FieldValueForbidden', message: `Forbidden: ${why}`, field: 'resourceVersionMatch' },
  ]);
}

function isTrue(value: string | null): boolean {
  return value === 'true' || value === '1';
}

/** 410 in the words that clients know. */
function tooOld(version: number): ApiError {
  return expired(`too old resource version: ${version}`);
}

function* initialEvents(
  core: ApiCore,
  { type, namespace }: Target,
  selector: Selector,
): Iterable<WatchEvent> {
  for (const stored of core.store.list(type.storage, namespace)) {
    const object = present(type, stored);
    if (selector(object)) yield { type: 'ADDED', object };
  }
}

/** Sends a stored event as the selector sees it: entering the selection is ADDED, leaving it is DELETED. */
function forward(
  { type, namespace }: Target,
  selector: Selector,
  event: StoredEvent,
  send: (event: WatchEvent) => void,
): void {
  if (namespace !== '' && event.object.metadata.namespace !== namespace) return;
  const object = present(type, event.object);
  const was = event.previous !== undefined && selector(present(type, event.previous));
  const is = event.type !== 'DELETED' && selector(object);
  if (is) send({ type: was ? 'MODIFIED' : 'ADDED', object });
  else if (was)
    send({ type: 'DELETED', object: event.type === 'DELETED' ? object : leaving(type, event, object) });
}

/** An object that leaves the selection is shown as it was selected, under the version of its leaving. */
function leaving(type: ResourceType, event: StoredEvent, object: KubeObject): KubeObject {
  const last = event.previous === undefined ? object : present(type, event.previous);
  const { resourceVersion } = object.metadata;
  return {
    ...last,
    metadata: { ...last.metadata, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
  };
}

function bookmarkOf(core: ApiCore, { type }: Target, annotations?: Record<string, string>): WatchEvent {
  return {
    type: 'BOOKMARK',
    object: {
      kind: type.kind,
      apiVersion: apiVersionOf(type),
      metadata: {
        ...(annotations === undefined ? {} : { annotations }),
        name: '',
        creationTimestamp: null,
        resourceVersion: String(core.store.resourceVersion()),
      },
    },
  };
}
