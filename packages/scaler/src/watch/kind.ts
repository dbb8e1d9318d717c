import { type Clock, MINUTE, type Millis } from '@windvane/carbon-map';
import {
  createInformer,
  type Informer,
  isKubeError,
  type KubeApi,
  type KubeObject,
  type ResourceType,
} from '@windvane/controller/kube';

export interface KindWatchOptions {
  readonly api: KubeApi;
  readonly type: ResourceType;
  readonly clock: Clock;
  /** Told of every change; must do no more than note it. */
  readonly changed: (now: KubeObject | null, before: KubeObject | null) => void;
  /** Told of what is wrong, and of its end. */
  readonly failed: (error: unknown, type: ResourceType) => void;
  /** Between attempts to begin, while the kind is not served or the API server does not answer (30 s). */
  readonly retryEvery?: Millis;
}

/** The objects of one kind in this cluster, from when the API server serves it. Answered from memory. */
export interface KindWatch {
  readonly type: ResourceType;
  /** Begins, and goes on trying. Resolves after the first attempt. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** It was listed. */
  synced(): boolean;
  get(key: string): KubeObject | undefined;
  all(): Iterable<KubeObject>;
}

export function createKindWatch(options: KindWatchOptions): KindWatch {
  const { api, type, clock, changed, failed, retryEvery = MINUTE / 2 } = options;
  let informer: Informer | null = null;
  let synced = false;
  let stopped = false;
  let cancel = (): void => {};

  async function begin(): Promise<void> {
    informer = createInformer({
      api,
      type,
      clock,
      changed,
      transition: (_name, of, error) => {
        if (error !== null) failed(error, of);
      },
    });
    try {
      await informer.start();
      synced = true;
      if (stopped) await informer.stop();
    } catch (error) {
      // KEDA may be installed later: without it nothing can ask.
      if (!isKubeError(error, 'not-found')) failed(error, type);
      if (!stopped) cancel = clock.after(retryEvery, () => void begin());
    }
  }

  return {
    type,
    start: begin,
    async stop() {
      stopped = true;
      cancel();
      if (synced) await informer?.stop();
    },
    synced: () => synced,
    get: (key) => informer?.objects.get(key),
    all: () => informer?.objects.values() ?? [],
  };
}
