import {
  createLocationResolver,
  dropRedisStore,
  HOUR,
  type LocationResolver,
  MINUTE,
  type ZoneCode,
} from '@windvane/carbon-map';
import { type Controller, type ControllerLog, createController } from '../app/controller.ts';
import { createKarmada, createOcm, type PlaneConfig, type PlaneSurroundings } from '../app/planes.ts';
import { createStore } from '../app/store.ts';
import { loadConfig } from '../config/config.ts';
import type { KubeConnection } from '../kube/connect.ts';
import type { Plane } from '../planes/plane.ts';
import type { CarbonSource } from './carbon-source.ts';
import { demoClusters } from './fleet.ts';
import { type DemoHub, startHub } from './hub.ts';
import { createLockstepClock, type LockstepClock } from './lockstep.ts';
import { type DemoOcmHub, startOcmHub } from './ocm-hub.ts';
import { settled } from './settle.ts';

/** Hubs, members and controller in one process, in one time. */
export interface World {
  /** Karmada. */
  readonly hub: DemoHub;
  readonly ocm: DemoOcmHub;
  readonly controller: Controller;
  readonly clock: LockstepClock;
  /** Waits until nothing moves any more at this moment of the clock. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

/** Scores for Placements that nobody annotated: the demo has none. */
const NO_SCORES = { publish: false, cleanGramsPerKwh: 0, dirtyGramsPerKwh: 800, deadBand: 5 };
/** Workloads run this long, as they were found, before the demo begins. */
const LEAD: number = 10 * MINUTE;
/** Timers that fall due this close together run together. */
const GRAIN: number = 1_000;

/** Builds everything up to the moment at which the controller starts: the workloads run, evenly split. */
export async function openWorld(
  source: CarbonSource,
  redis: string | null,
  log: ControllerLog,
): Promise<World> {
  const clock = createLockstepClock(source.from - LEAD, GRAIN);
  // One map per run: the readings of an earlier run would be of the future.
  const prefix = `windvane-demo-${process.pid}-${Date.now()}`;
  const store = await createStore(
    redis === null ? { kind: 'memory' } : { kind: 'redis', url: redis },
    clock,
    prefix,
  );
  const hub = await startHub(clock);
  const ocm = await startOcmHub(clock);
  const resolver = createLocationResolver();
  const controller = createController({
    clock,
    mode: 'act',
    store,
    resolver,
    providers: [source.provider],
    zones: [],
    refreshEvery: HOUR,
    planes: demoPlanes(hub, ocm, { resolver, clock, log }),
    holder: prefix,
    log,
  });
  const rest = (idle: () => boolean): Promise<void> =>
    settled({
      idle: () => idle() && hub.standIns.idle() && ocm.standIns.idle(),
      version: () => `${hub.sandbox.resourceVersion()} ${ocm.sandbox.resourceVersion()}`,
    });

  await rest(() => true);
  await hub.applyWorkloads();
  await ocm.applyPlacements();
  await rest(() => true);
  await clock.runTo(source.from, () => rest(() => true));
  await controller.start();
  return {
    hub,
    ocm,
    controller,
    clock,
    settle: () => rest(() => controller.idle()),
    async stop() {
      await controller.stop();
      await hub.stop();
      await ocm.stop();
      // A user's Redis is left as it was found.
      if (redis !== null) await dropRedisStore(redis, prefix);
    },
  };
}

/** The same planes as in `windvane run`, told to act. */
function demoPlanes(hub: DemoHub, ocm: DemoOcmHub, surroundings: PlaneSurroundings): readonly Plane[] {
  const { namespaces, defaults, limits } = loadConfig(undefined, {});
  const config: PlaneConfig = { mode: 'act', namespaces, defaults, limits };
  // Limits of a connection are per second of real time, of which the demo uses little.
  const to = (kubeconfig: string): KubeConnection => ({
    kubeconfig,
    limits: { writesPerSecond: 10_000, writeBurst: 10_000 },
  });
  return [
    createKarmada(
      to(hub.sandbox.kubeconfig()),
      config,
      { hub: 'karmada', clusterLocations: {} },
      surroundings,
    ),
    createOcm(
      to(ocm.sandbox.kubeconfig()),
      config,
      { hub: 'ocm', clusterLocations: {}, scores: NO_SCORES },
      surroundings,
    ),
  ];
}

/** Zone of each cluster, by name. */
export function demoZones(
  resolver: LocationResolver = createLocationResolver(),
): ReadonlyMap<string, ZoneCode> {
  return new Map(
    demoClusters.map(({ name, location }) => [name, resolver.resolve(location).zones[0] ?? location]),
  );
}
