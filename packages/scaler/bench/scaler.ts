/*
 * npm run bench -- scaler
 *
 * What a decision costs on top of gRPC: GetMetrics over 5,000 objects beside a handler of the same shape that decides
 * nothing, in one process, by one client each, in turns. Then what 5,000 ScaledObjects in the cluster cost: memory, and
 * the start of the watch with a decision for each beside a bare listing of them.
 */
import v8 from 'node:v8';
import vm from 'node:vm';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { createLocationResolver, createVirtualClock, HOUR, systemClock } from '@windvane/carbon-map';
import { connectKube, type KubeApi } from '@windvane/controller/kube';
import { kedaDefinitions, startSandbox } from '@windvane/sandbox';
import { report } from '../../../scripts/figure.ts';
import { ExternalScalerService } from '../src/grpc/generated/externalscaler.ts';
import { startGrpc } from '../src/grpc/server.ts';
import { createScalerMetrics } from '../src/metrics/metrics.ts';
import { createDecider, type Decider } from '../src/policy/decider.ts';
import type { ScalerSnapshot } from '../src/policy/snapshot.ts';
import { SCALED_JOB, SCALED_OBJECT } from '../src/watch/scaled.ts';
import { createScaledWatch, type ScaledWatch } from '../src/watch/watch.ts';
import { connectKeda, type KedaClient } from '../test/support/keda.ts';
import { NOW, outlook, snapshotOf } from '../test/support/outlooks.ts';

const OBJECTS = 5_000;
const ROUNDS = 11;
const CALLS = 3_000;
const CONCURRENCY = 32;

const metadata = {
  scalerAddress: 'windvane-scaler.windvane-system:6000',
  metricType: 'carbonIntensity',
  targetValue: '150',
  location: 'de',
  forecastWindow: '1h',
  maxReplicas: '10',
};

interface Round {
  /** Calls per second. */
  readonly rate: number;
  /** Milliseconds. */
  readonly p99: number;
}

/** A month of hours, so that decisions are made on as much as in service. */
function month(): ScalerSnapshot {
  const past = Array.from({ length: 720 }, (_, hour) => 300 + 150 * Math.sin(hour / 4));
  const ahead = Array.from({ length: 48 }, (_, hour) => 300 + 150 * Math.sin((720 + hour) / 4));
  return snapshotOf(outlook({ past, present: 300, ahead }));
}

