import { type Clock, type Instant, type Millis, SECOND, type ZoneCode } from '@windvane/carbon-map';
import {
  createEventRecorder,
  createQueue,
  isKubeError,
  type KubeApi,
  type KubeObject,
  keyOf,
  type ReconcileQueue,
  type ReconcileResult,
} from '@windvane/controller/kube';
import { createHealer, NotConverted } from '../admission/heal.ts';
import type { ScalerLog } from '../app/log.ts';
import { createGate } from '../gate/gate.ts';
import { type GatedJob, JOB, viewJob } from '../gate/job.ts';
import type { ScalerSnapshot, ZoneOutlook } from '../policy/snapshot.ts';
import { createKindWatch, type KindWatch } from '../watch/kind.ts';
import type { ScaledWatch } from '../watch/watch.ts';

export interface ClusterSideOptions {
  readonly api: KubeApi;
  readonly clock: Clock;
  /** Whether this process is the one that writes. */
  readonly leading: () => boolean;
  readonly scalerAddress: string;
  /** Started by whoever made it. */
  readonly scaled: ScaledWatch;
  readonly snapshot: () => ScalerSnapshot;
  readonly ownZone: () => ZoneCode | null;
  readonly frozen?: () => boolean;
  readonly log: ScalerLog;
  /** Told of every Job that was let go. */
  readonly released?: (job: GatedJob, at: Instant) => void;
}

/** What one of the pods does in its cluster: heals triggers, lets gated Jobs go. */
export interface ClusterSide {
  /** Jobs that wait at the gate. */
  readonly gated: () => readonly GatedJob[];
  /** Resolves when nothing waits to be looked at; for tests. */
  whenIdle(): Promise<void>;
  stop(): Promise<void>;
}

/** Between looks at who leads. */
const LOOK_EVERY: Millis = 5 * SECOND;

/** One kind that is reconciled while this process leads. */
interface Reconciled {
  readonly watch: KindWatch;
  readonly queue: ReconcileQueue;
}

/**
 * Starts the part of the scaler that acts on its own cluster. Of several pods one does; KEDA's questions are
 * answered by all. The gate works without KEDA.
 */
export async function startClusterSide(options: ClusterSideOptions): Promise<ClusterSide> {
  const { api, clock, log, scaled } = options;
  const events = createEventRecorder(
    api,
    (error) => log.warn({ err: error }, 'an Event could not be written'),
    clock,
  );
  const heal = createHealer({
    api,
    scalerAddress: options.scalerAddress,
    tell: (type, object, { reason, text }) =>
      events.record(type, object, { type: 'Warning', reason, message: text }),
  });
  const gate = createGate({
    api,
    clock,
    outlook,
    frozen: options.frozen ?? (() => false),
    tell: async (job, note) => {
      log.info(
        { namespace: job.metadata.namespace, name: job.metadata.name, reason: note.reason },
        note.message,
      );
      await events.record(JOB, job, note);
    },
    ...(options.released && { released: options.released }),
    failed: (error) => log.error({ err: error }, 'nothing could be expected: the published forecast counts'),
  });
  const jobs = createKindWatch({
    api,
    clock,
    type: JOB,
    changed(now, before) {
      const object = now ?? before;
      if (object !== null) gated.queue.add(keyOf(object));
    },
    failed: (error) => log.warn({ err: error, kind: JOB.kind }, 'watching is interrupted; it is tried again'),
  });
  const gated = reconciled(jobs, gate);
  const healed = scaled.kinds.map((watch) => reconciled(watch, (object) => heal(watch.type, object)));
  const all = [gated, ...healed];
  let led = false;
  let cancel = (): void => {};
  let stopped = false;

  /** Whoever begins to lead has everything to look at. */
  function lookUp(): void {
    const leads = options.leading();
    if (leads && !led) {
      log.info({}, 'leads: heals triggers and lets gated Jobs go');
      for (const { watch, queue } of all) for (const object of watch.all()) queue.add(keyOf(object));
    }
    led = leads;
    if (!stopped) cancel = clock.after(LOOK_EVERY, lookUp);
  }

  function outlook(): ZoneOutlook | null {
    const zone = options.ownZone();
    return zone === null ? null : (options.snapshot().zones.get(zone) ?? null);
  }

  function reconciled(
    watch: KindWatch,
    reconcile: (object: KubeObject) => Promise<ReconcileResult>,
  ): Reconciled {
    const queue = createQueue({
      clock,
      reconcile: async (key) => {
        const object = options.leading() ? watch.get(key) : undefined;
        return object === undefined ? {} : reconcile(object);
      },
      failed(key, error) {
        // Changed meanwhile: the next look sees how. A missing admission was told in an Event.
        if (isKubeError(error, 'conflict', 'invalid') || error instanceof NotConverted) return;
        log.warn({ err: error, kind: watch.type.kind, key }, 'will be looked at again');
      },
    });
    return { watch, queue };
  }

  scaled.follow(({ kind }, key) => {
    for (const { watch, queue } of healed) if (watch.type.kind === kind) queue.add(key);
  });
  await jobs.start();
  lookUp();

  return {
    gated: () =>
      [...jobs.all()].flatMap((job) => {
        const view = viewJob(job);
        return view.kind === 'gated' ? [view] : [];
      }),
    async whenIdle() {
      for (const { queue } of all) await queue.whenIdle();
    },
    async stop() {
      stopped = true;
      cancel();
      await jobs.stop();
      for (const { queue } of all) await queue.stop();
    },
  };
}
