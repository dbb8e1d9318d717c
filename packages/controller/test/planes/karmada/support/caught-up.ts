import type { KubeApi } from '../../../../src/kube/api.ts';
import { isKubeError } from '../../../../src/kube/errors.ts';
import type { KubeObject, ResourceType } from '../../../../src/kube/resource.ts';

/** Everything that a watch has told so far: versions by uid. */
interface Told {
  readonly type: ResourceType;
  readonly namespace: string | undefined;
  readonly objects: Map<string, string>;
  watches: number;
}

export interface Followed {
  readonly api: KubeApi;
  /**
   * Whether no request is under way, and every watch that is open has told, and its owner has taken, all that the
   * server holds now.
   */
  caughtUp(): Promise<boolean>;
}

const versionsOf = (objects: readonly KubeObject[]): Map<string, string> =>
  new Map(objects.map(({ metadata }) => [metadata.uid ?? '', metadata.resourceVersion ?? '']));

const sameVersions = (a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean =>
  a.size === b.size && [...a].every(([uid, version]) => b.get(uid) === version);

/**
 * Dates objects by the clock of a test, at the first look at them: a server with a clock of its own says by that one when
 * they were made.
 */
export function datesOf(now: () => number): (object: KubeObject) => KubeObject {
  const made = new Map<string, string>();
  return (object) => {
    const { uid } = object.metadata;
    if (uid === undefined) return object;
    const creationTimestamp = made.get(uid) ?? `${new Date(now()).toISOString().slice(0, 19)}Z`;
    made.set(uid, creationTimestamp);
    return { ...object, metadata: { ...object.metadata, creationTimestamp } };
  };
}

/** Passes everything through, `seen` as the caller wants it, and remembers what lists and watches told. */
export function followWatches(
  api: KubeApi,
  seen: (object: KubeObject) => KubeObject = (object) => object,
): Followed {
  const followed = new Map<string, Told>();
  const lists = new Map<string, Map<string, string>>();
  const keyOf = ({ group, plural }: ResourceType, namespace: string | undefined): string =>
    `${group}/${plural}/${namespace ?? ''}`;

  const startOf = (type: ResourceType, namespace: string | undefined, resourceVersion: string): Told => {
    const key = keyOf(type, namespace);
    const list = lists.get(`${key}@${resourceVersion}`);
    const known = followed.get(key);
    // Without a list of this version a watch goes on where the one before it ended.
    const told =
      known !== undefined && list === undefined
        ? known
        : { type, namespace, objects: new Map(list), watches: known?.watches ?? 0 };
    followed.set(key, told);
    return told;
  };
  const take = (told: Told, kind: string, { metadata }: KubeObject): void => {
    if (kind === 'DELETED') told.objects.delete(metadata.uid ?? '');
    else told.objects.set(metadata.uid ?? '', metadata.resourceVersion ?? '');
  };

  let underWay = 0;
  const counted = async <T>(request: Promise<T>): Promise<T> => {
    underWay += 1;
    try {
      return await request;
    } finally {
      underWay -= 1;
    }
  };

  return {
    api: {
      ...api,
      get: async (...call) => seen(await counted(api.get(...call))),
      create: async (...call) => seen(await counted(api.create(...call))),
      replace: async (...call) => seen(await counted(api.replace(...call))),
      apply: async (...call) => seen(await counted(api.apply(...call))),
      mergePatch: async (...call) => seen(await counted(api.mergePatch(...call))),
      jsonPatch: async (...call) => seen(await counted(api.jsonPatch(...call))),
      delete: (...call) => counted(api.delete(...call)),
      async list(type, options = {}) {
        const answer = await counted(api.list(type, options));
        if (options.labelSelector === undefined && options.fieldSelector === undefined) {
          const key = `${keyOf(type, options.namespace)}@${answer.resourceVersion}`;
          lists.set(key, versionsOf(answer.items));
        }
        return { ...answer, items: answer.items.map(seen) };
      },
      async *watch(type, options) {
        const told = startOf(type, options.namespace, options.resourceVersion);
        told.watches += 1;
        try {
          for await (const event of api.watch(type, options)) {
            yield event.type === 'BOOKMARK' ? event : { ...event, object: seen(event.object) };
            if (event.type !== 'BOOKMARK') take(told, event.type, event.object);
          }
        } finally {
          told.watches -= 1;
        }
      },
    },
    async caughtUp() {
      const open = [...followed.values()].filter(({ watches }) => watches > 0);
      const same = await Promise.all(
        open.map(async ({ type, namespace, objects }) => {
          try {
            const { items } = await api.list(type, namespace === undefined ? {} : { namespace });
            return sameVersions(versionsOf(items), objects);
          } catch (error) {
            // Its definition goes, and with it the watch.
            if (isKubeError(error, 'not-found') || (isKubeError(error) && error.retryable)) return false;
            throw error;
          }
        }),
      );
      return underWay === 0 && same.every(Boolean);
    },
  };
}
