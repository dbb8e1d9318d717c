import { HOUR, type Instant, parseInstant } from '@windvane/carbon-map';
import { connectKube } from '@windvane/controller/kube';
import { kedaDefinitions, type PollRecord, startKedaStandIn, startSandbox } from '@windvane/sandbox';
import { startGrpc } from '../../src/grpc/server.ts';
import type { KnownTrigger } from '../../src/policy/decider.ts';
import { SCALED_OBJECT } from '../../src/watch/scaled.ts';
import { createKedaModel } from './keda-model.ts';
import { deciderOn, type MonthCase } from './month-cases.ts';
import { type Model, readModel } from './month-model.ts';
import { createRunClock } from './run-clock.ts';

export interface MonthOutcome {
  readonly polls: number;
  /** Polls of which a call failed. */
  readonly errors: number;
  /** Polls whose value was not the model's. */
  readonly wrongValues: number;
  /** Polls after which the Deployment had other replicas than KEDA's rules make of the model's values. */
  readonly wrongReplicas: number;
  /** Polls with ten replicas and with none; the others are on the way. */
  readonly atTen: number;
  readonly atZero: number;
  /** Times that the Deployment came up from zero, and of these those whose next hour was dirty on the whole. */
  readonly starts: number;
  readonly dirtyStarts: number;
  /** What was reported of the target, if it is never reached. */
  readonly suggestion: number | null;
}

/** Runs one case under the stand-ins for KEDA and the autoscaler, at KEDA's own poll of 30 seconds. */
export async function runMonth(month: MonthCase, days: number, pollSeconds = 30): Promise<MonthOutcome> {
  const start = parseInstant(month.from) ?? 0;
  const end = start + days * 24 * HOUR;
  const clock = createRunClock(start);
  const model = readModel(month.zone);
  const told: KnownTrigger[] = [];
  const decider = deciderOn(month.zone, clock, (trigger) => told.push(trigger));
  const server = await startGrpc({
    listen: { host: '127.0.0.1', port: 0 },
    credentials: null,
    clock,
    decide: decider.decide,
    metrics: { call: () => {} },
    failed: (error) => {
      throw error;
    },
  });
  const sandbox = await startSandbox({ crds: kedaDefinitions, now: () => clock.now() });
  const polls: PollRecord[] = [];
  const keda = await startKedaStandIn({
    kubeconfig: sandbox.kubeconfig(),
    clock,
    resourceVersion: sandbox.resourceVersion,
    resolveAddress: () => `127.0.0.1:${server.port}`,
    onPoll: (poll) => polls.push(poll),
  });
  try {
    await createObjects(sandbox.kubeconfig(), month.metadata, pollSeconds);
    await keda.settled();
    for (let due = clock.next(); due !== undefined && due <= end; due = clock.next()) {
      clock.runUntil(due);
      await keda.settled();
    }
  } finally {
    await keda.stop();
    await server.stop();
    await sandbox.stop();
  }
  const suggestion = told.map(({ allowance }) => allowance.neverReached?.suggestion ?? null);
  return { ...judge(polls, model, month), suggestion: suggestion.find((each) => each !== null) ?? null };
}

function judge(
  polls: readonly PollRecord[],
  model: Model,
  month: MonthCase,
): Omit<MonthOutcome, 'suggestion'> {
  const keda = createKedaModel(polls[0]?.at ?? 0, (at) => month.expected(model, startOfTick(at)));
  const target = Number(month.metadata['targetValue'] ?? Number.POSITIVE_INFINITY);
  let before = 0;
  const counts = {
    errors: 0,
    wrongValues: 0,
    wrongReplicas: 0,
    atTen: 0,
    atZero: 0,
    starts: 0,
    dirtyStarts: 0,
  };
  for (const { at, error, values, replicas } of polls) {
    if (error) counts.errors += 1;
    if (values[0] !== (month.expected(model, startOfTick(at)) ? 10 : 0)) counts.wrongValues += 1;
    if (!keda.agrees(at, replicas)) counts.wrongReplicas += 1;
    if (replicas === 10) counts.atTen += 1;
    if (replicas === 0) counts.atZero += 1;
    if (before === 0 && replicas > 0) {
      counts.starts += 1;
      if (model.mean(at) >= target) counts.dirtyStarts += 1;
    }
    before = replicas;
  }
  return { polls: polls.length, ...counts };
}

/** Decisions are made for half minutes, as docs/scaler.md says. */
function startOfTick(at: Instant): Instant {
  return Math.floor(at / 30_000) * 30_000;
}

async function createObjects(
  kubeconfig: string,
  metadata: Readonly<Record<string, string>>,
  pollSeconds: number,
): Promise<void> {
  const api = connectKube({ kubeconfig });
  const namespace = 'ai-training';
  const core = { group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace', namespaced: false };
  const apps = { group: 'apps', version: 'v1', plural: 'deployments', kind: 'Deployment', namespaced: true };
  await api.create(core, { metadata: { name: namespace } });
  const labels = { app: 'training-worker' };
  await api.create(apps, {
    metadata: { name: 'training-worker-deployment', namespace },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'train:1' }] } },
    },
  });
  await api.create(SCALED_OBJECT, {
    metadata: { name: 'carbon-aware-training-job', namespace },
    spec: {
      scaleTargetRef: { name: 'training-worker-deployment' },
      minReplicaCount: 0,
      maxReplicaCount: 10,
      ...(pollSeconds === 30 ? {} : { pollingInterval: pollSeconds }),
      triggers: [
        // As admission leaves it.
        {
          type: 'external',
          metadata: {
            ...metadata,
            scalerAddress: 'windvane-scaler.windvane-system:6000',
            maxReplicas: '10',
            windvaneInjected: 'maxReplicas',
          },
        },
      ],
    },
  });
}
