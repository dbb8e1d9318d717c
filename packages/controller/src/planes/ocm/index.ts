import { MINUTE, systemClock, yearlyAverageGrams } from '@windvane/carbon-map';
import { createEventRecorder } from '../../kube/events.ts';
import { createQueue, type ReconcileResult } from '../../kube/queue.ts';
import { type KubeObject, keyOf, type ResourceType } from '../../kube/resource.ts';
import { noOutlook } from '../../outlook/outlook.ts';
import { rememberedFrom } from '../../status/schema.ts';
import type { Plane } from '../plane.ts';
import {
  createFleetGuard,
  defaultFleetLimits,
  type FleetState,
  movedLately,
} from '../shared/fleet-limits.ts';
import { createMisspelt, MISSPELT_KEY } from '../shared/misspelt.ts';
import { createPlacementWriter } from '../shared/placement-writer.ts';
import { CARBON_PLACEMENT, CONFIG_MAP, NAMESPACE } from '../shared/resources.ts';
import { createViews } from '../shared/views.ts';
import { createWorld } from '../shared/world.ts';
import { createClasses } from './classes.ts';
import { clusterView } from './fleet.ts';
import { createHubView } from './hub.ts';
import { divisionOf, stepRecord } from './move/step-record.ts';
import type { OcmPlaneOptions } from './options.ts';
import { replicaSetOf } from './read/work.ts';
import { type ReconcilerDeps, reconcileUnit } from './reconciler.ts';
import {
  ADD_ON_PLACEMENT_SCORE,
  APPLICATION_SET,
  CLUSTER_MANAGEMENT_ADD_ON,
  MANIFEST_WORK,
  MANIFEST_WORK_REPLICA_SET,
  PLACEMENT,
  PLACEMENT_BINDING,
  requiredKinds,
} from './resources.ts';
import { createScoreBoard } from './scores/board.ts';
import { createPublishing } from './scores/publishing.ts';
import { createScoreObjects } from './scores/score-objects.ts';
import { strayNames } from './scores/strays.ts';
import { STEERING_SCORES } from './steering.ts';
import { concernedBy, SCORE_KEY, STATUS_KEY } from './triggers.ts';
import { unitKey } from './unit-index.ts';
import type { PlanContext } from './unit-plan.ts';
import { slimWorks } from './works.ts';

export type { OcmPlaneConfig, OcmPlaneOptions } from './options.ts';

/** Units looked at together: their scores for one cluster go in one write. */
const AT_ONCE = 128;
/** Key of the scores of a Placement that is gone. */
const STRAY_KEY = 'Stray ';
/** How often a replica that only reads asks itself whether it has come to lead, for what is gone. */
const STRAY_CHECK = MINUTE;

const optionalKinds: readonly ResourceType[] = [
  MANIFEST_WORK,
  MANIFEST_WORK_REPLICA_SET,
  CLUSTER_MANAGEMENT_ADD_ON,
  PLACEMENT_BINDING,
  APPLICATION_SET,
  NAMESPACE,
  CARBON_PLACEMENT,
  CONFIG_MAP,
];

