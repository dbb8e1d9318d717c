import { HOUR, type Instant, MINUTE, type Millis } from '@windvane/carbon-map';
import type { KubeObject } from '@windvane/controller/kube';
import type { ClusterSide } from '../../../src/cluster/cluster-side.ts';
import { testClock } from '../../support/clock.ts';
import { type Cluster, one, startCluster, typeOf } from '../../support/cluster.ts';
import { snapshotOf } from '../../support/outlooks.ts';
import { startSide } from '../../support/side.ts';
import type { Trace } from '../../support/traces.ts';

const JOB = typeOf('Job');
const NAMESPACE = 'batch';
const silent = { info() {}, warn() {}, error() {} };

export interface GateRun {
  readonly trace: Trace;
  readonly from: Instant;
  readonly hours: number;
  readonly jobs: number;
  readonly seed: number;
}

/** What a run came to. Means are of intensity in g/kWh, each Job counted by its run time. */
export interface GateOutcome {
  readonly jobs: number;
  readonly cronJobs: number;
  readonly released: number;
  /** Let go after the latest start. */
  readonly late: number;
  readonly worstLatenessSeconds: number;
  /** Suspended again by anybody. */
  readonly suspendedAgain: number;
  /** Let go more than once. */
  readonly releasedTwice: number;
  /** Jobs of Karmada and Kueue that were touched, and those that were told why they are left alone. */
  readonly foreignTouched: number;
  readonly foreignTold: number;
  readonly restarts: number;
  readonly atOnce: number;
  readonly gate: number;
  readonly clairvoyant: number;
}

interface Planned {
  readonly name: string;
  readonly createdAt: Instant;
  readonly startBy: Millis;
  readonly duration: Millis;
  readonly cronJob: string | null;
}

/** A generator of numbers in [0, 1) that is the same everywhere (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Every third Job comes from a CronJob; all are made at whole minutes. */
function plan({ from, hours, jobs, seed }: GateRun): Planned[] {
  const random = numbers(seed);
  const pick = (low: number, high: number): number => low + Math.floor(random() * (high - low + 1));
  return Array.from({ length: jobs }, (_, index) => ({
    name: `job-${index}`,
    createdAt: from + pick(0, hours * 60 - 1) * MINUTE,
    startBy: pick(0, 24 * 4) * 15 * MINUTE,
    duration: pick(1, 12) * 30 * MINUTE,
    cronJob: index % 3 === 0 ? `cron-${index % 9}` : null,
  })).toSorted((a, b) => a.createdAt - b.createdAt);
}

function manifestOf(
  { name, startBy, duration, cronJob }: Planned,
  uids: ReadonlyMap<string, string>,
  labels: object = {},
): KubeObject {
  const minutes = (length: Millis): string => `${length / MINUTE}m`;
  const owner = {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    name: cronJob ?? '',
    uid: uids.get(cronJob ?? '') ?? '',
    controller: true,
  };
  return {
    kind: 'Job',
    metadata: {
      name,
      namespace: NAMESPACE,
      labels: { 'windvane.dev/gate': 'true', ...labels },
      annotations: { 'windvane.dev/start-by': minutes(startBy), 'windvane.dev/duration': minutes(duration) },
      // As the CronJob controller makes them, which the sandbox does not have.
      ...(cronJob === null ? {} : { ownerReferences: [owner] }),
    },
    spec: {
      suspend: true,
      template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'batch:1' }] } },
    },
  };
}

/** CronJobs that own a third of the Jobs; their uids by name. */
async function makeCronJobs({ user }: Cluster, planned: readonly Planned[]): Promise<Map<string, string>> {
  const uids = new Map<string, string>();
  for (const name of new Set(planned.flatMap(({ cronJob }) => cronJob ?? []))) {
    const { spec } = manifestOf({ ...one(planned), cronJob: null }, uids);
    const cronJob = {
      metadata: { name, namespace: NAMESPACE },
      spec: { schedule: '0 0 * * *', jobTemplate: { spec } },
    };
    uids.set(name, (await user.create(typeOf('CronJob'), cronJob)).metadata.uid ?? '');
  }
  return uids;
}

/** The best that somebody could have done who knew what would happen: a start in each minute is tried. */
function clairvoyant(trace: Trace, { createdAt, startBy, duration }: Planned): number {
  let best = Infinity;
  for (let start = createdAt; start <= createdAt + startBy; start += 5 * MINUTE) {
    best = Math.min(best, trace.mean(start, duration));
  }
  return best;
}

/**
 * Plays the Job gate on a cluster, minute by minute: Jobs come in, two pods take turns, one is killed and started anew
 * every few hours, and for some hours nothing is known of the grid.
 */
