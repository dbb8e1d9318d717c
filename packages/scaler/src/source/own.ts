import {
  type CarbonMap,
  type CarbonProvider,
  type Clock,
  createMemoryStore,
  createRefresher,
  HOUR,
  type Instant,
  type LocationResolver,
  MINUTE,
  type Millis,
  type RateLimit,
  type Reading,
  startOfHour,
  type ZoneCode,
} from '@windvane/carbon-map';
import type { HourlyHistory, ZoneOutlook } from '../policy/snapshot.ts';
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
      const history = hourlyMeans(readings);
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

/** Hourly means from the first reading to the last; null without any. */
function hourlyMeans(readings: readonly Reading[]): HourlyHistory | null {
  const first = readings[0];
  const last = readings.at(-1);
  if (first === undefined || last === undefined) return null;
  const start = startOfHour(first.validFrom);
  const sums: { sum: number; count: number }[] = [];
  for (const { validFrom, gramsPerKwh } of readings) {
    const hour = hourOf(validFrom, start);
    const entry = (sums[hour] ??= { sum: 0, count: 0 });
    entry.sum += gramsPerKwh;
    entry.count += 1;
  }
  const hours = hourOf(last.validFrom, start) + 1;
  const values = Array.from({ length: hours }, (_, hour) => {
    const entry = sums[hour];
    return entry === undefined ? null : Math.round((entry.sum / entry.count) * 100) / 100;
  });
  return { start, values };
}

function hourOf(at: Instant, start: Instant): number {
  return Math.floor((at - start) / HOUR);
}
