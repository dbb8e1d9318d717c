import type { Hub } from '../../runtime/client/hub.ts';
import { mergePatch } from '../../runtime/client/merge-patch.ts';
import { annotationOf, formatTime, isDeleting, keyFor, keyOf } from '../../runtime/client/object.ts';
import type { Clock } from '../../runtime/clock.ts';
import { createWorkQueue, type WorkQueue } from '../../runtime/work-queue.ts';
import { type Caches, scoresNamedBy } from '../caches.ts';
import { createClusterCel, readsScores } from '../cel/cluster.ts';
import { PLACEMENT } from '../resources.ts';
import type { ManagedCluster, Placement } from '../types.ts';
import { SCHEDULING_DISABLED_ANNOTATION } from '../well-known.ts';
import { WRITER, wantedDecisions, writeDecisions } from './decisions.ts';
import { decisionGroups } from './groups.ts';
import type { Membership } from './membership.ts';
import { MisconfiguredError } from './misconfigured.ts';
import { expiryOf } from './prioritizers/addon.ts';
import { type Schedule, schedule } from './schedule.ts';
import { predicateFilter } from './selector.ts';
import { placementStatus } from './status.ts';
import { watchTriggers } from './triggers.ts';
import { createUsage } from './usage.ts';

export interface SchedulerOptions {
  readonly hub: Hub;
  readonly clock: Clock;
  readonly caches: Caches;
  readonly membership: Membership;
  readonly onError: (key: string, error: unknown) => void;
}

export interface Scheduler {
  readonly queue: WorkQueue;
  /** Looks at every Placement again, as after a restart. */
  restart(): void;
  stop(): void;
}

/** The informers of OCM's placement controller hand everything to it again this often. */
const RESYNC_MS = 10 * 60_000;

const NOTHING: Schedule = { selected: [], scores: new Map(), unscheduled: 0 };

/** What the last pass over a Placement went by, as far as no event tells when it changes. */
interface Basis {
  /** Milliseconds since the Unix epoch of the first expiry among its scores. */
  readonly expiresAt: number;
  readonly usage: number;
  /** It reads scores in CEL, of whichever object. */
  readonly readsScores: boolean;
}

/** Lets what waits on sockets go first: one pass per turn keeps a thousand clusters from starving their writers. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export function createScheduler({ hub, clock, caches, membership, onError }: SchedulerOptions): Scheduler {
  const usage = createUsage(caches.decisions.store);
  const bases = new Map<string, Basis>();
  const compileCel = createClusterCel(caches.scores.store);
  const alarms = new Map<string, number>();
  let stopped = false;

  const scoreObject = (cluster: string, resource: string) =>
    caches.scores.store.get(keyFor(cluster, resource));

  const remember = (key: string, placement: Placement, clusters: readonly ManagedCluster[]): void => {
    const now = clock.now();
    let expiresAt = Number.POSITIVE_INFINITY;
    for (const resource of scoresNamedBy(placement).keys()) {
      for (const { metadata } of clusters) {
        const expiry = expiryOf(scoreObject(metadata.name, resource));
        if (expiry >= now && expiry < expiresAt) expiresAt = expiry;
      }
    }
    const expressions = (placement.spec?.predicates ?? []).flatMap(
      ({ requiredClusterSelector }) => requiredClusterSelector?.celSelector?.celExpressions ?? [],
    );
    bases.set(key, { expiresAt, usage: usage.generation(), readsScores: readsScores(expressions) });
  };

  const unsettled = (key: string): boolean => {
    const basis = bases.get(key);
    return (
      basis === undefined ||
      basis.expiresAt < clock.now() ||
      basis.usage !== usage.generation() ||
      basis.readsScores
    );
  };

  const lookAgainAt = (key: string, instant: number): void => {
    if (alarms.get(key) === instant) return;
    alarms.set(key, instant);
    clock.after(Math.max(0, instant - clock.now()), () => {
      if (alarms.get(key) === instant) alarms.delete(key);
      if (!stopped) queue.add(key);
    });
  };

  const pass = (placement: Placement, clusters: readonly ManagedCluster[]): Schedule => {
    const key = keyOf(placement);
    const decided = new Set(
      caches.decisions.store
        .by('placement', key)
        .flatMap(({ status }) => (status?.decisions ?? []).map(({ clusterName }) => clusterName)),
    );
    return schedule({
      placement,
      clusters: predicateFilter(placement.spec?.predicates ?? [], clusters, compileCel),
      cluster: (name) => caches.clusters.store.get(name),
      now: clock.now(),
      decided,
      usage: () => usage.besides(key),
      scoreObject,
    });
  };

  const attempt = (
    placement: Placement,
    clusters: readonly ManagedCluster[],
  ): { readonly result: Schedule; readonly misconfigured?: MisconfiguredError } => {
    try {
      return { result: pass(placement, clusters) };
    } catch (error) {
      if (error instanceof MisconfiguredError) return { result: NOTHING, misconfigured: error };
      throw error;
    }
  };

  const reconcile = async (key: string): Promise<void> => {
    await nextTurn();
    const placement = caches.placements.store.get(key);
    if (placement === undefined) bases.delete(key);
    if (placement === undefined || isDeleting(placement)) return;
    if (annotationOf(placement, SCHEDULING_DISABLED_ANNOTATION) === 'true') return;
    const reach = membership.reach(placement);
    remember(key, placement, reach.clusters);
    const { result, misconfigured } = attempt(placement, reach.clusters);
    const divided = decisionGroups(placement.spec?.decisionStrategy, result.selected);
    if (result.retryAt !== undefined) lookAgainAt(key, result.retryAt);

    const wanted = wantedDecisions(placement, divided.groups);
    await writeDecisions(hub, caches.decisions.store, key, wanted.decisions);
    const outcome = {
      reach,
      asked: placement.spec?.clusterSets ?? [],
      selected: result.selected.length,
      unscheduled: result.unscheduled,
      misconfigured: divided.misconfigured ?? misconfigured,
    };
    const status = placementStatus(placement.status, outcome, wanted.groups, formatTime(clock.now()));
    const patch = mergePatch(placement.status, status);
    if (patch === undefined) return;
    const { uid, resourceVersion } = placement.metadata;
    await hub.patch(
      PLACEMENT,
      placement,
      { metadata: { uid, resourceVersion }, status: patch },
      WRITER,
      'status',
    );
  };

  const queue = createWorkQueue({ reconcile, concurrency: 1, onError });
  const all = (): void => {
    for (const key of [...caches.placements.store.values()].map(keyOf)) queue.add(key);
  };
  const resync = (): void => {
    clock.after(RESYNC_MS, () => {
      if (stopped) return;
      all();
      resync();
    });
  };
  watchTriggers({ caches, membership, add: (key) => queue.add(key), unsettled });
  resync();
  return {
    queue,
    restart: all,
    stop() {
      stopped = true;
    },
  };
}
