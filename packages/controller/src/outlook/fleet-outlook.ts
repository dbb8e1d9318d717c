import type { CarbonMap, Clock, MapStore, ZoneCode } from '@windvane/carbon-map';
import type { Prices } from '../app/prices.ts';
import type { Outlook } from './outlook.ts';
import { createPriceBook } from './price-book.ts';
import { createZoneOutlooks } from './zone-outlooks.ts';

/** A cluster that decisions may be about. */
interface ClusterInUse {
  readonly name: string;
  readonly zone: ZoneCode | null;
}

/** The outlook of one process, brought up to date with every version of the map. */
export interface FleetOutlook {
  readonly outlook: Outlook;
  /** Resolves when all that a decision about these clusters needs is there, or has failed. */
  prepare(map: CarbonMap, clusters: readonly ClusterInUse[]): Promise<void>;
  /** No source of prices is being asked. */
  idle(): boolean;
}

export interface FleetOutlookOptions {
  readonly store: Pick<MapStore, 'history'>;
  readonly clock: Clock;
  /** Null without any in the configuration. */
  readonly prices: Prices | null;
  readonly warn: (details: Readonly<Record<string, unknown>>, message: string) => void;
}

export function createFleetOutlook({ store, clock, prices, warn }: FleetOutlookOptions): FleetOutlook {
  const zones = createZoneOutlooks({
    store,
    failed: (zone, err) =>
      warn({ zone, err }, 'its history cannot be read: decisions go by the forecast alone'),
  });
  const book =
    prices === null
      ? null
      : createPriceBook({
          prices,
          clock,
          failed: (of, err) => warn({ of, err }, 'its price cannot be asked for'),
        });
  return {
    outlook: { expectation: (zone) => zones.expectation(zone), prices: book },
    async prepare(map, clusters) {
      const inUse = clusters.flatMap(({ zone }) => zone ?? []);
      await Promise.all([
        zones.prepare(map, inUse),
        book?.prepare(
          [...new Set(inUse)],
          clusters.map(({ name }) => name),
        ),
      ]);
    },
    idle: () => book?.idle() ?? true,
  };
}