/** Steers Placements of one hub of Open Cluster Management by scores, and publishes scores for others. */
export function createOcmPlane(options: OcmPlaneOptions): Plane {
  const { kube, hub, config, locations, log, decide } = options;
  const clock = options.clock ?? systemClock;
  const guard = createFleetGuard(config.limits ?? defaultFleetLimits);
  const classes = createClasses();
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
  let started = false;
  let map = options.currentMap?.() ?? null;
  let outlook = noOutlook;

  const world = createWorld({
    api: kube,
    clock: options.connectionClock ?? systemClock,
    required: requiredKinds,
    optional: optionalKinds,
    plane: 'hub of Open Cluster Management',
    viewOf: (type) => (type === MANIFEST_WORK ? slimWorks(kube) : null),
    changed(type, now, before) {
      if (view.changed(type, now, before)) classes.clear();
      if (!started) return;
      const concerned = concernedBy(type, now, before, setOf);
      if (concerned === 'all') enqueueAll();
      else for (const key of concerned) queue.add(key);
      if (type === PLACEMENT && now === null && before !== null) queue.add(`${STRAY_KEY}${keyOf(before)}`);
      for (const key of misspelt.concernedBy(type, now, before)) queue.add(key);
    },
    hub,
    log,
  });
  const view = createHubView(
    world,
    {
      locations,
      configured: config.clusterLocations ?? {},
      locationClaim: config.locationClaim ?? null,
    },
    serves,
  );
  const assume = (type: ResourceType, object: KubeObject): void => world.informer(type)?.assume(object);
  const scoresNamed = (name: string) =>
    createScoreObjects({
      api: kube,
      name,
      get: (key) => world.get(ADD_ON_PLACEMENT_SCORE, key),
      assume: (object) => assume(ADD_ON_PLACEMENT_SCORE, object),
      forget: (object) => world.informer(ADD_ON_PLACEMENT_SCORE)?.forget(object),
    });
  const steeringScores = scoresNamed(STEERING_SCORES);
  const board = createScoreBoard(steeringScores);
  const publishing = createPublishing({
    scoresNamed,
    scale: config.scores ?? null,
    clock,
    view,
    map: () => map,
    // Without statuses nothing is written, be it only a score.
    mayWrite: () => config.mode === 'act' && leading() && deps.writer() !== null,
    frozen: () => world.frozen() !== null,
  });

  const deps: ReconcilerDeps = {
    api: kube,
    hub,
    board,
    assume,
    guard,
    writer() {
      const informer = world.informer(CARBON_PLACEMENT);
      return informer === null ? null : createPlacementWriter(kube, informer);
    },
    events: createEventRecorder(
      kube,
      (error) => log.warn({ hub, error: String(error) }, 'an Event could not be written'),
      clock,
    ),
  };

  const misspelt = createMisspelt({
    world,
    types: [PLACEMENT, MANIFEST_WORK_REPLICA_SET],
    serves,
    events: deps.events,
    mayTell: () => leading() && world.frozen() === null && deps.writer() !== null,
  });

  const queue = createQueue({
    clock,
    reconcile,
    concurrency: AT_ONCE,
    failed(key, error, attempt, retryIn) {
      log.warn({ hub, unit: key, error: String(error), attempt, retryIn }, 'reconciling failed');
    },
  });

  function setOf(work: KubeObject): KubeObject | null {
    const key = replicaSetOf(work);
    return key === null ? null : (world.get(MANIFEST_WORK_REPLICA_SET, key) ?? null);
  }

  function fleetState(): FleetState {
    const steps = new Map<string, ReturnType<typeof divisionOf>>();
    let managedReplicas = 0;
    for (const { key, object, spec } of view.index().placements()) {
      managedReplicas += spec.numberOfClusters ?? 0;
      const step = stepRecord(object);
      if (step !== null) steps.set(unitKey(key), divisionOf(step));
    }
    return { managedReplicas, steps };
  }

  function context(): PlanContext {
    const now = clock.now();
    return {
      map,
      // Decisions of one minute are made at one instant: what many units share is judged once.
      now: Math.floor(now / MINUTE) * MINUTE,
      ceiling: config.mode,
      frozen: world.frozen(),
      hub: view.clusters(),
      locations,
      outlook,
      hubDefaults: config.defaults ?? {},
      baselineGrams: options.baselineGrams ?? yearlyAverageGrams,
      decide,
      score: (cluster, name) => board.score(cluster, name),
      addOnScores: view.addOnScores(now),
      usage: view.index().usage,
      fleetLimit: (unit, decision) => guard.check(unit, decision, fleetState(), now),
      classes,
    };
  }

  function enqueueAll(): void {
    for (const key of view.index().keys()) queue.add(key);
    for (const key of views.units()) queue.add(key);
    for (const { name } of view.fleet()) queue.add(`${SCORE_KEY}${name}`);
  }

  async function removeIfStray(key: string): Promise<ReconcileResult> {
    if (!leading()) return { requeueAfter: STRAY_CHECK };
    const placement = world.get(CARBON_PLACEMENT, key);
    if (placement !== undefined && !view.index().hasCarbonPlacement(key)) {
      await deps.writer()?.remove(placement);
    }
    return {};
  }

  /** Scores of a Placement that is gone are in nobody's way, but they would wait for another of its name. */
  async function removeStrayScores(key: string): Promise<ReconcileResult> {
    if (world.get(PLACEMENT, key) !== undefined) return {};
    if (!leading() || config.mode !== 'act' || world.frozen() !== null) return { requeueAfter: STRAY_CHECK };
    const name = key.replace('/', '.');
    const held = view.fleet().filter((cluster) => board.score(cluster.name, name) !== undefined);
    await Promise.all(held.map((cluster) => board.set(name, { cluster: cluster.name, value: null })));
    return {};
  }

  async function reconcile(key: string): Promise<ReconcileResult> {
    if (key.startsWith(STATUS_KEY)) return removeIfStray(key.slice(STATUS_KEY.length));
    if (key.startsWith(STRAY_KEY)) return removeStrayScores(key.slice(STRAY_KEY.length));
    if (key.startsWith(MISSPELT_KEY)) return misspelt.reconcile(key);
    if (key.startsWith(SCORE_KEY)) return publishing.reconcile(key.slice(SCORE_KEY.length));
    const unit = leading() ? view.index().unit(key) : undefined;
    if (unit === undefined) {
      guard.release(key);
      if (leading()) views.forget(key);
      return {};
    }
    const outcome = await reconcileUnit(deps, unit, context());
    views.say(key, outcome.views);
    const { decision, action } = outcome.plan;
    views.decided(key, decision, action.kind === 'begin');
    return outcome.result;
  }

  return {
    kind: 'ocm',
    hub,
    async start() {
      await world.start();
      started = true;
      enqueueAll();
      for (const key of misspelt.all()) queue.add(key);
      for (const key of strayNames(world.objects(ADD_ON_PLACEMENT_SCORE))) queue.add(`${STRAY_KEY}${key}`);
      for (const { metadata, status } of world.objects(CARBON_PLACEMENT)) {
        guard.resume(movedLately(rememberedFrom(status).moves, clock.now()));
        queue.add(`${STATUS_KEY}${metadata.namespace ?? ''}/${metadata.name}`);
      }
    },
    async stop() {
      await queue.stop();
      await world.stop();
    },
    connected: () => world.connected(),
    problem: () => world.problem(),
    frozen: () => world.frozen(),
    clusters: () => view.fleet().map((cluster) => clusterView(cluster, hub)),
    placements: () => views.placements(),
    scoreWrites: () => publishing.writes(),
    mapChanged(next, expected) {
      map = next;
      outlook = expected;
      classes.clear();
      if (started) enqueueAll();
    },
    idle: () => queue.idle(),
  };
}
