import type { z } from 'zod';
import type { Forecast, Reading, SignalPair, ZoneCode } from '../../model/reading.ts';
import { DAY, HOUR, type Instant, MINUTE, type Millis, SECOND } from '../../model/time.ts';
import { checkedGramsPerKwh, checkedInstant, checkedPayload } from '../check.ts';
import type { Slot } from '../hourly.ts';
import { createHourlySource } from '../hourly-source.ts';
import { getJson, type HttpOptions } from '../http.ts';
import { nullIf } from '../points.ts';
import { type CarbonProvider, ProviderError } from '../provider.ts';
import { type Emission, emissionsPayload, forecastsPayload } from './payload.ts';

/** One location of the SDK. */
export interface CarbonAwareSdkLocation {
  /** As its configuration names it, for example `westeurope`. */
  readonly location: string;
  /** What the answers call it when they give the grid region of the source instead, for example `PJM_ROANOKE`. */
  readonly gridRegion?: string;
}

export interface CarbonAwareSdkOptions extends HttpOptions {
  readonly baseUrl: string;
  /** What the SDK's own data source delivers: its API does not say. */
  readonly pair: SignalPair;
  readonly locations: Readonly<Record<ZoneCode, CarbonAwareSdkLocation>>;
  /** Sent as `Authorization: Bearer`, for an API behind a gateway. */
  readonly token?: string;
}

const NAME = 'carbon-aware-sdk';
const LOOK_BACK = DAY;
/** The API has no word for it, and its sources revise what they said. */
const ESTIMATED = true;
const SHORTEST = 5 * MINUTE;
const TIME_SPAN = /^(?:(\d+)\.)?(\d{2}):(\d{2}):(\d{2})(?:\.\d+)?$/;

/**
 * Web API of the Green Software Foundation's Carbon Aware SDK 1.x, in front of whatever source it is configured with.
 * Signal and basis are what the configuration says (WattTime: marginal, direct; Electricity Maps: average, lifecycle unless
 * its `emissionFactorType` says direct). Ratings are g/kWh. The SDK turns a missing value into -1 and an error into 0,
 * so both are refused. An empty answer (204) is `no-data`; a source without forecasts (501) has none.
 */
export function createCarbonAwareSdkProvider(options: CarbonAwareSdkOptions): CarbonProvider {
  const { clock, baseUrl, pair, token } = options;
  const locations = new Map(Object.entries(options.locations));
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };

  async function ask<T>(
    path: string,
    schema: z.ZodType<T>,
    zone: ZoneCode,
    query: Readonly<Record<string, string>>,
    abort: AbortSignal | undefined,
  ): Promise<T> {
    const { location } = named(zone);
    const body = await getJson(
      {
        provider: NAME,
        baseUrl,
        path,
        query: { location, ...query },
        headers,
        abort,
        kinds: { 204: 'no-data', 501: 'no-data' },
      },
      options,
    );
    return checkedPayload(NAME, schema, body, `${path} of ${zone}`);
  }

  function named(zone: ZoneCode): CarbonAwareSdkLocation {
    const location = locations.get(zone);
    if (location === undefined) {
      throw new ProviderError('unknown-zone', NAME, `zone ${zone} has no location configured`);
    }
    return location;
  }

  function checkEcho(zone: ZoneCode, echoes: readonly string[]): void {
    const { location, gridRegion = location } = named(zone);
    const expected = [location.toLowerCase(), gridRegion.toLowerCase()];
    if (echoes.every((echo) => expected.includes(echo.toLowerCase()))) return;
    throw new ProviderError(
      'bad-payload',
      NAME,
      `the answer for ${location} (zone ${zone}) names another location; the values are not used. ` +
        'If it is the grid region of that location, configure it as gridRegion',
    );
  }

  const gate =
    (zone: ZoneCode) =>
    (value: unknown): number =>
      checkedGramsPerKwh(NAME, value, `rating of ${zone}`);

  const hourly = createHourlySource(NAME, pair, clock);

  async function emissions(
    zone: ZoneCode,
    from: Instant,
    to: Instant,
    abort: AbortSignal | undefined,
  ): Promise<readonly Slot[]> {
    const query = { time: new Date(from).toISOString(), toTime: new Date(to).toISOString() };
    const rows = await ask('emissions/bylocation', emissionsPayload, zone, query, abort);
    checkEcho(
      zone,
      rows.map(({ location }) => location),
    );
    return rows.map(emissionSlot);
  }

  async function latest(zone: ZoneCode, at: Instant, abort?: AbortSignal): Promise<Reading> {
    const slots = await emissions(zone, at - LOOK_BACK, at, abort);
    return hourly.reading({ zone, slots, check: gate(zone) }, at, ESTIMATED);
  }

  async function forecast(
    zone: ZoneCode,
    at: Instant,
    horizon: Millis,
    abort?: AbortSignal,
  ): Promise<Forecast | null> {
    const all = await nullIf(
      'no-data',
      ask('emissions/forecasts/current', forecastsPayload, zone, {}, abort),
    );
    const [current] = all ?? [];
    if (current === undefined) return null;
    checkEcho(zone, [current.location, ...current.forecastData.map(({ location }) => location)]);
    const slots = current.forecastData.map(({ timestamp, duration, value }): Slot => {
      const from = checkedInstant(NAME, timestamp, `forecast of ${zone}`);
      return { from, to: from + duration * MINUTE, value };
    });
    const issuedAt = checkedInstant(NAME, current.generatedAt, `forecast of ${zone}`);
    const ahead = hourly.forecast({ zone, slots, check: gate(zone) }, at, horizon, issuedAt);
    if (ahead !== null) return ahead;
    throw new ProviderError('no-data', NAME, `forecast of ${zone} holds nothing from now on`);
  }

  async function history(
    zone: ZoneCode,
    from: Instant,
    to: Instant,
    abort?: AbortSignal,
  ): Promise<readonly Reading[]> {
    const slots = (await nullIf('no-data', emissions(zone, from, to, abort))) ?? [];
    return hourly.past({ zone, slots, check: gate(zone) }, from, to, ESTIMATED);
  }

  return {
    name: NAME,
    pair,
    countsAsFresh: true,
    covers: (zone) => locations.has(zone),
    latest,
    forecast,
    history,
  };
}

function emissionSlot({ time, duration, rating }: Emission): Slot {
  const from = checkedInstant(NAME, time, 'a rating');
  const parts = TIME_SPAN.exec(duration);
  if (parts === null) throw new ProviderError('bad-payload', NAME, 'a rating has no readable duration');
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map((part) => Number(part ?? 0));
  const length = days * DAY + hours * HOUR + minutes * MINUTE + seconds * SECOND;
  if (length > HOUR) {
    const why = 'a rating is said to hold for more than an hour, which no present intensity does';
    throw new ProviderError('bad-payload', NAME, why);
  }
  // 00:00:00 is the SDK's word for not knowing, which it does not of a lone value.
  return { from, to: from + (length || SHORTEST), value: rating };
}
