import {
  type Clock,
  HOUR,
  type HourlyPrices,
  type Instant,
  MINUTE,
  type Millis,
  type PriceSource,
  startOfHour,
  type ZoneCode,
} from '@windvane/carbon-map';
import type { Prices } from '../app/prices.ts';
import type { KnownPrices, PriceTable } from './outlook.ts';

/** Prices of what is in use, kept for as long as they hold. */
export interface PriceBook extends PriceTable {
  /**
   * Asks for what is in use. Resolves when everything has been asked for once; what is known already is renewed without
   * anybody waiting for it.
   */
  prepare(zones: readonly ZoneCode[], clusters: readonly string[]): Promise<void>;
  /** No source is being asked. */
  idle(): boolean;
}

export interface PriceBookOptions {
  readonly prices: Prices;
  readonly clock: Clock;
  /** Told of a source that could not be asked; what it said before stands. */
  readonly failed: (of: string, error: unknown) => void;
}

/** How far ahead prices are asked for, and how often. */
const AHEAD: Millis = 48 * HOUR;
const RENEW: Millis = 10 * MINUTE;

interface Entry {
  askedAt: Instant;
  /** Null while it could not be asked. */
  hourly: HourlyPrices | null;
}

export function createPriceBook({ prices, clock, failed }: PriceBookOptions): PriceBook {
  const electricity = createShelf(prices.electricity, clock, failed);
  const clusters = createShelf(prices.clusters, clock, failed);
  return {
    currency: prices.currency,
    carbonPricePerKg: prices.carbonPricePerKg,
    electricity: (zone, at) => electricity.known(zone, at),
    replicaHour: (cluster, at) => clusters.known(cluster, at),
    async prepare(zones, names) {
      await Promise.all([electricity.prepare(zones), clusters.prepare(names)]);
    },
    idle: () => electricity.idle() && clusters.idle(),
  };
}

interface Shelf {
  known(key: string, at: Instant): KnownPrices;
  prepare(keys: readonly string[]): Promise<void>;
  idle(): boolean;
}

/** Prices of one unit; of several sources the first that covers a key counts. */
function createShelf(
  sources: readonly PriceSource[],
  clock: Clock,
  failed: PriceBookOptions['failed'],
): Shelf {
  const entries = new Map<string, Entry>();
  let asking = 0;
  let lookedAt: Instant = -Infinity;
  const sourceOf = (key: string): PriceSource | undefined => sources.find((source) => source.covers(key));

  async function ask(key: string, source: PriceSource): Promise<void> {
    const now = clock.now();
    const before = entries.get(key)?.hourly ?? null;
    asking += 1;
    try {
      const hourly = await source.hourly(key, now, startOfHour(now) + AHEAD);
      entries.set(key, { askedAt: now, hourly });
    } catch (error) {
      entries.set(key, { askedAt: now, hourly: before });
      failed(key, error);
    } finally {
      asking -= 1;
    }
  }

  /** A file may list more than it did. */
  async function lookAgain(): Promise<void> {
    const now = clock.now();
    if (now < lookedAt + RENEW) return;
    lookedAt = now;
    await Promise.all(
      sources.map(async (source) => {
        try {
          await source.load?.();
        } catch (error) {
          failed(source.name, error);
        }
      }),
    );
  }

  return {
    known(key, at) {
      const source = sourceOf(key);
      if (source === undefined) return { state: 'uncovered' };
      const entry = entries.get(key);
      if (entry === undefined) return { state: 'unasked' };
      return {
        state: 'asked',
        source: source.name,
        prices: entry.hourly === null ? [] : from(entry.hourly, at),
      };
    },
    async prepare(keys) {
      await lookAgain();
      const wanted = new Set(keys);
      for (const key of entries.keys()) if (!wanted.has(key)) entries.delete(key);
      const first: Promise<void>[] = [];
      for (const key of wanted) {
        const source = sourceOf(key);
        if (source === undefined) continue;
        const entry = entries.get(key);
        if (entry === undefined) first.push(ask(key, source));
        else if (clock.now() >= entry.askedAt + RENEW) {
          // Not asked again until this answer is there or has failed.
          entry.askedAt = clock.now();
          void ask(key, source);
        }
      }
      await Promise.all(first);
    },
    idle: () => asking === 0,
  };
}

/** Prices from the hour of `at` on, up to the first that is not known. */
function from(hourly: HourlyPrices, at: Instant): number[] {
  const first = Math.floor((at - hourly.from) / HOUR);
  const known: number[] = [];
  for (let index = first; index >= 0 && index < hourly.prices.length; index++) {
    const price = hourly.prices[index] ?? null;
    if (price === null) break;
    known.push(price);
  }
  return known;
}