export async function runGate(run: GateRun): Promise<GateOutcome> {
  const { trace, from, hours } = run;
  const random = numbers(run.seed + 1);
  const clock = testClock(from);
  const cluster = await startCluster({ now: () => clock.now() });
  await cluster.namespace(NAMESPACE);
  const planned = plan(run);
  const left = [...planned];
  const foreign = [
    { ...one(planned), name: 'karmada', cronJob: null },
    { ...one(planned), name: 'kueue', cronJob: null },
  ];
  const uids = await makeCronJobs(cluster, planned);
  const seen = watchJobs(cluster);
  await cluster.create(manifestOf(one(foreign), uids, { 'karmada.io/managed': 'true' }));
  await cluster.create(manifestOf(one(foreign, 1), uids, { 'kueue.x-k8s.io/queue-name': 'q' }));

  let leader = 0;
  let restarts = 0;
  let blind = false;
  const start = (index: number): Promise<ClusterSide> =>
    startSide({
      api: cluster.api,
      clock,
      leading: () => leader === index,
      scalerAddress: 'windvane-scaler.windvane-system.svc:6000',
      snapshot: () => (blind ? snapshotOf() : snapshotOf(trace.outlook(clock.now()))),
      ownZone: () => trace.zone,
      log: silent,
    });
  const pods = [await start(0), await start(1)];

  /** Until every Job of now was looked at. */
  async function settle(): Promise<void> {
    for (let turn = 1; ; turn += 1) {
      for (const pod of pods) await pod.whenIdle();
      if (seen.unseen(planned, left.length, clock.now()) === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 1));
      // A write that met a newer version is tried again half a second later, by this clock.
      if (turn % 200 === 0) clock.set(clock.now() + 1000);
    }
  }
  const end = from + (hours + 24) * HOUR;
  for (let minute = from; minute <= end; minute += MINUTE) {
    clock.set(minute);
    blind = Math.floor((minute - from) / HOUR) % 13 === 7;
    while (left[0] !== undefined && left[0].createdAt <= minute)
      await cluster.create(manifestOf(one(left.splice(0, 1)), uids));
    if ((minute - from) % HOUR === 0 && random() < 0.2) {
      const dead = leader;
      leader = 1 - leader;
      await one(pods, dead).stop();
      pods[dead] = await start(dead);
      restarts += 1;
    }
    await settle();
    if (left.length === 0 && seen.waiting() === 0) break;
  }
  const events = await cluster.user.list(typeOf('Event'), { namespace: NAMESPACE });
  for (const pod of pods) await pod.stop();
  await seen.stop();
  await cluster.stop();
  return judge(run, planned, seen, events.items, restarts);
}

interface Seen {
  /** Jobs that should have a plan, or be gone, and are not. */
  unseen(planned: readonly Planned[], left: number, now: Instant): number;
  waiting(): number;
  releases(name: string): readonly Instant[];
  suspendedAgain(): number;
  touched(name: string): boolean;
  stop(): Promise<void>;
}

/** Follows every change of every Job, apart from the gate. */
function watchJobs({ user }: Cluster): Seen {
  const jobs = new Map<string, KubeObject>();
  const releases = new Map<string, Instant[]>();
  const versions = new Map<string, number>();
  let again = 0;
  const abort = new AbortController();
  const suspended = (job: KubeObject | undefined): boolean =>
    job !== undefined && Object(job.spec).suspend === true;
  const follow = async (): Promise<void> => {
    const options = { resourceVersion: '0', timeoutSeconds: 86_400, signal: abort.signal };
    for await (const event of user.watch(JOB, options)) {
      if (event.type === 'BOOKMARK') continue;
      const { name, annotations = {} } = event.object.metadata;
      const before = jobs.get(name);
      jobs.set(name, event.object);
      versions.set(name, (versions.get(name) ?? 0) + 1);
      if (before === undefined) continue;
      if (suspended(before) && !suspended(event.object)) {
        releases.set(name, [
          ...(releases.get(name) ?? []),
          Date.parse(annotations['windvane.dev/released-at'] ?? ''),
        ]);
      }
      if (!suspended(before) && suspended(event.object)) again += 1;
    }
  };
  const following = follow().catch((error: unknown) => {
    if (!abort.signal.aborted) throw error;
  });
  const isGated = (name: string): boolean => name.startsWith('job-');
  return {
    unseen(planned, left, now) {
      const due = (name: string): boolean => {
        const of = planned.find((each) => each.name === name);
        return of !== undefined && of.createdAt + of.startBy <= now;
      };
      const gated = [...jobs.values()].filter(({ metadata }) => isGated(metadata.name));
      const unplanned = gated.filter(
        (job) =>
          suspended(job) &&
          (job.metadata.annotations?.['windvane.dev/gate-status'] === undefined || due(job.metadata.name)),
      );
      return planned.length - left - gated.length + unplanned.length;
    },
    waiting: () => [...jobs.values()].filter((job) => isGated(job.metadata.name) && suspended(job)).length,
    releases: (name) => releases.get(name) ?? [],
    suspendedAgain: () => again,
    touched: (name) => (versions.get(name) ?? 0) > 1,
    async stop() {
      abort.abort();
      await following;
    },
  };
}

function judge(
  { trace }: GateRun,
  planned: readonly Planned[],
  seen: Seen,
  events: readonly KubeObject[],
  restarts: number,
): GateOutcome {
  let [late, worst, released, twice, hours, atOnce, gate, best] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (const job of planned) {
    const starts = seen.releases(job.name);
    const start = starts[0];
    if (starts.length > 1) twice += 1;
    if (start === undefined) continue;
    released += 1;
    const lateness = start - (job.createdAt + job.startBy);
    if (lateness > 0) late += 1;
    worst = Math.max(worst, lateness / 1000);
    const weight = job.duration / HOUR;
    hours += weight;
    atOnce += weight * trace.mean(job.createdAt, job.duration);
    gate += weight * trace.mean(start, job.duration);
    best += weight * clairvoyant(trace, job);
  }
  const told = new Set(
    events
      .filter((event) => ['UseDispatch', 'LeftToKueue'].includes(Object(event).reason))
      .map((event): string => Object(event).involvedObject.name),
  );
  return {
    jobs: planned.length,
    cronJobs: planned.filter(({ cronJob }) => cronJob !== null).length,
    released,
    late,
    worstLatenessSeconds: worst,
    suspendedAgain: seen.suspendedAgain(),
    releasedTwice: twice,
    foreignTouched: ['karmada', 'kueue'].filter((name) => seen.touched(name)).length,
    foreignTold: told.size,
    restarts,
    atOnce: atOnce / hours,
    gate: gate / hours,
    clairvoyant: best / hours,
  };
}
