import {
  type CarbonMap,
  type Clock,
  type LocationResolver,
  systemClock,
  type ZoneCode,
} from '@windvane/carbon-map';
import type { Decision } from '../../engine/decision.ts';
import type { PlacementProblem } from '../../engine/problem.ts';
import type { KubeApi } from '../../kube/api.ts';
import { isKubeError } from '../../kube/errors.ts';
import { createEventRecorder } from '../../kube/events.ts';
import { createQueue, type ReconcileResult } from '../../kube/queue.ts';
import { accountedUntil, savedBy } from '../../status/accounting.ts';
import type { ClusterView, PlacementView, Plane } from '../plane.ts';
import { buildFleetIndex, type FleetIndex } from './fleet-index.ts';
import { createFleetGuard, defaultFleetLimits, type FleetLimits } from './fleet-limits.ts';
import { clusterView, type MemberCluster, memberOf } from './member.ts';
import { createPlacementWriter } from './placement-writer.ts';
import { type ReconcilerDeps, reconcileUnit } from './reconciler.ts';
import {
  CARBON_PLACEMENT,
  CLUSTER,
  CLUSTER_PROPAGATION_POLICY,
  HORIZONTAL_POD_AUTOSCALER,
  HTTP_ROUTE,
  INGRESS,
  NAMESPACE,
  PROPAGATION_POLICY,
  RESOURCE_BINDING,
  SCALED_OBJECT,
  SERVICE,
  workloadKinds,
} from './resources.ts';
import { concernedBy, PLACEMENT_PREFIX } from './triggers.ts';
import type { PlanContext } from './unit-plan.ts';
import { createWorld } from './world.ts';

