import { type Clock, MINUTE, type Millis, systemClock } from '@windvane/carbon-map';
import type { KubeApi } from './api.ts';
import { type CacheHandler, type ObjectCache, WritableCache } from './cache.ts';
import { isKubeError, KubeError } from './errors.ts';
import type { KubeObject, ResourceType } from './resource.ts';

/** Transitions that are not the ordinary flow of events; each is counted and told by its name. */
export type InformerTransition =
  | 'list-failed'
  | 'watch-failed'
  | 'watch-expired'
  | 'watch-silent'
  | 'relisted'
  | 'recovered';

export interface InformerOptions {
  readonly api: Pick<KubeApi, 'list' | 'watch'>;
  readonly type: ResourceType;
  /** All namespaces when absent. */
  readonly namespace?: string;
  /** Called for every change; must do no more than enqueue keys. */
  readonly changed: CacheHandler;
  readonly transition?: (name: InformerTransition, type: ResourceType, error: KubeError | null) => void;
  readonly clock?: Clock;
  /** 0..1, injected for tests. */
  readonly random?: () => number;
  readonly relistEvery?: Millis;
  /** A watch without event or bookmark for this long is taken for dead. */
  readonly silence?: Millis;
  readonly backoffBase?: Millis;
  readonly backoffMax?: Millis;
}

/** Keeps the objects of one kind in memory, for as long as it runs. */
export interface Informer {
  readonly type: ResourceType;
  readonly objects: ObjectCache;
  /** Resolves after the first list. Rejects when that fails; nothing runs then. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** The last list or watch went well. */
  connected(): boolean;
  /** The error that keeps it from being connected. */
  problem(): KubeError | null;
  /** Takes the answer of an own write, so that the next reconciliation does not act on what stood before it. */
  assume(object: KubeObject): void;
  forget(object: KubeObject): void;
}

function asKubeError(error: unknown): KubeError {
  return error instanceof KubeError ? error : new KubeError('server', String(error), { cause: error });
}

export function createInformer(options: InformerOptions): Informer {
  const { api, type, changed, transition = () => {}, clock = systemClock, random = Math.random } = options;
  const { relistEvery = 10 * MINUTE, silence = 5 * MINUTE } = options;
  const { backoffBase = 500, backoffMax = MINUTE } = options;
  const cache = new WritableCache(changed);
  const stopping = new AbortController();
  let problem: KubeError | null = null;
  let failures = 0;
  let loop: Promise<void> = Promise.resolve();

  const scope = options.namespace === undefined ? {} : { namespace: options.namespace };
  const jittered = (delay: Millis): Millis => Math.round(delay * (0.8 + 0.4 * random()));

  function sleep(delay: Millis): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        stopping.signal.removeEventListener('abort', done);
        resolve();
      };
      const cancel = clock.after(delay, done);
      stopping.signal.addEventListener('abort', done);
    });
  }

  async function list(): Promise<string> {
    const answer = await api.list(type, { ...scope, signal: stopping.signal });
    cache.replace(answer.items);
    return answer.resourceVersion;
  }

  function succeeded(): void {
    if (problem !== null) transition('recovered', type, null);
    problem = null;
    failures = 0;
  }

  /** Watches until the server closes, the relist is due or the watch falls silent. Returns where to continue. */
  async function watch(from: string, relistAt: number): Promise<string | null> {
    const abort = new AbortController();
    const signal = AbortSignal.any([abort.signal, stopping.signal]);
    let resourceVersion = from;
    let silent = false;
    let cancelWatchdog = (): void => {};
    const heard = (): void => {
      cancelWatchdog();
      cancelWatchdog = clock.after(silence, () => {
        silent = true;
        abort.abort();
      });
    };
    const cancelRelist = clock.after(Math.max(0, relistAt - clock.now()), () => abort.abort());
    heard();
    try {
      const timeoutSeconds = Math.round(240 + 240 * random());
      for await (const event of api.watch(type, { ...scope, resourceVersion, timeoutSeconds, signal })) {
        heard();
        if (event.type === 'BOOKMARK') resourceVersion = event.resourceVersion;
        else {
          resourceVersion = event.object.metadata.resourceVersion ?? resourceVersion;
          if (event.type === 'DELETED') cache.delete(event.object);
          else cache.set(event.object);
        }
        succeeded();
      }
      return signal.aborted ? null : resourceVersion;
    } catch (error) {
      if (!signal.aborted) throw error;
      return null;
    } finally {
      cancelWatchdog();
      cancelRelist();
      if (silent) transition('watch-silent', type, null);
    }
  }

  async function run(first: string): Promise<void> {
    let from: string | null = first;
    let relistAt = clock.now() + jittered(relistEvery);
    while (!stopping.signal.aborted) {
      try {
        if (from === null) {
          from = await list();
          relistAt = clock.now() + jittered(relistEvery);
          transition('relisted', type, null);
          succeeded();
        }
        const opened = clock.now();
        from = await watch(from, relistAt);
        // A server that closes at once would otherwise be asked without end.
        if (from !== null && clock.now() - opened < 1000) await sleep(jittered(backoffBase));
      } catch (error) {
        if (stopping.signal.aborted) return;
        const known = asKubeError(error);
        if (isKubeError(known, 'gone')) transition('watch-expired', type, known);
        else {
          problem = known;
          transition(from === null ? 'list-failed' : 'watch-failed', type, known);
          failures += 1;
          await sleep(jittered(Math.min(backoffMax, backoffBase * 2 ** (failures - 1))));
        }
        from = null;
      }
    }
  }

  return {
    type,
    objects: cache,
    async start() {
      const first = await list();
      loop = run(first);
    },
    async stop() {
      stopping.abort();
      await loop;
    },
    connected: () => problem === null,
    problem: () => problem,
    assume: (object) => cache.set(object),
    forget: (object) => cache.delete(object),
  };
}
