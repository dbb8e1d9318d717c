import { formatTime, keyFor, keyOf } from '../../runtime/client/object.ts';
import { createWorkQueue, type WorkQueue } from '../../runtime/work-queue.ts';
import type { Parts } from '../parts.ts';
import type { ScaledObject } from '../types.ts';
import { requestScale } from './executor.ts';
import type { ObjectScalers, PollResult } from './metrics.ts';
import { reconcileObject, scale, specOf, writeStatus } from './reconcile.ts';

const SECOND = 1000;
const DEFAULT_POLLING_SECONDS = 30;
/** A ScaledObject that cannot be set up is tried again after 5 s, doubling to about 17 minutes. */
const FIRST_RETRY = 5 * SECOND;
const LONGEST_RETRY = 1000 * SECOND;
const FIRST_RECONNECT = 2 * SECOND;
const LONGEST_RECONNECT = 60 * SECOND;

/** A running scale loop. */
interface Loop {
  readonly generation: number;
  readonly scalers: ObjectScalers;
  stopped: boolean;
  readonly streams: (() => void)[];
}

export interface ObjectOperator {
  readonly queue: WorkQueue;
  stop(): void;
}

/** KEDA's operator for ScaledObjects: reconciles them, polls their triggers, and scales between 0 and 1. */
export function createObjectOperator(
  parts: Parts,
  onError: (key: string, error: unknown) => void,
): ObjectOperator {
  const { clock, activity } = parts;
  const loops = new Map<string, Loop>();
  const retries = new Map<string, number>();

  const queue = createWorkQueue({ reconcile, onError });
  parts.objects.store.subscribe(({ key, before, after }) => {
    const sameSpec = before?.metadata.generation === after?.metadata.generation;
    const marks = (object: ScaledObject | undefined): string =>
      JSON.stringify([object?.metadata.annotations, object?.metadata.deletionTimestamp]);
    if (!sameSpec || marks(before) !== marks(after)) queue.add(key);
  });

  function end(key: string): void {
    const loop = loops.get(key);
    if (loop === undefined) return;
    loop.stopped = true;
    for (const stop of loop.streams) stop();
    loops.delete(key);
    parts.running.delete(key);
  }

  async function reconcile(key: string): Promise<void> {
    const generation = parts.objects.store.get(key)?.metadata.generation ?? 0;
    const outcome = await reconcileObject(parts, key);
    if ('failed' in outcome) {
      const delay = retries.get(key) ?? FIRST_RETRY;
      retries.set(key, Math.min(LONGEST_RETRY, delay * 2));
      clock.after(delay, () => queue.add(key));
      // The loop of an older generation, and its autoscaler, go on: KEDA takes neither away.
      return;
    }
    retries.delete(key);
    if ('stopped' in outcome) {
      end(key);
      return;
    }
    if (loops.get(key)?.generation === generation) return;
    end(key);
    const loop: Loop = { generation, scalers: outcome.scalers, stopped: false, streams: [] };
    loops.set(key, loop);
    parts.running.set(key, outcome.scalers);
    turn(key, loop);
    for (const scaler of outcome.scalers.scalers) follow(key, loop, scaler.follow, FIRST_RECONNECT);
  }

  function turn(key: string, loop: Loop): void {
    if (loop.stopped) return;
    activity.run(async () => {
      const result = await loop.scalers.poll();
      if (!loop.stopped) await act(key, result);
    });
    const seconds = parts.objects.store.get(key)?.spec?.pollingInterval ?? DEFAULT_POLLING_SECONDS;
    clock.after(seconds * SECOND, () => turn(key, loop));
  }

  /** `true` from a stream acts at once, `false` is left to the next poll. */
  function follow(
    key: string,
    loop: Loop,
    open: ObjectScalers['scalers'][number]['follow'],
    delay: number,
  ): void {
    if (open === undefined || loop.stopped) return;
    const stop = open(
      (active) => {
        if (!active || loop.stopped) return;
        activity.run(() => act(key, { active: true, error: false, readings: [] }));
      },
      (clean) => {
        const next = clean ? FIRST_RECONNECT : Math.min(LONGEST_RECONNECT, delay * 2);
        clock.after(delay, () => follow(key, loop, open, next));
      },
    );
    loop.streams.push(stop);
  }

  async function act(key: string, { active, error, readings }: PollResult): Promise<void> {
    const object = parts.objects.store.get(key);
    if (object === undefined) return;
    const { namespace = '', name, creationTimestamp = '' } = object.metadata;
    const spec = specOf(object);
    const target = parts.deployments.store.get(keyFor(namespace, spec.scaleTargetRef.name));
    if (target === undefined) return;
    const now = clock.now();
    const replicas = target.spec?.replicas ?? 1;
    const last = object.status?.lastActiveTime;
    const verdict = requestScale({
      spec,
      replicas,
      active,
      error,
      lastActiveTime: last === undefined ? undefined : Date.parse(last),
      createdAt: Date.parse(creationTimestamp),
      now,
    });
    if (verdict.replicas !== undefined) await scale(parts, target, verdict.replicas);
    const reason = verdict.reason ?? 'ScaledObjectReady';
    await writeStatus(parts, parts.objects.store.get(keyOf(object)) ?? object, {
      ...(verdict.touched ? { lastActiveTime: formatTime(now) } : {}),
      conditions: [
        {
          type: 'Ready',
          status: verdict.ready,
          reason,
          message:
            verdict.reason === undefined
              ? 'ScaledObject is defined correctly and is ready for scaling'
              : 'Triggers defined in ScaledObject are not working correctly',
        },
        {
          type: 'Active',
          status: verdict.active ? 'True' : 'False',
          reason: verdict.active ? 'ScalerActive' : 'ScalerNotActive',
          message: verdict.active
            ? 'Scaling is performed because triggers are active'
            : 'Scaling is not performed because triggers are not active',
        },
      ],
    });
    if (readings.length > 0) {
      const values = readings.map(({ failed, value }) => (failed ? null : value));
      parts.onPoll({
        at: now,
        namespace,
        name,
        active,
        error,
        replicas: verdict.replicas ?? replicas,
        values,
      });
    }
  }

  return {
    queue,
    stop() {
      for (const key of loops.keys()) end(key);
    },
  };
}