/** The part of a structured logger that is used. */
interface PlaneLog {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export interface KarmadaPlaneConfig {
  /** The ceiling: under `observe` only status and Events are written. */
  readonly mode: 'observe' | 'act';
  /** Namespaces served; `*` stands for all. */
  readonly namespaces: readonly string[];
  /** Locations of clusters that carry none themselves, by cluster. */
  readonly clusterLocations?: Readonly<Record<string, string>>;
  /** Values of `windvane.dev/...` keys (written without the prefix) for what nobody says. */
  readonly defaults?: Readonly<Record<string, string>>;
  readonly limits?: FleetLimits;
}

export interface KarmadaPlaneOptions {
  /** Client of the karmada-apiserver. */
  readonly kube: KubeApi;
  /** Name of the hub in the API. */
  readonly hub: string;
  readonly config: KarmadaPlaneConfig;
  readonly locations: LocationResolver;
  readonly decide: (problem: PlacementProblem) => Decision;
  readonly log: PlaneLog;
  /** A version of the map that is there before the first `mapChanged`. */
  readonly currentMap?: () => CarbonMap | null;
  /** Yearly average of a zone, for `on-stale-data: baseline`. */
  readonly baselineGrams?: (zone: ZoneCode) => number | null;
  /** Told of every decision that is new or acted upon. */
  readonly decided?: (decision: Decision, acted: boolean) => void;
  /** Time in which decisions, cooldowns and savings are counted. */
  readonly clock?: Clock;
  /** Time in which connections are watched; the machine's own, also where `clock` runs faster. */
  readonly connectionClock?: Clock;
}

/** Steers the workloads of one Karmada control plane by static weights. */
export function createKarmadaPlane(options: KarmadaPlaneOptions): Plane {
  const { kube, hub, config, locations, log, decide } = options;
  const clock = options.clock ?? systemClock;
  const connectionClock = options.connectionClock ?? systemClock;
  const views = new Map<string, readonly PlacementView[]>();
  const lastDecisions = new Map<string, string>();
  const guard = createFleetGuard(config.limits ?? defaultFleetLimits);
  const settings = { locations, configured: config.clusterLocations ?? {} };
  const serves = (namespace: string): boolean =>
    config.namespaces.includes('*') || config.namespaces.includes(namespace);
  let index: FleetIndex | null = null;
  let fleet: readonly MemberCluster[] | null = null;
  let started = false;
  let latest: CarbonMap | null = null;

  const world = createWorld({
    api: kube,
    clock: connectionClock,
    changed(type, now, before) {
      if (type === CLUSTER) fleet = null;
      // Statuses are looked up when a unit is asked for.
      else if (type !== CARBON_PLACEMENT) index = null;
      if (!started) return;
      const concerned = concernedBy(type, now, before);
      if (concerned === 'all') enqueueAll();
      else for (const key of concerned) queue.add(key);
    },
    transition(name, type, error) {
      const fields = { hub, kind: type.kind, ...(error === null ? {} : { error: error.message }) };
      if (name === 'relisted' || name === 'recovered') log.info(fields, `informer ${name}`);
      else log.warn(fields, `informer ${name}`);
    },
  });

  const queue = createQueue({
    clock,
    reconcile,
    failed(key, error, attempt, retryIn) {
      const fields = {
        hub,
        unit: key,
        attempt,
        retryIn,
        error: error instanceof Error ? error.message : String(error),
      };
      if (isKubeError(error) && error.retryable) log.info(fields, 'reconciliation is tried again');
      else log.error(fields, 'reconciliation failed');
    },
  });

  const deps: ReconcilerDeps = {
    api: kube,
    hub,
    writer() {
      const placements = world.informer(CARBON_PLACEMENT);
      return placements === null ? null : createPlacementWriter(kube, placements);
    },
    events: createEventRecorder(
      kube,
      (error) => log.warn({ hub, error: String(error) }, 'an event was not written'),
      clock,
    ),
    assume: (type, object) => world.informer(type)?.assume(object),
    guard,
  };

  function currentIndex(): FleetIndex {
    index ??= buildFleetIndex(
      {
        workloads: workloadKinds.map((type) => ({ type, objects: world.objects(type) })),
        policies: [
          { kind: 'PropagationPolicy', objects: world.objects(PROPAGATION_POLICY) },
          { kind: 'ClusterPropagationPolicy', objects: world.objects(CLUSTER_PROPAGATION_POLICY) },
        ],
        bindings: world.objects(RESOURCE_BINDING),
        traffic: () => ({
          services: world.objects(SERVICE),
          ingresses: world.objects(INGRESS),
          httpRoutes: world.objects(HTTP_ROUTE),
        }),
        autoscalers: () => [...world.objects(HORIZONTAL_POD_AUTOSCALER), ...world.objects(SCALED_OBJECT)],
        namespace: (name) => world.get(NAMESPACE, name),
        placement: (key) => world.get(CARBON_PLACEMENT, key),
      },
      serves,
    );
    return index;
  }

  function currentFleet(): readonly MemberCluster[] {
    fleet ??= [...world.objects(CLUSTER)].map((object) => memberOf(object, settings));
    return fleet;
  }

  function context(): PlanContext {
    return {
      map: latest ?? options.currentMap?.() ?? null,
      now: clock.now(),
      ceiling: config.mode,
      frozen: world.frozen(),
      fleet: currentFleet(),
      locations,
      hubDefaults: config.defaults ?? {},
      baselineGrams: options.baselineGrams ?? (() => null),
      decide,
      fleetLimit: (unit, decision) => guard.check(unit, decision, currentIndex(), clock.now()),
    };
  }

  function enqueueAll(): void {
    for (const key of currentIndex().keys) queue.add(key);
    for (const key of views.keys()) queue.add(key);
  }

  async function removeIfStray(key: string): Promise<ReconcileResult> {
    const placement = world.get(CARBON_PLACEMENT, key);
    if (placement !== undefined && !currentIndex().placements.has(key))
      await deps.writer()?.remove(placement);
    return {};
  }

  async function reconcile(key: string): Promise<ReconcileResult> {
    if (key.startsWith(PLACEMENT_PREFIX)) return removeIfStray(key.slice(PLACEMENT_PREFIX.length));
    const unit = currentIndex().unit(key);
    if (unit === undefined) {
      guard.release(key);
      views.delete(key);
      return {};
    }
    const outcome = await reconcileUnit(deps, unit, context());
    views.set(key, outcome.views);
    const { decision, action } = outcome.plan;
    if (decision !== null && lastDecisions.get(key) !== decision.id) {
      lastDecisions.set(key, decision.id);
      options.decided?.(decision, action.kind === 'begin');
    }
    return outcome.result;
  }

  return {
    kind: 'karmada',
    hub,
    async start() {
      await world.start();
      started = true;
      enqueueAll();
      for (const { metadata } of world.objects(CARBON_PLACEMENT)) {
        queue.add(`${PLACEMENT_PREFIX}${metadata.namespace ?? ''}/${metadata.name}`);
      }
    },
    async stop() {
      await queue.stop();
      await world.stop();
    },
    connected: () => started && world.problem() === null,
    problem() {
      if (!started) return 'not started';
      return (
        world.problem()?.message ??
        (deps.writer() === null ? 'the CarbonPlacement CRD is not installed' : null)
      );
    },
    clusters: (): readonly ClusterView[] => currentFleet().map((member) => clusterView(member, hub)),
    placements: () =>
      [...views.values()].flat().map((view) => {
        const accounting = accountedUntil(view.accounting ?? null, clock.now());
        return { ...view, accounting, saved: savedBy(accounting) };
      }),
    mapChanged(map) {
      latest = map;
      if (started) enqueueAll();
    },
    idle: () => queue.idle(),
  };
}
