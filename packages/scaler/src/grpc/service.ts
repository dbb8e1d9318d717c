import type { ServerWritableStream } from '@grpc/grpc-js';
import type { Allowance } from '../policy/allowance.ts';
import type { TriggerRef } from '../policy/decider.ts';
import {
  type ExternalScalerServer,
  type GetMetricSpecResponse,
  type IsActiveResponse,
  ScaledObjectRef,
} from './generated/externalscaler.ts';

/** The one metric of every trigger. KEDA puts `s<index>-` before it in the HPA. */
export const METRIC_NAME = 'carbon-allowance';

/**
 * One replica per unit of the metric: with a target of 1 (AverageValue) the HPA wants as many replicas as the value says.
 * A target of 0 would make the API server refuse the HPA. Both fields, because KEDA before 2.17 reads the whole number.
 */
const SPEC: GetMetricSpecResponse = {
  metricSpecs: [{ metricName: METRIC_NAME, targetSize: 1, targetSizeFloat: 1 }],
};

export interface ServiceOptions {
  /** Answers from memory. */
  readonly decide: (ref: TriggerRef) => Allowance;
  /** Streams that are open. */
  readonly streams: StreamRegistry;
  /** Told of what must not happen; the call is answered all the same. */
  readonly failed: (error: unknown, ref: TriggerRef) => void;
}

/** Open streams of KEDA's external-push triggers. */
export interface StreamRegistry {
  /** Keeps an IsActive stream until either side ends it. */
  keepActive(call: ServerWritableStream<ScaledObjectRef, IsActiveResponse>, isActive: () => boolean): void;
  /** Keeps a stream of metric specs; ours never change after the first. */
  keepSpec(call: ServerWritableStream<ScaledObjectRef, GetMetricSpecResponse>): void;
}

function refOf(request: ScaledObjectRef | undefined): TriggerRef {
  const { name, namespace, scalerMetadata } = request ?? ScaledObjectRef.decode(new Uint8Array());
  return { name, namespace, metadata: scalerMetadata };
}

/**
 * KEDA's external scaler protocol. No method waits or fails: KEDA sets no deadline, and takes an error for a reason to
 * leave the workload as it is and to tell the HPA nothing.
 */
export function createService({ decide, streams, failed }: ServiceOptions): ExternalScalerServer {
  /** Replicas for a trigger; what cannot be decided for a reason unknown is not held. */
  function replicas(ref: TriggerRef): number {
    try {
      return decide(ref).replicas;
    } catch (error) {
      failed(error, ref);
      return 1;
    }
  }

  return {
    isActive(call, callback) {
      callback(null, { result: replicas(refOf(call.request)) > 0 });
    },
    streamIsActive(call) {
      const ref = refOf(call.request);
      streams.keepActive(call, () => replicas(ref) > 0);
    },
    getMetricSpec(_call, callback) {
      callback(null, SPEC);
    },
    getMetrics(call, callback) {
      const metricName = call.request.metricName === '' ? METRIC_NAME : call.request.metricName;
      const value = replicas(refOf(call.request.scaledObjectRef));
      callback(null, { metricValues: [{ metricName, metricValue: value, metricValueFloat: value }] });
    },
    streamMetricSpec(call) {
      streams.keepSpec(call);
      call.write(SPEC);
    },
  };
}
