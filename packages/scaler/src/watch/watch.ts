import { type Clock, MINUTE, type Millis } from '@windvane/carbon-map';
import {
  createInformer,
  type Informer,
  isKubeError,
  type KubeApi,
  type KubeObject,
  keyOf,
  type ResourceType,
} from '@windvane/controller/kube';
import type { TriggerRef } from '../policy/decider.ts';
import type { ScaledFacts } from '../policy/snapshot.ts';
import { readScaled, SCALED_JOB, SCALED_OBJECT, type ScaledView } from './scaled.ts';

export interface ScaledWatchOptions {
  readonly api: KubeApi;
  readonly clock: Clock;
  /** Told of what is wrong, and of its end. */
  readonly failed: (error: unknown, type: ResourceType) => void;
  /** Between attempts to begin, while KEDA is not installed or the API server does not answer (30 s). */
  readonly retryEvery?: Millis;
}

/** The ScaledObjects and ScaledJobs of the cluster that ask this scaler. Everything is answered from memory. */
export interface ScaledWatch {
  /** Begins, and goes on trying. Resolves after the first attempt. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Every kind that KEDA serves here was listed. */
  synced(): boolean;
  /** A trigger's object. KEDA does not tell the kind: of two with one name it is the ScaledObject. */
  readonly facts: (namespace: string, name: string) => ScaledFacts | null;
  /** Every trigger that asks this scaler, without those whose values only KEDA can read from an environment. */
  triggers(): readonly TriggerRef[];
  /** Whether this very trigger is still there. */
  has(ref: TriggerRef): boolean;
  /** For Events. */
  object(
    namespace: string,
    name: string,
  ): { readonly type: ResourceType; readonly object: KubeObject } | null;
}

interface Kind {
  readonly type: ResourceType;
  readonly views: Map<string, ScaledView>;
  informer: Informer | null;
}

export function createScaledWatch(options: ScaledWatchOptions): ScaledWatch {
  const { api, clock, failed, retryEvery = MINUTE / 2 } = options;
  const kinds: readonly Kind[] = [SCALED_OBJECT, SCALED_JOB].map((type) => ({
    type,
    views: new Map(),
    informer: null,
  }));
  let stopped = false;
  const cancels = new Set<() => void>();

  function changed({ type, views }: Kind, now: KubeObject | null, before: KubeObject | null): void {
    const object = now ?? before;
    if (object === null) return;
    const view = now === null ? null : readScaled(type, now);
    if (view === null) views.delete(keyOf(object));
    else views.set(keyOf(object), view);
  }

  async function begin(kind: Kind): Promise<void> {
    const { type } = kind;
    const informer = createInformer({
      api,
      type,
      clock,
      changed: (now, before) => changed(kind, now, before),
      transition: (_name, of, error) => {
        if (error !== null) failed(error, of);
      },
    });
    try {
      await informer.start();
      if (stopped) await informer.stop();
      else kind.informer = informer;
    } catch (error) {
      // Without KEDA nothing can ask: it may be installed later.
      if (!isKubeError(error, 'not-found')) failed(error, type);
      if (stopped) return;
      const cancel = clock.after(retryEvery, () => {
        cancels.delete(cancel);
        void begin(kind);
      });
      cancels.add(cancel);
    }
  }

  return {
    async start() {
      await Promise.all(kinds.map(begin));
    },
    async stop() {
      stopped = true;
      for (const cancel of cancels) cancel();
      await Promise.all(kinds.flatMap(({ informer }) => (informer === null ? [] : [informer.stop()])));
    },
    synced: () => kinds.every(({ informer }) => informer !== null),
    facts(namespace, name) {
      const key = `${namespace}/${name}`;
      for (const { views } of kinds) {
        const view = views.get(key);
        if (view !== undefined) return view.facts;
      }
      return null;
    },
    triggers: () =>
      kinds.flatMap(({ views }) =>
        [...views.values()].flatMap(({ triggers }) =>
          triggers.filter(({ fromEnvironment }) => !fromEnvironment).map(({ ref }) => ref),
        ),
      ),
    has({ namespace, name, metadata }) {
      const wanted = JSON.stringify(metadata);
      return kinds.some(({ views }) =>
        views
          .get(`${namespace}/${name}`)
          ?.triggers.some(
            (trigger) => trigger.fromEnvironment || JSON.stringify(trigger.ref.metadata) === wanted,
          ),
      );
    },
    object(namespace, name) {
      const key = `${namespace}/${name}`;
      for (const { type, views, informer } of kinds) {
        const object = views.has(key) ? informer?.objects.get(key) : undefined;
        if (object !== undefined) return { type, object };
      }
      return null;
    },
  };
}
