import { type Clock, type Millis, SECOND, type ZoneCode } from '@windvane/carbon-map';
import {
  createEventRecorder,
  createInformer,
  createQueue,
  type Informer,
  isKubeError,
  type KubeApi,
  type KubeObject,
  keyOf,
  type ReconcileQueue,
  type ReconcileResult,
  type ResourceType,
} from '@windvane/controller/kube';
import { createHealer, NotConverted } from '../admission/heal.ts';
import type { ScalerLog } from '../app/log.ts';
import { createGate } from '../gate/gate.ts';
import { JOB } from '../gate/job.ts';
import type { ScalerSnapshot, ZoneOutlook } from '../policy/snapshot.ts';
import { SCALED_JOB, SCALED_OBJECT } from '../watch/scaled.ts';

export interface ClusterSideOptions {
  readonly api: KubeApi;
  readonly clock: Clock;
  /** Whether this process is the one that writes. */
  readonly leading: () => boolean;
  readonly scalerAddress: string;
  readonly snapshot: () => ScalerSnapshot;
  readonly ownZone: () => ZoneCode | null;
  readonly frozen?: () => boolean;
  readonly log: ScalerLog;
}

/** What one of the pods does in its cluster: heals triggers, lets gated Jobs go. */
export interface ClusterSide {
  /** Resolves when nothing waits to be looked at; for tests. */
  whenIdle(): Promise<void>;
  stop(): Promise<void>;
}

/** Between looks at who leads. */
const LOOK_EVERY: Millis = 5 * SECOND;
/** Between attempts to watch a kind. */
const RETRY_EVERY: Millis = 30 * SECOND;

/** One kind, watched and reconciled while this process leads. */
interface Watched {
  readonly informer: Informer;
  readonly queue: ReconcileQueue;
}

/**
 * Starts the part of the scaler that acts on its own cluster. Of several pods one does; KEDA's questions are
 * answered by all. The gate works without KEDA.
 */
export async function startClusterSide(options: ClusterSideOptions): Promise<ClusterSide> {
  const { api, clock, log } = options;
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
  });
  const kinds: readonly [ResourceType, (object: KubeObject) => Promise<ReconcileResult>][] = [
    [JOB, gate],
    [SCALED_OBJECT, (object) => heal(SCALED_OBJECT, object)],
    [SCALED_JOB, (object) => heal(SCALED_JOB, object)],
  ];
  const watched: Watched[] = [];
  let led = false;
  let cancel = (): void => {};
  let stopped = false;
  const retries = new Set<() => void>();

  /** Whoever begins to lead has everything to look at. */
  function lookUp(): void {
    const leads = options.leading();
    if (leads && !led) {
      log.info({}, 'leads: heals triggers and lets gated Jobs go');
      for (const { informer, queue } of watched) {
        for (const object of informer.objects.values()) queue.add(keyOf(object));
      }
    }
    led = leads;
    if (!stopped) cancel = clock.after(LOOK_EVERY, lookUp);
  }

  function outlook(): ZoneOutlook | null {
    const zone = options.ownZone();
    return zone === null ? null : (options.snapshot().zones.get(zone) ?? null);
  }

  for (const [type, reconcile] of kinds) await begin(type, reconcile);
  lookUp();

  /** KEDA may be installed later, and an API server come back. */
  async function begin(
    type: ResourceType,
    reconcile: (object: KubeObject) => Promise<ReconcileResult>,
  ): Promise<void> {
    if (stopped) return;
    try {
      if (await api.serves(type)) {
        watched.push(await watch(type, reconcile));
        return;
      }
    } catch (error) {
      log.warn({ err: error, kind: type.kind }, 'cannot be watched; it is tried again');
    }
    retries.add(clock.after(RETRY_EVERY, () => void begin(type, reconcile)));
  }

  async function watch(
    type: ResourceType,
    reconcile: (object: KubeObject) => Promise<ReconcileResult>,
  ): Promise<Watched> {
    const queue = createQueue({
      clock,
      reconcile: async (key) => {
        const object = options.leading() ? informer.objects.get(key) : undefined;
        return object === undefined ? {} : reconcile(object);
      },
      failed(key, error) {
        // Changed meanwhile: the next look sees how. A missing admission was told in an Event.
        if (isKubeError(error, 'conflict', 'invalid') || error instanceof NotConverted) return;
        log.warn({ err: error, kind: type.kind, key }, 'will be looked at again');
      },
    });
    const informer = createInformer({
      api,
      type,
      clock,
      changed(now, before) {
        const object = now ?? before;
        if (object !== null) queue.add(keyOf(object));
      },
      transition: (name, { kind }, error) => {
        if (error !== null) log.warn({ err: error, kind, transition: name }, 'watching is interrupted');
      },
    });
    await informer.start();
    return { informer, queue };
  }

  return {
    async whenIdle() {
      for (const { queue } of watched) await queue.whenIdle();
    },
    async stop() {
      stopped = true;
      cancel();
      for (const forget of retries) forget();
      for (const { informer, queue } of watched) {
        await informer.stop();
        await queue.stop();
      }
    },
  };
}
