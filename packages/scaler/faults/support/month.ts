import { type Clock, createLocationResolver, HOUR, type Instant, parseInstant } from '@windvane/carbon-map';
import { connectKube } from '@windvane/controller/kube';
import { kedaDefinitions, type PollRecord, startKedaStandIn, startSandbox } from '@windvane/sandbox';
import { startGrpc } from '../../src/grpc/server.ts';
import { createDecider, type Decider, type KnownTrigger } from '../../src/policy/decider.ts';
import type { ScalerSnapshot } from '../../src/policy/snapshot.ts';
import { SCALED_OBJECT } from '../../src/watch/scaled.ts';
import { readTrace } from '../../test/support/traces.ts';
import { type Model, readModel } from './month-model.ts';

/** One run: a trigger under KEDA's rules on a real grid. */
export interface MonthCase {
  readonly name: string;
  readonly zone: string;
  readonly from: string;
  /** Two hours with a start and an end in them begin here, if there are any. */
  readonly turn: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** What has to be allowed at an instant. */
  readonly expected: (model: Model, at: Instant) => boolean;
}

const example = { metricType: 'carbonIntensity', location: 'us-east-1', forecastWindow: '1h' };

export const MONTH_CASES: readonly MonthCase[] = [
  {
    name: 'the example as written, in Virginia',
    zone: 'US-MIDA-PJM',
    from: '2022-05-01T00:00:00Z',
    turn: '2022-05-01T23:00:00Z',
    metadata: { ...example, targetValue: '150' },
    expected: (model, at) => model.belowTarget(at, 150),
  },
  {
    name: 'with percentile "30", in Virginia',
    zone: 'US-MIDA-PJM',
    from: '2022-05-01T00:00:00Z',
    turn: '2022-05-01T00:00:00Z',
    metadata: { ...example, percentile: '30' },
    expected: (model, at) => model.amongCleanest(at, 0.3),
  },
  {
    name: 'the example as written, in California',
    zone: 'US-CAL-CISO',
    from: '2022-05-01T00:00:00Z',
    turn: '2022-05-01T23:00:00Z',
    metadata: { ...example, location: 'us-west-1', targetValue: '150' },
    expected: (model, at) => model.belowTarget(at, 150),
  },
];

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

/** KEDA's default poll, cooldown and the autoscaler's window for going down, in milliseconds. */
const [COOLDOWN, UP] = [300_000, 60_000];

interface RunClock extends Clock {
  next(): Instant | undefined;
  runUntil(at: Instant): void;
}

function createRunClock(start: Instant): RunClock {
  let now = start;
  const tasks = new Set<{ readonly at: Instant; readonly task: () => void }>();
  const next = (): Instant | undefined => {
    let first: Instant | undefined;
    for (const { at } of tasks) if (first === undefined || at < first) first = at;
    return first;
  };
  return {
    now: () => now,
    after(delay, task) {
      const entry = { at: now + Math.max(0, delay), task };
      tasks.add(entry);
      return () => void tasks.delete(entry);
    },
    next,
    runUntil(at) {
      for (let due = next(); due !== undefined && due <= at; due = next()) {
        now = due;
        for (const entry of [...tasks].filter((each) => each.at <= now)) {
          tasks.delete(entry);
          entry.task();
        }
      }
      now = at;
    },
  };
}

export interface AnswersOutcome {
  readonly polls: number;
  readonly wrong: number;
  readonly allowed: number;
  readonly suggestion: number | null;
}

/** The answers of a month alone, without KEDA: quick. */
export function monthOfAnswers(month: MonthCase, days: number, everySeconds: number): AnswersOutcome {
  const start = parseInstant(month.from) ?? 0;
  const clock = createRunClock(start);
  const model = readModel(month.zone);
  const decider = deciderOn(month.zone, clock);
  const trigger = { namespace: 'ai', name: 'train', metadata: { ...month.metadata, maxReplicas: '10' } };
  const outcome = { polls: 0, wrong: 0, allowed: 0 };
  let suggestion: number | null = null;
  for (let at = start; at < start + days * 24 * HOUR; at += everySeconds * 1_000) {
    clock.runUntil(at);
    const { replicas, neverReached } = decider.decide(trigger);
    outcome.polls += 1;
    if (replicas > 0) outcome.allowed += 1;
    if (replicas !== (month.expected(model, at) ? 10 : 0)) outcome.wrong += 1;
    suggestion ??= neverReached?.suggestion ?? null;
  }
  return { ...outcome, suggestion };
}

function deciderOn(zone: string, clock: Clock, changed: (trigger: KnownTrigger) => void = () => {}): Decider {
  const trace = readTrace(zone);
  return createDecider({
    clock,
    resolver: createLocationResolver(),
    snapshot: (): ScalerSnapshot => ({
      version: 1,
      zones: new Map([[zone, trace.outlook(clock.now())]]),
      shares: new Map(),
      contactAt: null,
    }),
    ownZone: () => null,
    facts: () => null,
    changed,
  });
}

/** Replicas that KEDA's rules allow after a poll; null while they are on the way. */
function settledReplicas(
  allowedSince: Instant | null,
  lastAllowed: Instant | null,
  at: Instant,
): number | null {
  if (allowedSince !== null) return at - allowedSince >= UP ? 10 : null;
  if (lastAllowed === null || at - lastAllowed > COOLDOWN) return 0;
  return null;
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
  let allowedSince: Instant | null = null;
  let lastAllowed: Instant | null = null;
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
    const allowed = month.expected(model, at);
    if (values[0] !== (allowed ? 10 : 0)) counts.wrongValues += 1;
    if (allowed) {
      allowedSince ??= at;
      lastAllowed = at;
    } else allowedSince = null;
    const must = settledReplicas(allowedSince, lastAllowed, at);
    if (must !== null && replicas !== must) counts.wrongReplicas += 1;
    if (replicas === 10) counts.atTen += 1;
    if (replicas === 0) counts.atZero += 1;
    if (before === 0 && replicas > 0) {
      counts.starts += 1;
      const target = Number(month.metadata['targetValue'] ?? Number.POSITIVE_INFINITY);
      if (model.mean(at) >= target) counts.dirtyStarts += 1;
    }
    before = replicas;
  }
  return { polls: polls.length, ...counts };
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
