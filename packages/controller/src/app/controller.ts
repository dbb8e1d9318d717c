import {
  type CarbonMap,
  type CarbonProvider,
  type Clock,
  createRefresher,
  type LocationResolver,
  type MapStore,
  type Millis,
  type RateLimit,
  type ZoneCode,
} from '@windvane/carbon-map';
import type { FleetView } from '../api/fleet-view.ts';
import { createFleetOutlook } from '../outlook/fleet-outlook.ts';
import type { Plane } from '../planes/plane.ts';
import { createScalerDesk } from '../scalers/desk.ts';
import type { Prices } from './prices.ts';

/** The parts that one controller is made of. */
export interface ControllerParts {
  readonly clock: Clock;
  /** The ceiling of the hub's configuration. */
  readonly mode: 'observe' | 'act';
  readonly store: MapStore;
  readonly resolver: LocationResolver;
  /** Every source, and in this order the chain of a zone for which `chain` says nothing else. */
  readonly providers: readonly CarbonProvider[];
  readonly chain?: (zone: ZoneCode) => readonly CarbonProvider[];
  /** Limits of the requests to the sources; none by default. */
  readonly rateLimit?: (provider: CarbonProvider) => RateLimit | null;
  /** How long after the end of its validity a reading still counts as live (2 hours). */
  readonly allowedAge?: Millis;
  /** Zones kept besides those of the clusters. */
  readonly zones: readonly ZoneCode[];
  readonly refreshEvery: Millis;
  readonly planes: readonly Plane[];
  /** What things cost; null, as by default, when nobody says. */
  readonly prices?: Prices | null;
  /** Unique among the processes that share the store. */
  readonly holder: string;
  readonly log: ControllerLog;
}

/** Where the controller tells what happened. */
export interface ControllerLog {
  info(details: Readonly<Record<string, unknown>>, message: string): void;
  warn(details: Readonly<Record<string, unknown>>, message: string): void;
  error(details: Readonly<Record<string, unknown>>, message: string): void;
}

/** Store, refresh and planes at work together. */
export interface Controller {
  /** What the API reads. */
  readonly fleet: FleetView;
  /** Starts the planes. Rejects only for a mistake that a user must mend. */
  start(): Promise<void>;
  /** Keeps the map fresh from now on; without it `refresh` is called by hand. */
  keepRefreshing(): void;
  /** One round of the map; resolves when every plane knows the new version. */
  refresh(): Promise<CarbonMap>;
  stop(): Promise<void>;
  /** Nothing is queued, being reconciled or being read. */
  idle(): boolean;
}

/** How often the zones of the clusters are compared with those of the map. */
const NEW_ZONE_CHECK: Millis = 10_000;

/** Wires one controller. Data flows one way: provider, refresh, store, notice, planes. */
export function createController(parts: ControllerParts): Controller {
  const { clock, store, planes, log } = parts;
  const scalers = createScalerDesk(clock);
  let map: CarbonMap | null = null;
  let reading = 0;
  /** Planes are told of one version after the other. */
  let told = Promise.resolve();
  const outlook = createFleetOutlook({
    store,
    clock,
    prices: parts.prices ?? null,
    warn: (details, message) => log.warn(details, message),
  });
  let timer: (() => void) | null = null;
  let unsubscribe: (() => void) | null = null;

  const zones = (): readonly ZoneCode[] => {
    const standing = planes
      .flatMap((plane) => plane.clusters())
      .flatMap(({ zone }) => (zone === null ? [] : [zone]));
    return [...new Set([...parts.zones, ...standing, ...scalers.wanted()])].toSorted();
  };

  const refresher = createRefresher({
    zones,
    chain: parts.chain ?? (() => parts.providers),
    ...(parts.rateLimit && { rateLimit: parts.rateLimit }),
    ...(parts.allowedAge !== undefined && { allowedAge: parts.allowedAge }),
    store,
    clock,
    locations: parts.resolver,
    holder: parts.holder,
    interval: parts.refreshEvery,
    onError: (error) => log.error({ err: error }, 'refreshing the carbon map failed'),
  });

  /**
   * Versions come from the own refresh and from notices of other writers, in any order: only a newer one counts.
   * Resolves when every plane knows it, or a newer one.
   */
  function take(next: CarbonMap): Promise<void> {
    if (next.version > 0 && (map === null || next.version > map.version)) {
      map = next;
      told = tellAfter(told, next);
    }
    return told;
  }

  async function tellAfter(before: Promise<void>, next: CarbonMap): Promise<void> {
    await before;
    try {
      await outlook.prepare(
        next,
        planes.flatMap((plane) => plane.clusters()),
      );
      // A newer one that came meanwhile has its turn next.
      if (map !== next) return;
      for (const plane of planes) plane.mapChanged(next, outlook.outlook);
    } catch (error) {
      log.error({ err: error }, 'telling the planes of a version failed');
    }
  }

  async function readNotified(): Promise<void> {
    reading += 1;
    try {
      const next = await store.read();
      if (next !== null) await take(next);
    } catch (error) {
      log.error({ err: error }, 'reading the carbon map failed');
    } finally {
      reading -= 1;
    }
  }

  async function refresh(): Promise<CarbonMap> {
    const next = await refresher.refreshOnce();
    await take(next);
    return next;
  }

  /** A cluster that joins in a zone of its own must not wait for the next round. */
  function watchForNewZones(): void {
    timer = clock.after(NEW_ZONE_CHECK, () => {
      watchForNewZones();
      if (zones().every((zone) => map?.zones[zone] !== undefined)) return;
      refresh().catch((error: unknown) => log.error({ err: error }, 'refreshing the carbon map failed'));
    });
  }

  return {
    fleet: {
      now: () => clock.now(),
      mode: parts.mode,
      frozen: () => planes.some((plane) => plane.frozen() !== null),
      map: () => map,
      outlook: () => outlook.outlook,
      resolver: parts.resolver,
      store,
      planes: () => planes,
      scalers,
    },
    async start() {
      for (const plane of planes) {
        await plane.start();
        log.info({ plane: plane.kind, hub: plane.hub, clusters: plane.clusters().length }, 'plane started');
      }
      unsubscribe = store.subscribe((version) => {
        if (map === null || version > map.version) void readNotified();
      });
    },
    keepRefreshing() {
      refresher.start();
      watchForNewZones();
    },
    refresh,
    async stop() {
      timer?.();
      unsubscribe?.();
      await refresher.stop();
      await Promise.all(planes.map((plane) => plane.stop()));
      await store.close();
    },
    idle: () => reading === 0 && outlook.idle() && planes.every((plane) => plane.idle()),
  };
}
