import { FORECAST_HISTORY } from '../forecast/own.ts';
import { pairName, type Reading, type ZoneCode } from '../model/reading.ts';
import { HOUR, type Instant, type Millis } from '../model/time.ts';
import { type CarbonProvider, ProviderError } from '../provider/provider.ts';
import type { MapStore } from '../store/store.ts';
import { asProviderError, brokenRule } from './ask.ts';
import type { HealthLog } from './health.ts';

/**
 * Fills a new zone's history from what its providers keep, so that there is a forecast from the first hour on, and later
 * takes over what they measured in place of what they had estimated.
 */
export interface Backfill {
  /** Asks when the store has little of a zone and pair, or estimates that may be measured by now. Failures are noted. */
  fill(zone: ZoneCode, chain: readonly CarbonProvider[], at: Instant, abort: AbortSignal): Promise<void>;
}

const ENOUGH_HOURS = 48;
/** How long after an answer the last days are looked at again for estimates, and how old those must be. */
const REVISE_EVERY: Millis = 6 * HOUR;
const REVISE_AFTER: Millis = 3 * HOUR;

export function createBackfill(store: MapStore, health: HealthLog): Backfill {
  /** When a zone and pair may be looked at again. */
  const notBefore = new Map<string, Instant>();

  async function past(
    zone: ZoneCode,
    provider: CarbonProvider,
    from: Instant,
    at: Instant,
    abort: AbortSignal,
  ): Promise<readonly Reading[]> {
    try {
      return await asProviderError(provider, () => provider.history(zone, from, at, abort));
    } catch (error) {
      if (abort.aborted || !(error instanceof ProviderError)) throw error;
      health.failed(provider, zone, 'history', at, error);
      return [];
    }
  }

  return {
    async fill(zone, chain, at, abort) {
      for (const provider of chain) {
        const key = `${zone} ${pairName(provider.pair)}`;
        if (!provider.countsAsFresh || !provider.covers(zone) || at < (notBefore.get(key) ?? -Infinity))
          continue;
        const kept = await store.history(zone, provider.pair, at - ENOUGH_HOURS * HOUR, at);
        const enough = kept.length >= ENOUGH_HOURS * 0.75;
        const old = kept.some(({ estimated, validTo }) => estimated && validTo < at - REVISE_AFTER);
        const from = enough ? at - ENOUGH_HOURS * HOUR : at - FORECAST_HISTORY;
        const readings = enough && !old ? [] : await past(zone, provider, from, at, abort);
        const usable = readings.filter((reading) => brokenRule(provider, reading, zone, at) === null);
        await store.appendHistory(usable);
        notBefore.set(key, at + (kept.length + usable.length > 0 ? REVISE_EVERY : HOUR));
      }
    },
  };
}
