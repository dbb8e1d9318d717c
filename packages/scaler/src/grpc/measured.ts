import type { ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import type { ScalerMetrics } from '../metrics/metrics.ts';
import type { ExternalScalerServer } from './generated/externalscaler.ts';

type Unary<Q, S> = (call: ServerUnaryCall<Q, S>, callback: sendUnaryData<S>) => void;

/** The service with its calls counted and timed. A stream is counted at its opening. */
export function measured(
  service: ExternalScalerServer,
  { call: told }: Pick<ScalerMetrics, 'call'>,
): ExternalScalerServer {
  const unary =
    <Q, S>(method: string, handle: Unary<Q, S>): Unary<Q, S> =>
    (call, callback) => {
      const began = performance.now();
      handle(call, callback);
      told(method, (performance.now() - began) / 1_000);
    };
  return {
    ...service,
    isActive: unary('IsActive', service.isActive),
    getMetricSpec: unary('GetMetricSpec', service.getMetricSpec),
    getMetrics: unary('GetMetrics', service.getMetrics),
    streamIsActive(call) {
      told('StreamIsActive', null);
      service.streamIsActive(call);
    },
    streamMetricSpec(call) {
      told('StreamMetricSpec', null);
      service.streamMetricSpec(call);
    },
  };
}
