import { type CarbonMap, systemClock, yearlyAverageGrams } from '@windvane/carbon-map';
import { createDispatcher } from '../../dispatch/dispatcher.ts';
import { JOB_KIND } from '../../dispatch/kinds.ts';
import { isKubeError } from '../../kube/errors.ts';
import { createEventRecorder } from '../../kube/events.ts';
import { createQueue, type ReconcileResult } from '../../kube/queue.ts';
import { type KubeObject, keyOf } from '../../kube/resource.ts';
import { noOutlook } from '../../outlook/outlook.ts';
import { rememberedFrom } from '../../status/schema.ts';
import type { ClusterView, Plane } from '../plane.ts';
import { createFleetGuard, defaultFleetLimits, movedLately } from '../shared/fleet-limits.ts';
import { gainsOf } from '../shared/gains.ts';
import { createMisspelt, MISSPELT_KEY } from '../shared/misspelt.ts';
import { createNews } from '../shared/news.ts';
import { createPlacementWriter } from '../shared/placement-writer.ts';
import { CARBON_PLACEMENT, NAMESPACE } from '../shared/resources.ts';
import { createRoomSharing } from '../shared/room-sharing.ts';
import { createViews } from '../shared/views.ts';
import { createWorld } from '../shared/world.ts';
import { stepId, stepRecord } from './annotations.ts';
import { unitOfCap } from './caps/cap-policy.ts';
import { reconcileCaps, removeCaps } from './caps/reconcile.ts';
import { buildFleetIndex, type FleetIndex } from './fleet-index.ts';
import { createHubIndexes } from './hub-indexes.ts';
import { createHubJobs, JOB_KEY } from './hub-jobs.ts';
import { karmadaKinds, otherKinds } from './kinds.ts';
import { clusterView, type MemberCluster, memberOf } from './member.ts';
import { isPin, ownerOfPin } from './move/pins.ts';
import { removePins } from './move/proceed.ts';
import type { KarmadaPlaneOptions } from './options.ts';
import { type ReconcilerDeps, reconcileUnit } from './reconciler.ts';
import { addHeadroom, reservationsOf } from './reservations.ts';
import {
  CLUSTER,
  CLUSTER_PROPAGATION_POLICY,
  OVERRIDE_POLICY,
  PROPAGATION_POLICY,
  RESOURCE_BINDING,
  WORK,
  workloadKinds,
} from './resources.ts';
import { concernedBy, PIN_KEY, PLACEMENT_PREFIX } from './triggers.ts';
import { steersByCaps } from './unit.ts';
import type { PlanContext } from './unit-plan.ts';
import { appliedIn, renderedAnew, slimWorks } from './works.ts';

export type { KarmadaPlaneConfig } from './options.ts';

/** How soon a replica that has come to lead looks at a Job: some may be due. */
const LEAD_CHECK = 10_000;
/** How often a replica that only reads asks itself whether it has come to lead, for statuses of what is gone. */
const STRAY_CHECK = 60_000;

