import type { ZoneCode } from '../model/reading.ts';
import { DAY, HOUR, type Instant, MINUTE, type Millis, startOfHour } from '../model/time.ts';
import { checkedPayload } from '../provider/check.ts';
import { pricePayload } from '../provider/energy-charts/payload.ts';
import { slotsOf } from '../provider/energy-charts/slots.ts';
import { getJson, type HttpOptions } from '../provider/http.ts';
import { minuteText } from '../provider/minute-text.ts';
import { nullIf } from '../provider/points.ts';
import { ProviderError } from '../provider/provider.ts';
import { BIDDING_ZONE_OF } from './bidding-zones.ts';
import { hoursOf, type PriceSource } from './price.ts';

export interface DayAheadPricesOptions extends HttpOptions {
  /** `https://api.energy-charts.info` unless a proxy or a test stands in. */
  readonly baseUrl?: string;
  /** Bidding zone of the API by zone, beside or in place of the built-in ones. */
  readonly biddingZones?: Readonly<Record<ZoneCode, string>>;
  /** How long an answer is kept (30 minutes): tomorrow's prices come once a day, at about 13:00 in Central Europe. */
  readonly keepFor?: Millis;
}

const NAME = 'energy-charts';
const CURRENCY = 'EUR';
/** The market's limits have been -500 and 5,000 EUR/MWh; nothing beyond twice that is believed. */
const MAX_EUR_PER_MWH = 10_000;

/**
 * Day-ahead prices of European bidding zones from Energy-Charts (`/price`), without taxes and grid fees: EUR per kWh,
 * quarter hours told as hourly means. Hours that the auction has not priced yet are null; negative prices are kept.
 * Prices of some zones are licensed for private and internal use only: the API says so in `license_info`.
 */
export function createDayAheadPrices(options: DayAheadPricesOptions): PriceSource<'kWh'> {
  const { clock } = options;
  const baseUrl = options.baseUrl ?? 'https://api.energy-charts.info';
  const keepFor = options.keepFor ?? 30 * MINUTE;
  const biddingZones = new Map(Object.entries({ ...BIDDING_ZONE_OF, ...options.biddingZones }));
  const kept = new Map<string, Kept>();

  async function fetchPrices(bzn: string, from: Instant, to: Instant, abort?: AbortSignal): Promise<Prices> {
    const query = { bzn, start: minuteText(from), end: minuteText(to) };
    // The API answers 404 for a bidding zone without prices in that span.
    const kinds = { 404: 'no-data' } as const;
    const payload = await nullIf(
      'no-data',
      getJson({ provider: NAME, baseUrl, path: 'price', query, abort, kinds }, options).then((body) =>
        checkedPayload(NAME, pricePayload, body, `price of ${bzn}`),
      ),
    );
    if (payload === null) return new Map();
    if (payload.unit.replaceAll(' ', '') !== 'EUR/MWh') {
      throw new ProviderError('bad-payload', NAME, `price of ${bzn} is not in EUR/MWh; it is not used`);
    }
    return hourlyMeans(slotsOf(payload.unix_seconds, payload.price), bzn);
  }

  async function pricesOf(bzn: string, from: Instant, to: Instant, abort?: AbortSignal): Promise<Prices> {
    const known = kept.get(bzn);
    const now = clock.now();
    if (known !== undefined && now < known.at + keepFor && known.from <= from && known.to >= to) {
      return known.prices;
    }
    // Wider than asked, so that the question an hour later is answered by it too.
    const span = { from: startOfHour(from) - HOUR, to: Math.max(to, from + 2 * DAY) };
    const prices = await fetchPrices(bzn, span.from, span.to, abort);
    kept.set(bzn, { ...span, at: now, prices });
    return prices;
  }

  return {
    name: NAME,
    unit: 'kWh',
    currency: CURRENCY,
    covers: (zone) => biddingZones.has(zone),
    async hourly(zone, from, to, abort) {
      const hours = hoursOf(from, to);
      const bzn = biddingZones.get(zone);
      if (bzn === undefined) {
        throw new ProviderError('unknown-zone', NAME, `zone ${zone} has no bidding zone here; configure one`);
      }
      const known = hours.length === 0 ? new Map() : await pricesOf(bzn, from, to, abort);
      const prices = hours.map((hour) => known.get(hour) ?? null);
      return { currency: CURRENCY, source: NAME, from: hours[0] ?? from, prices };
    },
  };
}

type Prices = ReadonlyMap<Instant, number>;

interface Kept {
  readonly from: Instant;
  readonly to: Instant;
  readonly at: Instant;
  readonly prices: Prices;
}

/** EUR per kWh by hour, for the hours that are priced from end to end. */
function hourlyMeans(slots: ReturnType<typeof slotsOf>, bzn: string): Prices {
  const byHour = new Map<Instant, Map<Instant, { price: number; length: Millis }>>();
  for (const { from, to, value } of slots) {
    const price = checkedPrice(value, bzn);
    if (price === null) continue;
    const hour = startOfHour(from);
    const parts = byHour.get(hour) ?? new Map();
    const twin = parts.get(from);
    if (twin !== undefined && twin.price !== price) {
      const when = new Date(from).toISOString();
      throw new ProviderError('bad-payload', NAME, `price of ${bzn}: two values for ${when}`);
    }
    byHour.set(hour, parts.set(from, { price, length: to - from }));
  }
  const means = new Map<Instant, number>();
  for (const [hour, parts] of byHour) {
    const list = [...parts.values()];
    const covered = list.reduce((sum, { length }) => sum + length, 0);
    const weighted = list.reduce((sum, { price, length }) => sum + price * length, 0);
    if (covered === HOUR) means.set(hour, weighted / HOUR / 1_000);
  }
  return means;
}

function checkedPrice(value: unknown, bzn: string): number | null {
  if (value === null) return null;
  if (typeof value === 'number' && Math.abs(value) <= MAX_EUR_PER_MWH) return value;
  throw new ProviderError('bad-payload', NAME, `price of ${bzn} holds what is no price of electricity`);
}
