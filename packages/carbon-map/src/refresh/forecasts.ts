import { blendForecasts } from '../forecast/blend.ts';
import { FORECAST_HISTORY, ownForecast } from '../forecast/own.ts';
import { createTrackRecord } from '../forecast/track-record.ts';
import { type Forecast, pairName, type Reading, type SignalPair, type ZoneCode } from '../model/reading.ts';
import { HOUR, type Instant, type Millis, startOfHour } from '../model/time.ts';
import { type CarbonProvider, ProviderError } from '../provider/provider.ts';
import type { MapStore } from '../store/store.ts';
import { asProviderError } from './ask.ts';
import type { HealthLog } from './health.ts';
import type { Quarantine } from './quarantine.ts';

/** One zone in one pair, as the present round sees it. */
interface ForecastQuestion {
  readonly zone: ZoneCode;
  readonly pair: SignalPair;
  readonly chain: readonly CarbonProvider[];
  /** The reading that the map goes by. */
  readonly reading: Reading;
  readonly at: Instant;
  readonly abort: AbortSignal;
}

/** Makes the map's forecasts: asks providers no more often than needed, keeps their track record, blends in our own. */
export interface ForecastKeeper {
  /** Takes over what an earlier writer learned of the sources' errors. */
  restore(): Promise<void>;
  /** Leaves what was learned for the next writer, once an hour. */
  save(at: Instant): Promise<void>;
  get(question: ForecastQuestion): Promise<Forecast | null>;
}

export interface ForecastKeeperOptions {
  readonly store: MapStore;
  readonly horizon: Millis;
  /** How long an answer is good for before the providers are asked again. */
  readonly every: Millis;
  readonly health: HealthLog;
  readonly quarantine: Quarantine;
}

/** Our own forecast, good for the hour and the reading that it was made of. */
interface Own {
  readonly hour: Instant;
  readonly reading: Reading;
  readonly forecast: Forecast | null;
}

const NOTE = 'forecast-errors';
const SAVE_EVERY: Millis = HOUR;

interface Kept {
  readonly askedAt: Instant;
  readonly theirs: Forecast | null;
}

export function createForecastKeeper({
  store,
  horizon,
  every,
  health,
  quarantine,
}: ForecastKeeperOptions): ForecastKeeper {
  const kept = new Map<string, Kept>();
  const record = createTrackRecord();
  const own = new Map<string, Own>();
  let savedAt: Instant = -Infinity;

  async function ask({ zone, chain, at, abort }: ForecastQuestion): Promise<Forecast | null> {
    for (const provider of chain) {
      if (!provider.covers(zone)) continue;
      try {
        const forecast = await asProviderError(provider, () => provider.forecast(zone, at, horizon, abort));
        if (forecast !== null) await quarantine.checkForecast(provider, forecast, at);
        health.succeeded(provider, zone, 'forecast', at);
        if (forecast !== null && forecast.points.length > 0) return forecast;
      } catch (error) {
        if (abort.aborted || !(error instanceof ProviderError)) throw error;
        health.failed(provider, zone, 'forecast', at, error);
      }
    }
    return null;
  }

  async function theirForecast(question: ForecastQuestion): Promise<Forecast | null> {
    const { zone, pair, at } = question;
    const key = `${zone} ${pairName(pair)}`;
    const last = kept.get(key);
    if (last !== undefined && at < last.askedAt + every) return fromNowOn(last.theirs, at);
    const theirs = (await ask(question)) ?? last?.theirs ?? null;
    kept.set(key, { askedAt: at, theirs });
    const rest = fromNowOn(theirs, at);
    if (rest !== null) record.issued(rest, at);
    return rest;
  }

  /** The store's history ends before this round, so the reading of the round joins it here. */
  async function ourForecast({ zone, pair, reading, at }: ForecastQuestion): Promise<Forecast | null> {
    const key = `${zone} ${pairName(pair)}`;
    const hour = startOfHour(at);
    const last = own.get(key);
    if (last?.hour === hour && sameReading(last.reading, reading)) return last.forecast;
    const past = await store.history(zone, pair, at - FORECAST_HISTORY, at + 1);
    const before = past.filter(({ validFrom }) => validFrom !== reading.validFrom);
    const forecast = ownForecast([...before, reading], at, horizon);
    own.set(key, { hour, reading, forecast });
    return forecast;
  }

  return {
    async restore() {
      const text = await store.readNote(NOTE);
      if (text !== null) record.restore(text);
    },
    async save(at) {
      if (at < savedAt + SAVE_EVERY) return;
      savedAt = at;
      await store.writeNote(NOTE, record.save());
    },
    async get(question) {
      record.observed(question.reading);
      const theirs = await theirForecast(question);
      const ours = await ourForecast(question);
      if (theirs === null) return ours === null ? null : tidy(ours, true);
      const blended = blendForecasts(theirs, ours, (lead) => record.error(theirs, Math.max(lead, HOUR)));
      return tidy(blended, blended.source !== theirs.source);
    },
  };
}

/** No forecast is good to a hundredth of a gram, and every digit is stored and sent. What a source sent alone stays as it is. */
function tidy(forecast: Forecast, isOurs: boolean): Forecast {
  const cents = (value: number): number => Math.round(value * 100) / 100;
  const points = forecast.points.map(({ at, gramsPerKwh, expectedError }) => ({
    at,
    gramsPerKwh: isOurs ? cents(gramsPerKwh) : gramsPerKwh,
    expectedError: expectedError === null ? null : cents(expectedError),
  }));
  return { ...forecast, points };
}

function sameReading(a: Reading, b: Reading): boolean {
  return a.validFrom === b.validFrom && a.gramsPerKwh === b.gramsPerKwh && a.source === b.source;
}

/** The part of a forecast that is not over yet; null when nothing is left or it begins later than now. */
function fromNowOn(forecast: Forecast | null, at: Instant): Forecast | null {
  if (forecast === null) return null;
  const points = forecast.points.filter((point) => point.at + forecast.resolution > at);
  const [first] = points;
  return first === undefined || first.at > at + forecast.resolution ? null : { ...forecast, points };
}
