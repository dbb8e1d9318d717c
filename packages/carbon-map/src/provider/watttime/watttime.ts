import {
  type Forecast,
  GRAMS_PER_KWH_PER_POUND_PER_MWH,
  type Reading,
  type SignalPair,
  type ZoneCode,
} from '../../model/reading.ts';
import { DAY, HOUR, type Instant, MINUTE, type Millis, SECOND } from '../../model/time.ts';
import { checkedGramsPerKwh, checkedInstant, checkedPayload } from '../check.ts';
import type { Slot } from '../hourly.ts';
import { createHourlySource } from '../hourly-source.ts';
import type { HttpOptions } from '../http.ts';
import { type CarbonProvider, ProviderError } from '../provider.ts';
import { regionPayload, type SignalPayload, signalPayload } from './payload.ts';
import { createSession } from './session.ts';

/** `co2_moer`: the marginal operating emissions rate; `co2_aoer`: the average one. */
export type WattTimeSignal = 'co2_moer' | 'co2_aoer';

/** Where a zone is in WattTime's own division of the world: its region, or a place in it. */
export type WattTimePlace =
  | { readonly region: string }
  | { readonly latitude: number; readonly longitude: number };

export interface WattTimeOptions extends HttpOptions {
  readonly username: string;
  readonly password: string;
  /** `co2_moer` unless said otherwise. A percentile (`signal-index`) is refused. */
  readonly signal?: WattTimeSignal;
  readonly places: Readonly<Record<ZoneCode, WattTimePlace>>;
  /** `https://api.watttime.org` unless a proxy or a test stands in. */
  readonly baseUrl?: string;
}

const NAME = 'watttime';
const UNITS = 'lbs_co2_per_mwh';
/** The documentation asks for no more than a look-up per month. */
const REGION_KEPT = 28 * DAY;
/** The longest span that `/v3/historical` takes is 32 days. */
const SPAN = 30 * DAY;
const MAX_HORIZON_HOURS = 72;

/**
 * WattTime API v3 (https://docs.watttime.org). Direct basis: operating emissions of CO2 at the plants, as both names say
 * ("marginal operating emissions rate", "average operating emissions rate"). `co2_moer` is the marginal signal: now and
 * ahead from `/v3/forecast`, so `estimated`. `co2_aoer` is the average one; it has a past only (`/v3/historical`).
 * Values are pounds per MWh, times 0.45359237 g/kWh, of five minutes, told as hourly means. Zero is real: the plant that
 * answers may be a curtailed wind farm. Throws `RangeError` for a signal that is no intensity.
 */
