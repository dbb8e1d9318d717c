import {
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import { trusted } from '../../../src/runtime/client/trust.ts';

// The service as KEDA's documentation states it, apart from the stand-in's own description of it.
const field = (type: string, id: number, more: object = {}): object => ({ type, id, ...more });
const ref = {
  name: field('string', 1),
  namespace: field('string', 2),
  scalerMetadata: field('string', 3, { keyType: 'string' }),
};
const CONTRACT = {
  nested: {
    externalscaler: {
      nested: {
        ExternalScaler: {
          methods: {
            IsActive: { requestType: 'Ref', responseType: 'Active' },
            StreamIsActive: { requestType: 'Ref', responseType: 'Active', responseStream: true },
            GetMetricSpec: { requestType: 'Ref', responseType: 'Specs' },
            GetMetrics: { requestType: 'Query', responseType: 'Values' },
          },
        },
        Ref: { fields: ref },
        Active: { fields: { result: field('bool', 1) } },
        Specs: { fields: { metricSpecs: field('Spec', 1, { rule: 'repeated' }) } },
        Spec: {
          fields: {
            metricName: field('string', 1),
            targetSize: field('int64', 2),
            targetSizeFloat: field('double', 3),
          },
        },
        Query: { fields: { scaledObjectRef: field('Ref', 1), metricName: field('string', 2) } },
        Values: { fields: { metricValues: field('Value', 1, { rule: 'repeated' }) } },
        Value: {
          fields: {
            metricName: field('string', 1),
            metricValue: field('int64', 2),
            metricValueFloat: field('double', 3),
          },
        },
      },
    },
  },
};

/** An external scaler whose answers a test sets. */
export interface FakeScaler {
  readonly address: string;
  value: number;
  target: number;
  active: boolean;
  /** Answers every call with an error. */
  failing: boolean;
  /** Requests of every method, oldest first. */
  readonly requests: { readonly method: string; readonly request: Json }[];
  /** Sends to every open stream. */
  push(active: boolean): void;
  readonly streams: () => number;
  stop(): void;
}

// biome-ignore lint/suspicious/noExplicitAny: what a client sent, whatever it is
// oxlint-disable-next-line typescript/no-explicit-any -- what a client sent, whatever it is
type Json = any;

export async function startFakeScaler(port = 0): Promise<FakeScaler> {
  const loaded: Json = loadPackageDefinition(fromJSON(trusted(CONTRACT), { longs: Number, defaults: true }));
  const server = new Server();
  const streams = new Set<Json>();
  const state = { value: 0, target: 1, active: false, failing: false };
  const requests: FakeScaler['requests'] = [];
  const unary =
    (method: string, answer: () => object) =>
    (call: Json, done: (error: object | null, answer?: object) => void): void => {
      requests.push({ method, request: call.request });
      if (state.failing) done({ code: status.UNAVAILABLE, details: 'told to fail' });
      else done(null, answer());
    };
  const implementation: UntypedServiceImplementation = {
    GetMetricSpec: unary('GetMetricSpec', () => ({
      metricSpecs: [
        { metricName: 'carbon', targetSize: Math.ceil(state.target), targetSizeFloat: state.target },
      ],
    })),
    GetMetrics: unary('GetMetrics', () => ({
      metricValues: [
        { metricName: 'carbon', metricValue: Math.floor(state.value), metricValueFloat: state.value },
      ],
    })),
    IsActive: unary('IsActive', () => ({ result: state.active })),
    StreamIsActive: (call: Json) => {
      streams.add(call);
      call.on('cancelled', () => streams.delete(call));
      call.write({ result: state.active });
    },
  };
  const service: ServiceDefinition = loaded.externalscaler.ExternalScaler.service;
  server.addService(service, implementation);
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, number) =>
      error === null ? resolve(number) : reject(error),
    );
  });
  return Object.assign(state, {
    address: `127.0.0.1:${bound}`,
    requests,
    streams: () => streams.size,
    push(active: boolean) {
      for (const stream of streams) stream.write({ result: active });
    },
    stop: () => server.forceShutdown(),
  });
}
