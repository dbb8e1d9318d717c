import { type ChannelCredentials, type ClientOptions, credentials } from '@grpc/grpc-js';
import {
  ExternalScalerClient,
  type GetMetricSpecResponse,
  type GetMetricsResponse,
  type IsActiveResponse,
} from '../../src/grpc/generated/externalscaler.ts';

interface Trigger {
  readonly namespace: string;
  readonly name: string;
  readonly metadata: Record<string, string>;
}

/** A client that calls as KEDA's operator does: without deadlines. */
export interface KedaClient {
  readonly raw: ExternalScalerClient;
  getMetricSpec(trigger: Trigger): Promise<GetMetricSpecResponse>;
  getMetrics(trigger: Trigger, metricName: string): Promise<GetMetricsResponse>;
  isActive(trigger: Trigger): Promise<IsActiveResponse>;
  close(): void;
}

export function connectKeda(
  address: string,
  channel: ChannelCredentials = credentials.createInsecure(),
  options: Partial<ClientOptions> = {},
): KedaClient {
  const raw = new ExternalScalerClient(address, channel, options);
  const refOf = ({ namespace, name, metadata }: Trigger) => ({ namespace, name, scalerMetadata: metadata });
  const promised = <T>(call: (done: (error: Error | null, answer: T) => void) => unknown): Promise<T> =>
    new Promise((resolve, reject) => {
      call((error, answer) => (error === null ? resolve(answer) : reject(error)));
    });
  return {
    raw,
    getMetricSpec: (trigger) => promised((done) => raw.getMetricSpec(refOf(trigger), done)),
    getMetrics: (trigger, metricName) =>
      promised((done) => raw.getMetrics({ scaledObjectRef: refOf(trigger), metricName }, done)),
    isActive: (trigger) => promised((done) => raw.isActive(refOf(trigger), done)),
    close: () => raw.close(),
  };
}
