import { openHub } from '../runtime/client/hub.ts';
import { type KubeObject, keyOf } from '../runtime/client/object.ts';
import { createSettling } from '../runtime/settling.ts';
import { createActivity } from './activity.ts';
import { createClientPool } from './external/client.ts';
import { createAutoscaler } from './hpa/controller.ts';
import type { KedaStandIn, KedaStandInOptions } from './options.ts';
import type { Parts } from './parts.ts';
import { DEPLOYMENT, HPA, JOB, SCALED_JOB, SCALED_OBJECT } from './resources.ts';
import { createJobOperator } from './scaled-job/operator.ts';
import { createObjectOperator } from './scaled-object/operator.ts';
import type { Hpa, ScaledJob, ScaledObject, Workload } from './types.ts';

export { kedaDefinitions } from './definitions.ts';
export type { KedaStandIn, KedaStandInOptions, PollRecord } from './options.ts';
export type { TriggerSource } from './scaler.ts';

/**
 * Starts stand-ins for KEDA (v2.20: operator and metrics adapter) and for Kubernetes' autoscaler, against an
 * API server that serves KEDA's kinds. They call external scalers over gRPC as KEDA's client does, on the
 * clock that they are given.
 *
 * Not imitated: KEDA's own admission webhook, targets other than Deployments, TriggerAuthentications (and so
 * own certificate authorities), `fallback`, `paused-scale-in` and `paused-scale-out`, `force-activation`,
 * strategies of ScaledJobs other than the default, tidying finished Jobs, StreamMetricSpec, Events. Pods are
 * ready as soon as they are asked for.
 *
 * @throws Error when the API server does not serve KEDA's kinds, or cannot be reached
 */
export async function startKedaStandIn(options: KedaStandInOptions): Promise<KedaStandIn> {
  const hub = await openHub(options.kubeconfig);
  const pool = createClientPool(options.oldContract !== true);
  const failed =
    (component: string) =>
    (key: string, error: unknown): void =>
      options.onError?.(component, key, error);
  const activity = createActivity((error) => options.onError?.('loop', '', error));
  try {
    const parts: Parts = {
      hub,
      clock: options.clock,
      activity,
      context: {
        pool,
        sources: options.sources ?? {},
        resolveAddress: options.resolveAddress ?? ((address) => address),
        now: () => options.clock.now(),
      },
      objects: await hub.informer<ScaledObject>(SCALED_OBJECT),
      scaledJobs: await hub.informer<ScaledJob>(SCALED_JOB),
      hpas: await hub.informer<Hpa>(HPA),
      deployments: await hub.informer<Workload>(DEPLOYMENT),
      jobs: await hub.informer<KubeObject>(JOB),
      running: new Map(),
      onPoll: options.onPoll ?? (() => undefined),
      jobDuration: options.jobDuration ?? (() => null),
    };
    const objects = createObjectOperator(parts, failed('scaledobject'));
    const jobs = createJobOperator(parts, failed('scaledjob'));
    const autoscaler = createAutoscaler(parts);
    for (const object of parts.objects.store.values()) objects.queue.add(keyOf(object));
    for (const object of parts.scaledJobs.store.values()) jobs.queue.add(keyOf(object));
    const settling = createSettling(
      options,
      hub,
      () => objects.queue.idle() && jobs.queue.idle() && activity.idle(),
    );
    return {
      idle: () => settling.idle(),
      settled: () => settling.settled(),
      calls: () => pool.calls(),
      async stop() {
        objects.stop();
        jobs.stop();
        autoscaler.stop();
        await Promise.all([objects.queue.stop(), jobs.queue.stop()]);
        pool.close();
        await hub.stop();
      },
    };
  } catch (error) {
    pool.close();
    await hub.stop();
    throw error;
  }
}
