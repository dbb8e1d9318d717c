import { type Client, type ClientReadableStream, credentials, type ServiceError } from '@grpc/grpc-js';
import { trusted } from '../../runtime/client/trust.ts';
import { externalScalerClient } from './contract.ts';

export interface ScaledObjectRef {
  readonly name: string;
  readonly namespace: string;
  readonly scalerMetadata: Readonly<Record<string, string>>;
}

export interface MetricSpec {
  readonly metricName: string;
  readonly targetSize: number;
  readonly targetSizeFloat?: number;
}

interface MetricValue {
  readonly metricName: string;
  readonly metricValue: number;
  readonly metricValueFloat?: number;
}

/** The calls of KEDA's client, without a deadline: KEDA sets none. */
export interface ExternalClient {
  getMetricSpec(ref: ScaledObjectRef): Promise<readonly MetricSpec[]>;
  /** All values of the answer; floats count where they are positive. */
  getMetrics(ref: ScaledObjectRef, metricName: string): Promise<readonly number[]>;
  isActive(ref: ScaledObjectRef): Promise<boolean>;
  /** Calls `onActive` for each message; `onEnd` says whether the stream ended cleanly. */
  streamIsActive(
    ref: ScaledObjectRef,
    onActive: (active: boolean) => void,
    onEnd: (clean: boolean) => void,
  ): () => void;
}

/** The clock of the stand-in runs faster than gRPC's, so lost connections come back without the usual wait. */
const RECONNECT = {
  'grpc.initial_reconnect_backoff_ms': 20,
  'grpc.min_reconnect_backoff_ms': 20,
  'grpc.max_reconnect_backoff_ms': 100,
};

/** One connection per address for all triggers, as KEDA keeps them. */
export interface ClientPool {
  client(address: string, tls: boolean): ExternalClient;
  calls(): Readonly<Record<string, number>>;
  close(): void;
}

type Unary = (request: object, done: (error: ServiceError | null, answer: unknown) => void) => void;
type Stream = (request: object) => ClientReadableStream<{ readonly result: boolean }>;

export function createClientPool(floats: boolean): ClientPool {
  const ClientClass = externalScalerClient(floats);
  const clients = new Map<string, { readonly raw: Client; readonly api: ExternalClient }>();
  const counts: Record<string, number> = {};

  const open = (address: string, tls: boolean): { raw: Client; api: ExternalClient } => {
    const raw = new ClientClass(
      address,
      tls ? credentials.createSsl() : credentials.createInsecure(),
      RECONNECT,
    );
    const methods = trusted<Record<string, Unary>>(raw);
    const call = <T>(method: string, request: object): Promise<T> => {
      counts[method] = (counts[method] ?? 0) + 1;
      return new Promise((resolve, reject) => {
        methods[method]?.call(raw, request, (error, answer) => {
          if (error === null) resolve(trusted<T>(answer));
          else reject(error);
        });
      });
    };
    const api: ExternalClient = {
      async getMetricSpec(ref) {
        return (await call<{ metricSpecs: MetricSpec[] }>('GetMetricSpec', ref)).metricSpecs;
      },
      async getMetrics(scaledObjectRef, metricName) {
        const request = { scaledObjectRef, metricName };
        const { metricValues } = await call<{ metricValues: MetricValue[] }>('GetMetrics', request);
        return metricValues.map(({ metricValue, metricValueFloat = 0 }) =>
          metricValueFloat > 0 ? metricValueFloat : metricValue,
        );
      },
      async isActive(ref) {
        return (await call<{ result: boolean }>('IsActive', ref)).result;
      },
      streamIsActive(ref, onActive, onEnd) {
        counts['StreamIsActive'] = (counts['StreamIsActive'] ?? 0) + 1;
        const stream = trusted<Record<string, Stream>>(raw)['StreamIsActive']?.call(raw, ref);
        let ended = false;
        const end = (clean: boolean): void => {
          if (!ended) onEnd(clean);
          ended = true;
        };
        stream?.on('data', ({ result }: { readonly result: boolean }) => onActive(result));
        stream?.on('error', () => end(false));
        stream?.on('end', () => end(true));
        return () => {
          ended = true;
          stream?.cancel();
        };
      },
    };
    return { raw, api };
  };

  return {
    client(address, tls) {
      const key = `${address} ${tls}`;
      let known = clients.get(key);
      if (known === undefined) {
        known = open(address, tls);
        clients.set(key, known);
      }
      return known.api;
    },
    calls: () => ({ ...counts }),
    close() {
      for (const { raw } of clients.values()) raw.close();
      clients.clear();
    },
  };
}
