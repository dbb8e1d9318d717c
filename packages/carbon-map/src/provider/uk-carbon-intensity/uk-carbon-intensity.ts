import type { Forecast, Reading, SignalPair, ZoneCode } from '../../model/reading.ts';
import { DAY, HOUR, type Instant, type Millis, startOfHour } from '../../model/time.ts';
import { checkedGramsPerKwh, checkedInstant, checkedPayload } from '../check.ts';
import type { Slot } from '../hourly.ts';
import { createHourlySource } from '../hourly-source.ts';
import { getJson, type HttpOptions } from '../http.ts';
import { minuteText } from '../minute-text.ts';
import { orderedHistory, usable } from '../points.ts';
import { type CarbonProvider, ProviderError } from '../provider.ts';
import { type HalfHour, nationalPayload, regionalPayload } from './payload.ts';

export interface UkCarbonIntensityOptions extends HttpOptions {
  /** `https://api.carbonintensity.org.uk` unless a proxy or a test stands in. */
  readonly baseUrl?: string;
  /** Region number (1..17, London is 13) by zone, for zones that are to be read from a region. `GB` is national without one. */
  readonly regions?: Readonly<Record<ZoneCode, number>>;
}

const NAME = 'uk-carbon-intensity';
/** The API takes spans of up to 14 days; longer ones have been seen to fail. */
const SPAN = 7 * DAY;

/**
 * Carbon Intensity API of NESO for Great Britain: no key, half hours, 48 hours of forecast (CC BY 4.0).
 * Average signal; direct basis: the methodology counts "CO2 emissions related to electricity generation only", with
 * nuclear, wind, solar and hydro at zero, and includes imports and grid losses
 * (https://github.com/carbon-intensity/methodology). A half hour without a measured value is told as the forecast of
 * it, `estimated`; regions have forecasts only. Northern Ireland is not part of it.
 * Throws `RangeError` for a region number that cannot be. Zero is taken from a region, where it happens (North Scotland), but not for the nation.
 */
export function createUkCarbonIntensityProvider(options: UkCarbonIntensityOptions): CarbonProvider {
  const { clock } = options;
  const baseUrl = options.baseUrl ?? 'https://api.carbonintensity.org.uk';
  const pair: SignalPair = { signal: 'average', basis: 'direct' };
  const hourly = createHourlySource(NAME, pair, clock);
  const regionOf = (zone: ZoneCode): number | null => options.regions?.[zone] ?? null;
  for (const [zone, region] of Object.entries(options.regions ?? {})) {
    if (!Number.isInteger(region) || region < 1 || region > 17) {
      throw new RangeError(`${NAME}: region ${region} of zone ${zone} is none: write 1 to 17`);
    }
  }
  const covers = (zone: ZoneCode): boolean => zone === 'GB' || regionOf(zone) !== null;

  /** @param span path of a span of time; null for the present half hour */
  async function halfHours(
    zone: ZoneCode,
    span: string | null,
    abort: AbortSignal | undefined,
  ): Promise<readonly HalfHour[]> {
    if (!covers(zone)) {
      throw new ProviderError('unknown-zone', NAME, `zone ${zone} is not GB and has no region configured`);
    }
    const region = regionOf(zone);
    const path = pathOf(region, span);
    const body = await getJson({ provider: NAME, baseUrl, path, abort }, options);
    const what = `intensity of ${zone}`;
    if (region === null) return checkedPayload(NAME, nationalPayload, body, what).data;
    const { data } = checkedPayload(NAME, regionalPayload, body, what);
    const regions = Array.isArray(data) ? data : [data];
    if (regions.length === 0 || regions.some(({ regionid }) => regionid !== region)) {
      throw new ProviderError('bad-payload', NAME, `${what}: the answer is not for region ${region} alone`);
    }
    return regions.flatMap((entry) => entry.data);
  }

  const grams = (zone: ZoneCode, value: unknown): number =>
    checkedGramsPerKwh(NAME, value, `intensity of ${zone}`, { zeroIsReal: regionOf(zone) !== null });

  function toReading(zone: ZoneCode, row: HalfHour, at: Instant): Reading {
    const { from: validFrom, to: validTo } = timesOf(row);
    if (validFrom > at) {
      throw new ProviderError('bad-payload', NAME, `intensity of ${zone} is of the future (${row.from})`);
    }
    const { intensity } = row;
    const measured = intensity.actual !== null && intensity.actual !== undefined;
    return {
      zone,
      gramsPerKwh: grams(zone, measured ? intensity.actual : intensity.forecast),
      ...pair,
      source: NAME,
      estimated: !measured,
      validFrom,
      validTo,
      fetchedAt: clock.now(),
    };
  }

  async function latest(zone: ZoneCode, at: Instant, abort?: AbortSignal): Promise<Reading> {
    const rows = await halfHours(zone, null, abort);
    const [row] = rows;
    if (row === undefined || rows.length > 1) {
      throw new ProviderError(
        'bad-payload',
        NAME,
        `intensity of ${zone}: ${rows.length} half hours, not one`,
      );
    }
    return toReading(zone, row, at);
  }

  async function forecast(
    zone: ZoneCode,
    at: Instant,
    horizon: Millis,
    abort?: AbortSignal,
  ): Promise<Forecast | null> {
    const rows = await halfHours(zone, `${minuteText(startOfHour(at))}/fw48h`, abort);
    const slots = rows.map((row): Slot => ({ ...timesOf(row), value: row.intensity.forecast }));
    // The API does not tell when it made a forecast; it does so every half hour.
    const ahead = hourly.forecast({ zone, slots, check: (value) => grams(zone, value) }, at, horizon, at);
    if (ahead !== null) return ahead;
    throw new ProviderError('no-data', NAME, `forecast of ${zone} holds nothing from now on`);
  }

  async function history(
    zone: ZoneCode,
    from: Instant,
    to: Instant,
    abort?: AbortSignal,
  ): Promise<readonly Reading[]> {
    const rows: HalfHour[] = [];
    // The newest first, which are worth most if the source gives up on the way.
    for (let end = to; end > from; end -= SPAN) {
      const span = `${minuteText(Math.max(from, end - SPAN))}/${minuteText(end)}`;
      try {
        rows.push(...(await halfHours(zone, span, abort)));
      } catch (error) {
        if (rows.length === 0) throw error;
        break;
      }
    }
    const now = clock.now();
    return orderedHistory(usable(rows.map((row) => () => toReading(zone, row, now))), from, to);
  }

  return { name: NAME, pair, countsAsFresh: true, covers, latest, forecast, history };
}

function pathOf(region: number | null, span: string | null): string {
  if (region === null) return span === null ? 'intensity' : `intensity/${span}`;
  return span === null ? `regional/regionid/${region}` : `regional/intensity/${span}/regionid/${region}`;
}

function timesOf(row: HalfHour): { from: Instant; to: Instant } {
  const from = checkedInstant(NAME, row.from, 'a half hour');
  const to = checkedInstant(NAME, row.to, 'a half hour');
  if (to <= from || to > from + HOUR) {
    throw new ProviderError(
      'bad-payload',
      NAME,
      'a half hour is longer than an hour or ends before it begins',
    );
  }
  return { from, to };
}
