import {
  type CarbonMap,
  type CarbonProvider,
  type Clock,
  createMemoryStore,
  createRefresher,
  HOUR,
  type LocationResolver,
  MINUTE,
  type Millis,
  type RateLimit,
  type ZoneCode,
} from '@windvane/carbon-map';
import { hourlyHistory } from '@windvane/controller/carbon';
import type { ZoneOutlook } from '../policy/snapshot.ts';
import { HISTORY_HOURS } from './history.ts';

export interface OwnSourceOptions {
  readonly clock: Clock;
  readonly resolver: LocationResolver;
  readonly chain: (zone: ZoneCode) => readonly CarbonProvider[];
  readonly rateLimit?: (provider: CarbonProvider) => RateLimit | null;
  /** Zones that triggers ask for; asked anew at each round. */
  readonly zones: () => readonly ZoneCode[];
  readonly interval?: Millis;
  readonly failed: (error: unknown) => void;
}

/** The scaler's own map of the zones that its triggers name, from its own providers. */
export interface OwnSource {
  outlooks(): ReadonlyMap<ZoneCode, ZoneOutlook>;
  /** One round now. */
  refresh(): Promise<void>;
  /** Refreshes at once and then at the interval. */
  start(): void;
  stop(): Promise<void>;
}

export function createOwnSource(options: OwnSourceOptions): OwnSource {
  const { clock, zones, failed, interval = 5 * MINUTE } = options;
  const store = createMemoryStore({ clock });
  const refresher = createRefresher({
    zones,
    chain: options.chain,
    ...(options.rateLimit && { rateLimit: options.rateLimit }),
    store,
    clock,
    locations: options.resolver,
    holder: 'scaler',
    interval,
    onError: failed,
  });
  let outlooks: ReadonlyMap<ZoneCode, ZoneOutlook> = new Map();
  let reading: Promise<void> = Promise.resolve();

  async function take(map: CarbonMap): Promise<void> {
    const next = new Map<ZoneCode, ZoneOutlook>();
    for (const state of Object.values(map.zones)) {
      const to = clock.now();
      const readings = await store.history(state.zone, map.pair, to - HISTORY_HOURS * HOUR, to);
      const history = hourlyHistory(readings);
      next.set(state.zone, { origin: state.data === 'baseline' ? 'baseline' : 'own', state, history });
    }
    outlooks = next;
  }

  async function readNewest(): Promise<void> {
    try {
      const map = await store.read();
      if (map !== null) await take(map);
    } catch (error) {
      failed(error);
    }
  }

  const unsubscribe = store.subscribe(() => {
    reading = reading.then(readNewest);
  });

  return {
    outlooks: () => outlooks,
    async refresh() {
      await take(await refresher.refreshOnce());
    },
    start: () => refresher.start(),
    async stop() {
      unsubscribe();
      await refresher.stop();
      await reading;
    },
  };
}
