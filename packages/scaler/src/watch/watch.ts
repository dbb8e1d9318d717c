import { type KubeObject, keyOf, type ResourceType } from '@windvane/controller/kube';
import type { TriggerRef } from '../policy/decider.ts';
import type { ScaledFacts } from '../policy/snapshot.ts';
import { createKindWatch, type KindWatch, type KindWatchOptions } from './kind.ts';
import { readScaled, SCALED_JOB, SCALED_OBJECT, type ScaledView } from './scaled.ts';

export type ScaledWatchOptions = Omit<KindWatchOptions, 'type' | 'changed'>;

/** The ScaledObjects and ScaledJobs of the cluster, and what of them asks this scaler. Everything is answered from memory. */
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
  /** Both kinds with all their objects, also those that ask somebody else. */
  readonly kinds: readonly KindWatch[];
  /** Told of every change of an object from now on, by its key. */
  follow(listener: (type: ResourceType, key: string) => void): void;
}

export function createScaledWatch(options: ScaledWatchOptions): ScaledWatch {
  const listeners: ((type: ResourceType, key: string) => void)[] = [];
  const watched = [SCALED_OBJECT, SCALED_JOB].map((type) => {
    const views = new Map<string, ScaledView>();
    const changed: KindWatchOptions['changed'] = (now, before) => {
      const object = now ?? before;
      if (object === null) return;
      const key = keyOf(object);
      const view = now === null ? null : readScaled(type, now);
      if (view === null) views.delete(key);
      else views.set(key, view);
      for (const listener of listeners) listener(type, key);
    };
    return { views, kind: createKindWatch({ ...options, type, changed }) };
  });
  const kinds = watched.map(({ kind }) => kind);

  return {
    kinds,
    follow: (listener) => void listeners.push(listener),
    async start() {
      await Promise.all(kinds.map((kind) => kind.start()));
    },
    async stop() {
      await Promise.all(kinds.map((kind) => kind.stop()));
    },
    synced: () => kinds.every((kind) => kind.synced()),
    facts(namespace, name) {
      const key = `${namespace}/${name}`;
      for (const { views } of watched) {
        const view = views.get(key);
        if (view !== undefined) return view.facts;
      }
      return null;
    },
    triggers: () =>
      watched.flatMap(({ views }) =>
        [...views.values()].flatMap(({ triggers }) =>
          triggers.filter(({ fromEnvironment }) => !fromEnvironment).map(({ ref }) => ref),
        ),
      ),
    has({ namespace, name, metadata }) {
      const wanted = JSON.stringify(metadata);
      return watched.some(({ views }) =>
        views
          .get(`${namespace}/${name}`)
          ?.triggers.some(
            (trigger) => trigger.fromEnvironment || JSON.stringify(trigger.ref.metadata) === wanted,
          ),
      );
    },
    object(namespace, name) {
      const key = `${namespace}/${name}`;
      for (const { views, kind } of watched) {
        const object = views.has(key) ? kind.get(key) : undefined;
        if (object !== undefined) return { type: kind.type, object };
      }
      return null;
    },
  };
}