export function createWattTimeProvider(options: WattTimeOptions): CarbonProvider {
  const { clock } = options;
  const signal = checkedSignal(options.signal ?? 'co2_moer');
  const marginal = signal === 'co2_moer';
  const pair: SignalPair = { signal: marginal ? 'marginal' : 'average', basis: 'direct' };
  const baseUrl = options.baseUrl ?? 'https://api.watttime.org';
  const session = createSession({ ...options, provider: NAME, baseUrl });
  const places = new Map(Object.entries(options.places));
  const regions = new Map<ZoneCode, { region: string; since: Instant }>();

  async function regionOf(zone: ZoneCode, abort: AbortSignal | undefined): Promise<string> {
    const place = places.get(zone);
    if (place === undefined) {
      throw new ProviderError('unknown-zone', NAME, `zone ${zone} has no region or coordinates configured`);
    }
    if ('region' in place) return place.region;
    const known = regions.get(zone);
    if (known !== undefined && clock.now() < known.since + REGION_KEPT) return known.region;
    const query = {
      latitude: String(place.latitude),
      longitude: String(place.longitude),
      signal_type: signal,
    };
    const body = await session.get({ path: 'v3/region-from-loc', query, abort });
    const { region } = checkedPayload(NAME, regionPayload, body, `region of ${zone}`);
    regions.set(zone, { region, since: clock.now() });
    return region;
  }

  async function ask(
    path: string,
    zone: ZoneCode,
    query: Readonly<Record<string, string>>,
    abort: AbortSignal | undefined,
  ): Promise<SignalPayload> {
    const region = await regionOf(zone, abort);
    const body = await session.get({ path, query: { region, signal_type: signal, ...query }, abort });
    const what = `${path} of ${zone}`;
    const payload = checkedPayload(NAME, signalPayload, body, what);
    const { meta } = payload;
    if (meta.units === 'percentile') throw new ProviderError('bad-payload', NAME, PERCENTILE);
    if (meta.region !== region || meta.signal_type !== signal || meta.units !== UNITS) {
      throw new ProviderError(
        'bad-payload',
        NAME,
        `${what}: the answer is not ${signal} of region ${region} in ${UNITS}; the values are not used`,
      );
    }
    return payload;
  }

  const gate =
    (zone: ZoneCode) =>
    (value: unknown): number =>
      checkedGramsPerKwh(
        NAME,
        typeof value === 'number' ? value * GRAMS_PER_KWH_PER_POUND_PER_MWH : value,
        `${signal} of ${zone}`,
        { zeroIsReal: true },
      );

  const hourly = createHourlySource(NAME, pair, clock);

  async function past(
    zone: ZoneCode,
    from: Instant,
    to: Instant,
    abort: AbortSignal | undefined,
  ): Promise<readonly Slot[]> {
    const query = { start: new Date(from).toISOString(), end: new Date(to).toISOString() };
    return slotsOf(await ask('v3/historical', zone, query, abort));
  }

  async function latest(zone: ZoneCode, at: Instant, abort?: AbortSignal): Promise<Reading> {
    const slots = marginal
      ? slotsOf(await ask('v3/forecast', zone, { horizon_hours: '0' }, abort))
      : await past(zone, at - DAY, at, abort);
    return hourly.reading({ zone, slots, check: gate(zone) }, at, marginal);
  }

  async function forecast(
    zone: ZoneCode,
    at: Instant,
    horizon: Millis,
    abort?: AbortSignal,
  ): Promise<Forecast | null> {
    if (!marginal) return null;
    const hours = Math.min(MAX_HORIZON_HOURS, Math.ceil(horizon / HOUR));
    const payload = await ask('v3/forecast', zone, { horizon_hours: String(hours) }, abort);
    const generated = payload.meta.generated_at ?? null;
    const issuedAt = generated === null ? at : checkedInstant(NAME, generated, `forecast of ${zone}`);
    const series = { zone, slots: slotsOf(payload), check: gate(zone) };
    const ahead = hourly.forecast(series, at, horizon, issuedAt);
    if (ahead !== null) return ahead;
    throw new ProviderError('no-data', NAME, `forecast of ${zone} holds nothing from now on`);
  }

  async function history(
    zone: ZoneCode,
    from: Instant,
    to: Instant,
    abort?: AbortSignal,
  ): Promise<readonly Reading[]> {
    const slots: Slot[] = [];
    for (let start = from; start < to; start += SPAN) {
      slots.push(...(await past(zone, start, Math.min(to, start + SPAN), abort)));
    }
    return hourly.past({ zone, slots, check: gate(zone) }, from, to, false);
  }

  return {
    name: NAME,
    pair,
    countsAsFresh: true,
    covers: (zone) => places.has(zone),
    latest,
    forecast,
    history,
  };
}

const PERCENTILE =
  'a percentile ranks an hour within its own region and says nothing between regions, so it cannot place work; ' +
  'use signal co2_moer or co2_aoer, which need a plan that covers the region';

/** Configuration comes in as text, whatever the types say. */
function checkedSignal(signal: string): WattTimeSignal {
  if (signal === 'co2_moer' || signal === 'co2_aoer') return signal;
  if (/index|percent/i.test(signal)) throw new RangeError(`watttime: ${PERCENTILE}`);
  throw new RangeError('watttime: the signal is no carbon intensity; write co2_moer or co2_aoer');
}

function slotsOf({ data, meta }: SignalPayload): readonly Slot[] {
  const period = (meta.data_point_period_seconds ?? 5 * (MINUTE / SECOND)) * SECOND;
  return data.map(({ point_time: time, value }) => {
    const from = checkedInstant(NAME, time, 'a point');
    return { from, to: from + period, value };
  });
}
