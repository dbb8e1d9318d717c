import type { ServerCredentials } from '@grpc/grpc-js';
import { createLocationResolver, createVirtualClock, type VirtualClock } from '@windvane/carbon-map';
import { onTestFinished } from 'vitest';
import { type GrpcServer, startGrpc } from '../../src/grpc/server.ts';
import { createDecider } from '../../src/policy/decider.ts';
import type { ScaledFacts, ScalerSnapshot } from '../../src/policy/snapshot.ts';
import { connectKeda, type KedaClient, type KedaOptions } from './keda.ts';
import { NOW } from './outlooks.ts';

/** The trigger of the founding example, as KEDA sends it after admission. */
export const founding = {
  namespace: 'ai-training',
  name: 'carbon-aware-training-job',
  metadata: {
    scalerAddress: 'windvane-scaler.windvane-system:6000',
    metricType: 'carbonIntensity',
    targetValue: '150',
    location: 'de',
    forecastWindow: '1h',
    maxReplicas: '10',
    windvaneInjected: 'maxReplicas',
  },
};

export interface Served {
  readonly server: GrpcServer;
  readonly clock: VirtualClock;
  readonly address: string;
  readonly failures: unknown[];
  /** Counted calls, by method. */
  readonly calls: Map<string, number>;
  readonly connect: (options?: KedaOptions) => KedaClient;
  readonly snapshot: (next: ScalerSnapshot) => void;
}

interface ServeOptions {
  readonly credentials?: ServerCredentials;
  readonly host?: string;
  readonly port?: number;
  readonly facts?: ScaledFacts | null;
  readonly maxConnectionAge?: number;
  readonly clock?: VirtualClock;
}

/** A server over a snapshot that the test may replace. Everything ends with the test. */
export async function serve(first: ScalerSnapshot, options: ServeOptions = {}): Promise<Served> {
  let snapshot = first;
  const { credentials = null, facts = null, clock = createVirtualClock(NOW), maxConnectionAge } = options;
  const failures: unknown[] = [];
  const calls = new Map<string, number>();
  const decider = createDecider({
    clock,
    resolver: createLocationResolver(),
    snapshot: () => snapshot,
    ownZone: () => null,
    facts: () => facts,
  });
  const server = await startGrpc({
    listen: { host: options.host ?? '127.0.0.1', port: options.port ?? 0 },
    credentials,
    clock,
    decide: decider.decide,
    metrics: { call: (method) => void calls.set(method, (calls.get(method) ?? 0) + 1) },
    failed: (error) => void failures.push(error),
    ...(maxConnectionAge === undefined ? {} : { maxConnectionAge }),
  });
  const clients: KedaClient[] = [];
  let stopping: Promise<void> | null = null;
  const stop = server.stop.bind(server);
  onTestFinished(async () => {
    for (const client of clients) client.close();
    await (stopping ??= stop());
  });
  const address = `127.0.0.1:${server.port}`;
  return {
    server: { ...server, stop: () => (stopping ??= stop()) },
    clock,
    address,
    failures,
    calls,
    connect(keda) {
      const client = connectKeda(address, keda);
      clients.push(client);
      return client;
    },
    snapshot(next) {
      snapshot = next;
    },
  };
}
