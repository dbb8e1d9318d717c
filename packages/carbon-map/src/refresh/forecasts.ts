import { type Forecast, pairName, type SignalPair, type ZoneCode } from '../model/reading.ts';
import type { Instant, Millis } from '../model/time.ts';
import { type CarbonProvider, ProviderError } from '../provider/provider.ts';
import { asProviderError } from './ask.ts';
import type { HealthLog } from './health.ts';

/** Asks providers for forecasts no more often than needed, and keeps the last good one. */
export interface ForecastKeeper {
  get(
    zone: ZoneCode,
    pair: SignalPair,
    chain: readonly CarbonProvider[],
    at: Instant,
    abort: AbortSignal,
  ): Promise<Forecast | null>;
}

interface Kept {
  readonly askedAt: Instant;
  readonly forecast: Forecast | null;
}

/** @param every how long an answer is good for before the providers are asked again */
export function createForecastKeeper(horizon: Millis, every: Millis, health: HealthLog): ForecastKeeper {
  const kept = new Map<string, Kept>();

  async function ask(
    zone: ZoneCode,
    chain: readonly CarbonProvider[],
    at: Instant,
    abort: AbortSignal,
  ): Promise<Forecast | null> {
    for (const provider of chain) {
      if (!provider.covers(zone)) continue;
      try {
        const forecast = await asProviderError(provider, () => provider.forecast(zone, at, horizon, abort));
        health.succeeded(provider, zone, 'forecast', at);
        if (forecast !== null && forecast.points.length > 0) return forecast;
      } catch (error) {
        if (abort.aborted || !(error instanceof ProviderError)) throw error;
        health.failed(provider, zone, 'forecast', at, error);
      }
    }
    return null;
  }

  return {
    async get(zone, pair, chain, at, abort) {
      const key = `${zone} ${pairName(pair)}`;
      const last = kept.get(key);
      if (last !== undefined && at < last.askedAt + every) return fromNowOn(last.forecast, at);
      const forecast = (await ask(zone, chain, at, abort)) ?? last?.forecast ?? null;
      kept.set(key, { askedAt: at, forecast });
      return fromNowOn(forecast, at);
    },
  };
}

/** The part of a forecast that is not over yet; null when nothing is left or it begins later than now. */
function fromNowOn(forecast: Forecast | null, at: Instant): Forecast | null {
  if (forecast === null) return null;
  const points = forecast.points.filter((point) => point.at + forecast.resolution > at);
  const [first] = points;
  return first === undefined || first.at > at + forecast.resolution ? null : { ...forecast, points };
}
