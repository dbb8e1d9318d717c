import { type Clock, MINUTE, systemClock } from '@windvane/carbon-map';
import { FIELD_MANAGER, type KubeApi } from './api.ts';
import { isKubeError } from './errors.ts';
import { apiVersionOf, type KubeObject, type ResourceType } from './resource.ts';

export const EVENT: ResourceType = {
  group: '',
  version: 'v1',
  plural: 'events',
  kind: 'Event',
  namespaced: true,
};

export interface EventNote {
  readonly type: 'Normal' | 'Warning';
  /** CamelCase. */
  readonly reason: string;
  readonly message: string;
}

/** Writes Kubernetes Events (core v1, which `kubectl describe` reads). They tell people; nothing depends on them. */
export interface EventRecorder {
  record(type: ResourceType, regarding: KubeObject, note: EventNote): Promise<void>;
}

interface Series {
  readonly namespace: string;
  readonly name: string;
  count: number;
  at: number;
}

/** An event that repeats within this time is counted up instead of written anew. */
const SERIES_MILLIS = 10 * MINUTE;
/** Longest message that the API accepts. */
const MESSAGE_LENGTH = 1024;

export function createEventRecorder(
  api: KubeApi,
  failed: (error: unknown) => void,
  clock: Clock = systemClock,
): EventRecorder {
  const series = new Map<string, Series>();

  function forgetOld(now: number): void {
    for (const [key, entry] of series) if (now - entry.at > SERIES_MILLIS) series.delete(key);
  }

  async function countUp(entry: Series, now: number): Promise<boolean> {
    try {
      await api.mergePatch(EVENT, entry, {
        count: entry.count + 1,
        lastTimestamp: new Date(now).toISOString(),
      });
      entry.count += 1;
      entry.at = now;
      return true;
    } catch (error) {
      if (isKubeError(error, 'not-found')) return false;
      throw error;
    }
  }

  return {
    async record(type, regarding, note) {
      const now = clock.now();
      forgetOld(now);
      const { namespace = 'default', name, uid = '' } = regarding.metadata;
      const message = note.message.slice(0, MESSAGE_LENGTH);
      const key = JSON.stringify([type.kind, namespace, name, uid, note.reason, message]);
      try {
        const entry = series.get(key);
        if (entry !== undefined && (await countUp(entry, now))) return;
        const stamp = new Date(now).toISOString();
        const suffix = `${now.toString(16)}${Math.floor(Math.random() * 0x10000).toString(16)}`;
        const eventName = `${name.slice(0, 220)}.${suffix}`;
        await api.create(EVENT, {
          metadata: { name: eventName, namespace },
          involvedObject: {
            apiVersion: apiVersionOf(type),
            kind: type.kind,
            name,
            uid,
            ...(type.namespaced ? { namespace } : {}),
          },
          type: note.type,
          reason: note.reason,
          message,
          source: { component: FIELD_MANAGER },
          reportingComponent: 'windvane.dev/controller',
          reportingInstance: FIELD_MANAGER,
          count: 1,
          firstTimestamp: stamp,
          lastTimestamp: stamp,
        });
        series.set(key, { namespace, name: eventName, count: 1, at: now });
      } catch (error) {
        failed(error);
      }
    },
  };
}
