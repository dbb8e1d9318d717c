import type { z } from 'zod';
import { zoneList } from '../../location/zone-list.ts';
import type { Basis, Forecast, Reading, SignalPair, ZoneCode } from '../../model/reading.ts';
import { HOUR, type Instant, type Millis } from '../../model/time.ts';
import { checkedGramsPerKwh, checkedInstant, checkedPayload } from '../check.ts';
import { getJson, type HttpOptions } from '../http.ts';
import { forecastPoints, nullIf, orderedHistory, usable } from '../points.ts';
import { type CarbonProvider, ProviderError } from '../provider.ts';
import { forecastPayload, historyPayload, type IntensityPayload, latestPayload } from './payload.ts';

export interface ElectricityMapsOptions extends HttpOptions {
  /** The API key; sent in the header `auth-token` and shown nowhere. */
  readonly token: string;
  /** `https://api.electricitymaps.com/v3` unless a proxy or a test stands in. */
  readonly baseUrl?: string;
  /** `lifecycle` (the default of the API) or `direct`. */
  readonly basis?: Basis;
  /** Zones that the key may read; without it, every zone of the list. */
  readonly zones?: readonly ZoneCode[];
}

const NAME = 'electricity-maps';
/** The horizons that `horizonHours` takes. */
const HORIZONS = [6, 24, 48, 72];

/**
 * Electricity Maps API v3: average signal, consumption-based; life-cycle emission factors unless `direct` is asked for
 * (https://app.electricitymaps.com/docs/api). The zone is always sent and its echo checked, because without a zone
 * the API answers for the caller's own address.
 */
export function createElectricityMapsProvider(options: ElectricityMapsOptions): CarbonProvider {
  const { clock } = options;
  const basis = options.basis ?? 'lifecycle';
  const pair: SignalPair = { signal: 'average', basis };
  const baseUrl = options.baseUrl ?? 'https://api.electricitymaps.com/v3';
  const covered = options.zones === undefined ? null : new Set(options.zones);

  async function get<T>(
    path: string,
    schema: z.ZodType<T & { zone: string }>,
    zone: ZoneCode,
    query: Readonly<Record<string, string>>,
    abort: AbortSignal | undefined,
  ): Promise<T> {
    const body = await getJson(
      {
        provider: NAME,
        baseUrl,
        path: `carbon-intensity/${path}`,
        query: { zone, emissionFactorType: basis, ...query },
        headers: { 'auth-token': options.token },
        abort,
      },
      options,
    );
    const payload = checkedPayload(NAME, schema, body, `${path} of ${zone}`);
    if (payload.zone !== zone) {
      throw new ProviderError(
        'bad-payload',
        NAME,
        `${path} answered for another zone than ${zone}; the value is not used`,
      );
    }
    return payload;
  }

  function toReading(zone: ZoneCode, payload: IntensityPayload, at: Instant): Reading {
    const what = `intensity of ${zone}`;
    const gramsPerKwh = checkedGramsPerKwh(NAME, payload.carbonIntensity, what, {
      zeroIsReal: basis === 'direct',
    });
    const factors = payload.emissionFactorType ?? basis;
    if (factors !== basis) {
      throw new ProviderError('bad-payload', NAME, `${what} is on another basis than the ${basis} asked for`);
    }
    const validFrom = checkedInstant(NAME, payload.datetime, what);
    if (validFrom > at)
      throw new ProviderError('bad-payload', NAME, `${what} is of the future (${payload.datetime})`);
    return {
      zone,
      gramsPerKwh,
      ...pair,
      source: NAME,
      // What is not called measured may still be revised.
      estimated: payload.isEstimated ?? true,
      validFrom,
      validTo: validFrom + HOUR,
      fetchedAt: clock.now(),
    };
  }

  async function forecast(
    zone: ZoneCode,
    at: Instant,
    horizon: Millis,
    abort?: AbortSignal,
  ): Promise<Forecast | null> {
    const horizonHours = HORIZONS.find((hours) => hours * HOUR >= horizon) ?? 72;
    // A key without the forecast licence has no forecast, which is no fault to report every half hour.
    const payload = await nullIf(
      'forbidden',
      get('forecast', forecastPayload, zone, { horizonHours: String(horizonHours) }, abort),
    );
    if (payload === null) return null;
    const what = `forecast of ${zone}`;
    const values = payload.forecast.map((point) => ({
      at: checkedInstant(NAME, point.datetime, what),
      gramsPerKwh: checkedGramsPerKwh(NAME, point.carbonIntensity, what, { zeroIsReal: basis === 'direct' }),
    }));
    const points = forecastPoints(NAME, values, at, horizon, HOUR);
    if (points.length === 0) throw new ProviderError('no-data', NAME, `${what} holds nothing from now on`);
    const issuedAt = checkedInstant(NAME, payload.updatedAt ?? new Date(at).toISOString(), what);
    return { zone, ...pair, source: NAME, issuedAt: Math.min(issuedAt, at), resolution: HOUR, points };
  }

  return {
    name: NAME,
    pair,
    countsAsFresh: true,
    covers: (zone) => (covered ?? zoneList().zones).has(zone),
    async latest(zone, at, abort) {
      return toReading(zone, await get('latest', latestPayload, zone, {}, abort), at);
    },
    forecast,
    async history(zone, from, to, abort) {
      const payload = await get('history', historyPayload, zone, {}, abort);
      return orderedHistory(
        usable(payload.history.map((row) => () => toReading(zone, row, clock.now()))),
        from,
        to,
      );
    },
  };
}