async function measure(keda: KedaClient, round: number): Promise<Round> {
  const times: number[] = [];
  let next = 0;
  const began = performance.now();
  const caller = async (): Promise<void> => {
    while (next < CALLS) {
      const object = (round * CALLS + next++) % OBJECTS;
      const sent = performance.now();
      await keda.getMetrics({ namespace: 'ai', name: `so-${object}`, metadata }, 'carbon-allowance');
      times.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, caller));
  const rate = (CALLS * 1_000) / (performance.now() - began);
  return { rate, p99: times.toSorted((a, b) => a - b)[Math.floor(CALLS * 0.99)] ?? Number.NaN };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** An empty handler on a bare server. */
async function emptyServer(): Promise<{ port: number; stop: () => void }> {
  const server = new Server({ 'grpc.enable_channelz': 0 });
  const nothing = (): void => {};
  server.addService(ExternalScalerService, {
    isActive: nothing,
    streamIsActive: nothing,
    getMetricSpec: nothing,
    streamMetricSpec: nothing,
    getMetrics: (_call: unknown, callback: (error: null, answer: object) => void) =>
      callback(null, {
        metricValues: [{ metricName: 'carbon-allowance', metricValue: 10, metricValueFloat: 10 }],
      }),
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { port, stop: () => server.forceShutdown() };
}

async function calls() {
  const snapshot = month();
  const clock = createVirtualClock(NOW);
  const decider = createDecider({
    clock,
    resolver: createLocationResolver(),
    snapshot: () => snapshot,
    ownZone: () => null,
    facts: () => null,
  });
  const scaler = await startGrpc({
    listen: { host: '127.0.0.1', port: 0 },
    credentials: null,
    clock,
    decide: decider.decide,
    metrics: createScalerMetrics(),
    failed: (error) => {
      throw error;
    },
  });
  const empty = await emptyServer();
  const clients = [scaler.port, empty.port].map((port) => connectKeda(`127.0.0.1:${port}`));
  const [ours, theirs]: Round[][] = [[], []];
  for (let round = 0; round <= ROUNDS; round++) {
    // A tick passes at every round, so that decisions are made anew, as in service.
    clock.advance(60_000 % HOUR);
    for (const [index, keda] of clients.entries()) {
      const result = await measure(keda, round);
      // The first round warms up.
      if (round > 0) (index === 0 ? ours : theirs)?.push(result);
    }
  }
  for (const keda of clients) keda.close();
  await scaler.stop();
  empty.stop();
  const ratios = (of: (round: Round) => number): number =>
    median((ours ?? []).map((round, index) => of(round) / of(theirs?.[index] ?? round)));
  report('scaler.getMetrics.perSecond', median((ours ?? []).map(({ rate }) => rate)), 'calls/s');
  report(
    'scaler.getMetrics.throughputRatio',
    ratios(({ rate }) => rate),
    'of an empty handler',
    { atLeast: 0.8 },
  );
  report(
    'scaler.getMetrics.p99Ratio',
    ratios(({ p99 }) => p99),
    'of an empty handler',
    { atMost: 1.5 },
  );
}

function heapMebibytes(): number {
  v8.setFlagsFromString('--expose-gc');
  const collect: unknown = vm.runInNewContext('gc');
  if (typeof collect === 'function') collect();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

interface Running {
  readonly watch: ScaledWatch;
  readonly decider: Decider;
}

/** What a scaler does with objects when it starts: list, watch, decide for each. */
async function startDeciding(api: KubeApi, snapshot: ScalerSnapshot): Promise<Running> {
  const watch = createScaledWatch({ api, clock: systemClock, failed: () => {} });
  const decider = createDecider({
    clock: createVirtualClock(NOW),
    resolver: createLocationResolver(),
    snapshot: () => snapshot,
    ownZone: () => null,
    facts: watch.facts,
  });
  await watch.start();
  for (const ref of watch.triggers()) decider.decide(ref);
  return { watch, decider };
}

async function objects() {
  const sandbox = await startSandbox({ crds: kedaDefinitions });
  const api = connectKube({
    kubeconfig: sandbox.kubeconfig(),
    limits: { writesPerSecond: 1e6, writeBurst: 1e6 },
  });
  const create = async (index: number): Promise<void> => {
    await api.create(SCALED_OBJECT, {
      metadata: { namespace: 'default', name: `so-${index}` },
      spec: {
        scaleTargetRef: { name: `worker-${index}` },
        minReplicaCount: 0,
        maxReplicaCount: 10,
        triggers: [{ type: 'external', metadata }],
      },
    });
  };
  for (let first = 0; first < OBJECTS; first += 100) {
    await Promise.all(Array.from({ length: 100 }, (_, index) => create(first + index)));
  }
  const snapshot = month();
  const listing: number[] = [];
  const starting: number[] = [];
  const mebibytes: number[] = [];
  for (let round = 0; round < 4; round++) {
    const listed = performance.now();
    await Promise.all([api.list(SCALED_OBJECT), api.list(SCALED_JOB)]);
    listing.push(performance.now() - listed);
    const started = performance.now();
    let running: Running | null = await startDeciding(api, snapshot);
    starting.push(performance.now() - started);
    const full = heapMebibytes();
    if (running.decider.triggers().length !== OBJECTS) throw new Error('some objects were not decided for');
    await running.watch.stop();
    running = null;
    mebibytes.push(full - heapMebibytes());
  }
  await sandbox.stop();
  // The first round warms up.
  const ratio = median(starting.slice(1).map((time, index) => time / (listing[index + 1] ?? Number.NaN)));
  report('scaler.objects.heap', median(mebibytes), `MiB for ${OBJECTS} ScaledObjects`, { atMost: 100 });
  report('scaler.objects.startRatio', ratio, 'of listing them', { atMost: 3 });
}

await calls();
await objects();