/** Steers the workloads of one Karmada control plane by static weights. */
export function createKarmadaPlane(options: KarmadaPlaneOptions): Plane {
  const { kube, hub, config, locations, log, decide } = options;
  const clock = options.clock ?? systemClock;
  const connectionClock = options.connectionClock ?? systemClock;
  const sharing = createRoomSharing(decide);
  const news = createNews();
  const guard = createFleetGuard(config.limits ?? defaultFleetLimits);
  const settings = { locations, configured: config.clusterLocations ?? {} };
  const leading = options.leading ?? (() => true);
  const views = createViews({
    hub,
    clock,
    leading,
    stored: () => world.objects(CARBON_PLACEMENT),
    decided: options.decided,
  });
  const serves = (namespace: string): boolean =>
    config.namespaces.includes('*') || config.namespaces.includes(namespace);
  const indexes = createHubIndexes();
  let index: FleetIndex | null = null;
  let fleet: readonly MemberCluster[] | null = null;
  let started = false;
  let latest: CarbonMap | null = null;
  let outlook = noOutlook;

  const world = createWorld({
    api: kube,
    clock: connectionClock,
    required: karmadaKinds,
    optional: [...otherKinds, ...(config.runOnceKinds ?? []).map((kind) => kind.type)],
    plane: 'Karmada control plane',
    viewOf: (type) => (type === WORK ? slimWorks(kube) : null),
    changed(type, now, before) {
      indexes.changed(type, now, before);
      const object = now ?? before;
      const isJobs = object !== null && jobs.isOwn(type, object);
      if (type === CLUSTER) fleet = null;
      else if (!isJobs && index?.take(type, now, before) === false) index = null;
      if (type === CLUSTER || jobs.matters(type, now, before)) dispatcher.changed();
      if (!started) return;
      for (const key of jobs.concernedBy(type, now, before)) queue.add(key);
      for (const key of misspelt.concernedBy(type, now, before)) queue.add(key);
      if (isJobs) return;
      if (type === WORK) {
        workChanged(now, before);
        return;
      }
      const concerned = concernedBy(type, now, before);
      if (concerned === 'all') enqueueAll();
      else for (const key of concerned) queue.add(key);
      if (type === PROPAGATION_POLICY || type === CLUSTER_PROPAGATION_POLICY) {
        for (const unit of concerned === 'all' ? [] : concerned) enqueuePins(indexes.pins(unit));
        if (concerned === 'all') enqueuePins();
      }
    },
    hub,
    log,
  });

  const jobs = createHubJobs({
    world,
    kinds: [JOB_KIND, ...(config.runOnceKinds ?? [])],
    serves,
    traffic: (namespace) => indexes.traffic(namespace),
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
    forget: (type, object) => world.informer(type)?.forget(object),
    guard,
    told: new Map(),
  };

  const misspelt = createMisspelt({
    world,
    types: [
      ...workloadKinds,
      PROPAGATION_POLICY,
      CLUSTER_PROPAGATION_POLICY,
      ...(config.runOnceKinds ?? []).map((kind) => kind.type),
    ],
    serves,
    events: deps.events,
    mayTell: () => leading() && world.frozen() === null && deps.writer() !== null,
  });

  const dispatcher = createDispatcher({
    ...deps,
    clock,
    jobs,
    context: () => ({ ...context(), reserved: reservations() }),
  });

  function currentIndex(): FleetIndex {
    index ??= buildFleetIndex(
      {
        workloads: workloadKinds.map((type) => ({ type, objects: world.objects(type) })),
        policies: [
          { kind: 'PropagationPolicy', objects: world.objects(PROPAGATION_POLICY) },
          { kind: 'ClusterPropagationPolicy', objects: world.objects(CLUSTER_PROPAGATION_POLICY) },
        ],
        bindings: world.objects(RESOURCE_BINDING),
        traffic: (namespace) => indexes.traffic(namespace),
        autoscalers: (namespace) => indexes.autoscalers(namespace),
        overrides: (namespace) => indexes.overrides(namespace),
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

  function currentViews(): readonly ClusterView[] {
    return currentFleet().map((member) => clusterView(member, hub));
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
      baselineGrams: options.baselineGrams ?? yearlyAverageGrams,
      outlook,
      decide: (problem, claims) => sharing.decide(problem, claims),
      reserved: withJobs(reservations()),
      pins: (unit) => indexes.pins(unit),
      caps: (unit) => indexes.caps(unit),
      works: (binding) => indexes.works(binding),
      applied: (binding) => appliedIn(indexes.works(binding), binding),
      fleetLimit(unit, decision) {
        const fleetIndex = currentIndex();
        const managedReplicas = fleetIndex.managedReplicas();
        return guard.check(unit, decision, { managedReplicas, steps: fleetIndex.steps() }, clock.now());
      },
    };
  }

  function enqueuePins(pins: Iterable<KubeObject> = indexes.allPins()): void {
    for (const pin of pins) queue.add(`${PIN_KEY}${keyOf(pin)}`);
  }

  /** A step waits for what a Work is rendered with. */
  function workChanged(now: KubeObject | null, before: KubeObject | null): void {
    const key = renderedAnew(now, before);
    const binding = key === null ? undefined : world.get(RESOURCE_BINDING, key);
    if (binding === undefined) return;
    const concerned = concernedBy(RESOURCE_BINDING, binding, null);
    if (concerned !== 'all') for (const unit of concerned) queue.add(unit);
  }

  function reservations(): PlanContext['reserved'] {
    return reservationsOf(
      () => [
        ...guard.planned(),
        ...Array.from(currentIndex().steps(), ([unit, divisions]) => [unit, gainsOf(divisions)] as const),
      ],
      (workload) => currentIndex().requests(workload),
    );
  }

  /** Jobs that were just started take room as well. */
  function withJobs(reserved: PlanContext['reserved']): PlanContext['reserved'] {
    return (unit, cluster) => addHeadroom(reserved(unit, cluster), dispatcher.reserved(cluster));
  }

  /** A pin whose step is not the one of its policy holds what nobody wants held any more. */
  async function removeIfOrphan(key: string): Promise<ReconcileResult> {
    const pin = world.get(OVERRIDE_POLICY, key);
    if (pin === undefined || !isPin(pin) || deps.writer() === null) return {};
    const owner = ownerOfPin(pin);
    const policy = currentIndex().policies.get(owner.unit);
    const step = policy === undefined ? null : stepRecord(policy.object);
    if (step !== null && stepId(step) === owner.step) return {};
    await removePins(deps, [pin]);
    return {};
  }

  function enqueueAll(): void {
    dispatcher.changed();
    // Those that are overdue first.
    for (const key of dispatcher.keys()) queue.add(key);
    for (const key of currentIndex().keys) queue.add(key);
    for (const key of views.units()) queue.add(key);
  }

  async function removeIfStray(key: string): Promise<ReconcileResult> {
    if (!leading()) return { requeueAfter: STRAY_CHECK };
    const placement = world.get(CARBON_PLACEMENT, key);
    if (placement !== undefined && !currentIndex().placements.has(key) && !jobs.hasPlacement(key))
      await deps.writer()?.remove(placement);
    return {};
  }

  async function reconcile(key: string): Promise<ReconcileResult> {
    if (key.startsWith(PLACEMENT_PREFIX)) return removeIfStray(key.slice(PLACEMENT_PREFIX.length));
    if (key.startsWith(PIN_KEY)) return removeIfOrphan(key.slice(PIN_KEY.length));
    if (key.startsWith(JOB_KEY)) return reconcileJob(key);
    if (key.startsWith(MISSPELT_KEY)) return misspelt.reconcile(key);
    if (!leading()) {
      guard.release(key);
      return {};
    }
    const unit = currentIndex().unit(key);
    const capped = unit !== undefined && steersByCaps(unit);
    if (!capped && world.frozen() === null && deps.writer() !== null)
      await removeCaps(deps, indexes.caps(key));
    if (unit === undefined) {
      guard.release(key);
      views.forget(key);
      deps.told.delete(key);
      return {};
    }
    const outcome = await (capped ? reconcileCaps : reconcileUnit)(deps, unit, context());
    views.say(key, outcome.views);
    const { decision, action } = outcome.plan;
    views.decided(key, decision, action.kind === 'begin');
    return outcome.result;
  }

  async function reconcileJob(key: string): Promise<ReconcileResult> {
    if (!leading()) return { requeueAfter: LEAD_CHECK };
    const outcome = await dispatcher.reconcile(key);
    if (outcome === null) views.forget(key);
    else views.say(key, outcome.views);
    return outcome?.result ?? {};
  }

  return {
    kind: 'karmada',
    hub,
    async start() {
      await world.start();
      started = true;
      enqueueAll();
      enqueuePins();
      for (const cap of indexes.allCaps()) queue.add(unitOfCap(cap));
      for (const key of misspelt.all()) queue.add(key);
      for (const { metadata, status } of world.objects(CARBON_PLACEMENT)) {
        guard.resume(movedLately(rememberedFrom(status).moves, clock.now()));
        queue.add(`${PLACEMENT_PREFIX}${metadata.namespace ?? ''}/${metadata.name}`);
      }
    },
    async stop() {
      await queue.stop();
      await world.stop();
    },
    connected: () => world.connected(),
    problem: () => world.problem(),
    frozen: () => world.frozen(),
    clusters: currentViews,
    placements: () => views.placements(),
    mapChanged(map, next) {
      latest = map;
      outlook = next;
      if (started && news.isReason(map, next, currentViews(), clock.now())) enqueueAll();
    },
    idle: () => queue.idle(),
  };
}
