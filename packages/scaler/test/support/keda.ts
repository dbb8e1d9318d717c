import {
  type ChannelCredentials,
  Client,
  type ClientOptions,
  type ClientReadableStream,
  credentials,
} from '@grpc/grpc-js';
import {
  ExternalScalerClient,
  type GetMetricSpecResponse,
  GetMetricsRequest,
  type GetMetricsResponse,
  type IsActiveResponse,
  ScaledObjectRef,
} from '../../src/grpc/generated/externalscaler.ts';
import { oldMetrics, oldSpecs } from './old-proto.ts';

interface Trigger {
  readonly namespace: string;
  readonly name: string;
  readonly metadata: Record<string, string>;
  /** Values of the target container's environment, for keys that end in `FromEnv`. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** What one poll of KEDA's scale loop makes of a trigger. */
interface Poll {
  /** Name in the HPA, with the index of the trigger. */
  readonly metric: string;
  readonly target: number;
  /** Of the HPA: the sum of all values. */
  readonly value: number;
  readonly active: boolean;
  /** Methods in the order in which they were called. */
  readonly calls: readonly string[];
}

/** A client that calls and reads as KEDA's operator does. No call has a deadline. */
export interface KedaClient {
  readonly raw: ExternalScalerClient;
  getMetricSpec(trigger: Trigger): Promise<GetMetricSpecResponse>;
  getMetrics(trigger: Trigger, metricName: string): Promise<GetMetricsResponse>;
  isActive(trigger: Trigger): Promise<IsActiveResponse>;
  /** One turn of the scale loop: spec, metrics of every spec, activity. */
  poll(trigger: Trigger, index?: number): Promise<Poll>;
  streamIsActive(trigger: Trigger): ClientReadableStream<IsActiveResponse>;
  close(): void;
}

export interface KedaOptions {
  readonly channel?: ChannelCredentials;
  readonly client?: Partial<ClientOptions>;
  /** Reads answers with the message definitions of KEDA before 2.17, which have whole numbers only. */
  readonly oldProto?: boolean;
}

const SERVICE = '/externalscaler.ExternalScaler/';

export function connectKeda(address: string, options: KedaOptions = {}): KedaClient {
  const { channel = credentials.createInsecure(), client = {}, oldProto = false } = options;
  const raw = new ExternalScalerClient(address, channel, client);
  const old = new Client(address, channel, client);

  const promised = <T>(call: (done: (error: Error | null, answer?: T) => void) => unknown): Promise<T> =>
    new Promise((resolve, reject) => {
      call((error, answer) => {
        if (error === null && answer !== undefined) resolve(answer);
        else reject(error ?? new Error('no answer'));
      });
    });
  const unary = <Q, S>(
    method: string,
    encode: (value: Q) => Buffer,
    decode: (bytes: Buffer) => S,
    request: Q,
  ) => promised<S>((done) => old.makeUnaryRequest(SERVICE + method, encode, decode, request, done));
  const refOf = ({ namespace, name, metadata, environment = {} }: Trigger): ScaledObjectRef => {
    const scalerMetadata: Record<string, string> = {};
    for (const [key, value] of Object.entries(metadata)) {
      // Resolved values go under the same key; what resolves to nothing is left out.
      const resolved = key.endsWith('FromEnv') ? (environment[value] ?? '') : value;
      if (!key.endsWith('FromEnv') || resolved !== '') scalerMetadata[key] = resolved;
    }
    return { namespace, name, scalerMetadata };
  };
  const encodeRef = (value: ScaledObjectRef) => Buffer.from(ScaledObjectRef.encode(value).finish());
  const encodeRequest = (value: GetMetricsRequest) => Buffer.from(GetMetricsRequest.encode(value).finish());

  const getMetricSpec = (trigger: Trigger): Promise<GetMetricSpecResponse> =>
    oldProto
      ? unary('GetMetricSpec', encodeRef, oldSpecs, refOf(trigger))
      : promised((done) => raw.getMetricSpec(refOf(trigger), done));
  const getMetrics = (trigger: Trigger, metricName: string): Promise<GetMetricsResponse> => {
    const request = { scaledObjectRef: refOf(trigger), metricName };
    return oldProto
      ? unary('GetMetrics', encodeRequest, oldMetrics, request)
      : promised((done) => raw.getMetrics(request, done));
  };
  const isActive = (trigger: Trigger): Promise<IsActiveResponse> =>
    promised((done) => raw.isActive(refOf(trigger), done));

  return {
    raw,
    getMetricSpec,
    getMetrics,
    isActive,
    async poll(trigger, index = 0) {
      const calls = ['GetMetricSpec'];
      const { metricSpecs } = await getMetricSpec(trigger);
      const [spec] = metricSpecs;
      if (spec === undefined || metricSpecs.length !== 1)
        throw new Error(`${metricSpecs.length} metric specs`);
      const metric = `s${index}-${spec.metricName}`;
      calls.push('GetMetrics');
      const { metricValues } = await getMetrics(trigger, metric.replace(/^s\d+-/, ''));
      if (metricValues.length === 0) throw new Error('no matching metrics found');
      calls.push('IsActive');
      const { result: active } = await isActive(trigger);
      return {
        metric,
        target: spec.targetSizeFloat > 0 ? spec.targetSizeFloat : spec.targetSize,
        value: metricValues
          .map(({ metricValue, metricValueFloat }) => (metricValueFloat > 0 ? metricValueFloat : metricValue))
          .map((value) => (Number.isFinite(value) && value > 0 ? Math.round(value * 1_000) / 1_000 : 0))
          .reduce((sum, value) => sum + value, 0),
        active,
        calls,
      };
    },
    streamIsActive: (trigger) => raw.streamIsActive(refOf(trigger)),
    close() {
      raw.close();
      old.close();
    },
  };
}
