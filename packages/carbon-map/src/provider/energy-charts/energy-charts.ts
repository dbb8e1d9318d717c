import type { Basis, Forecast, Reading, SignalPair, ZoneCode } from '../../model/reading.ts';
import { DAY, type Instant, type Millis, startOfHour } from '../../model/time.ts';
import { checkedGramsPerKwh, checkedPayload } from '../check.ts';
import { createHourlySource } from '../hourly-source.ts';
import { getJson, type HttpOptions } from '../http.ts';
import { minuteText } from '../minute-text.ts';
import { type CarbonProvider, ProviderError } from '../provider.ts';
import { COUNTRY_OF_ZONE } from './countries.ts';
import { type Co2eqPayload, co2eqPayload } from './payload.ts';
import { slotsOf } from './slots.ts';

export interface EnergyChartsOptions extends HttpOptions {
  /** `https://api.energy-charts.info` unless a proxy or a test stands in. */
  readonly baseUrl?: string;
  /** Country code of the API by zone, beside or in place of the built-in ones. */
  readonly countries?: Readonly<Record<ZoneCode, string>>;
  /** What the numbers include (`lifecycle`): see {@link createEnergyChartsProvider}. */
  readonly basis?: Basis;
}

const NAME = 'energy-charts';
/** Publication lags by an hour or two; nothing newer than this means that the series has stopped. */
const LOOK_BACK = DAY;

/**
 * Energy-Charts of Fraunhofer ISE: no key, some 25 European countries, quarter hours told as hourly means, forecast
 * for the rest of today and tomorrow (most series CC BY 4.0). Average signal. Basis: the API documents `co2eq` as
 * grams of CO2 equivalent per kWh and does not name its factors; equivalents with values above zero for grids that
 * burn nothing are life-cycle figures, and so it is declared. Set `basis` if you know better.
 * The API repeats no country in its answers. A value that is null is one not known yet.
 */
export function createEnergyChartsProvider(options: EnergyChartsOptions): CarbonProvider {
  const { clock } = options;
  const baseUrl = options.baseUrl ?? 'https://api.energy-charts.info';
  const pair: SignalPair = { signal: 'average', basis: options.basis ?? 'lifecycle' };
  const countries = new Map(Object.entries({ ...COUNTRY_OF_ZONE, ...options.countries }));

  async function series(
    zone: ZoneCode,
    from: Instant,
    to: Instant,
    abort: AbortSignal | undefined,
  ): Promise<Co2eqPayload> {
    const country = countries.get(zone);
    if (country === undefined) {
      throw new ProviderError('unknown-zone', NAME, `zone ${zone} has no country here; configure one`);
    }
    const query = { country, start: minuteText(from), end: minuteText(to) };
    const body = await getJson({ provider: NAME, baseUrl, path: 'co2eq', query, abort }, options);
    return checkedPayload(NAME, co2eqPayload, body, `co2eq of ${zone}`);
  }

  const gate =
    (zone: ZoneCode) =>
    (value: unknown): number =>
      checkedGramsPerKwh(NAME, value, `intensity of ${zone}`);

  const hourly = createHourlySource(NAME, pair, clock);
  /** A neighbour's or an earlier value may stand in for a missing one. */
  const isEstimated = ({ substitute }: Co2eqPayload): boolean => substitute === true;

  async function latest(zone: ZoneCode, at: Instant, abort?: AbortSignal): Promise<Reading> {
    const payload = await series(zone, startOfHour(at) - LOOK_BACK, at, abort);
    return hourly.reading({ zone, slots: measured(payload), check: gate(zone) }, at, isEstimated(payload));
  }

  async function forecast(
    zone: ZoneCode,
    at: Instant,
    horizon: Millis,
    abort?: AbortSignal,
  ): Promise<Forecast | null> {
    const payload = await series(zone, startOfHour(at), at + horizon, abort);
    const ahead = payload.co2eq_forecast ?? [];
    // A slot that has been measured has no forecast any more.
    const values = payload.unix_seconds.map((_, i) => ahead[i] ?? payload.co2eq[i] ?? null);
    const slots = slotsOf(payload.unix_seconds, values).filter(({ value }) => value !== null);
    return hourly.forecast({ zone, slots, check: gate(zone) }, at, horizon, at);
  }

  async function history(
    zone: ZoneCode,
    from: Instant,
    to: Instant,
    abort?: AbortSignal,
  ): Promise<readonly Reading[]> {
    const payload = await series(zone, from, to, abort);
    const past = { zone, slots: measured(payload), check: gate(zone) };
    return hourly.past(past, from, to, isEstimated(payload));
  }

  return {
    name: NAME,
    pair,
    countsAsFresh: true,
    covers: (zone) => countries.has(zone),
    latest,
    forecast,
    history,
  };
}

function measured({ unix_seconds: times, co2eq }: Co2eqPayload): ReturnType<typeof slotsOf> {
  return slotsOf(times, co2eq).filter(({ value }) => value !== null);
}
