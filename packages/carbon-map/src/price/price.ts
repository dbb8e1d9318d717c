import { HOUR, type Instant, startOfHour } from '../model/time.ts';

/** What a price is the price of: a kWh in a zone, or one replica for an hour in a cluster. */
export type PriceUnit = 'kWh' | 'replica-hour';

/** Prices of one zone or cluster, hour by hour. */
export interface HourlyPrices {
  /** ISO 4217 code of every price here. */
  readonly currency: string;
  /** Name of the source that said so. */
  readonly source: string;
  /** Start of the first hour. */
  readonly from: Instant;
  /** One price per hour; null where none is known, which is never the same as 0. Negative prices are real. */
  readonly prices: readonly (number | null)[];
}

/**
 * A source of prices by zone (`PriceSource<'kWh'>`, the key a zone code) or by cluster (`PriceSource<'replica-hour'>`,
 * the key a cluster's name). Throws nothing but `ProviderError` when it cannot be asked; a price that it does not have is null.
 */
export interface PriceSource<Unit extends PriceUnit = PriceUnit> {
  /** Stable name that shows as `source`. */
  readonly name: string;
  readonly unit: Unit;
  readonly currency: string;
  /** Whether asking for this key can succeed at all; answers without a network. */
  covers(key: string): boolean;
  /** Looks again at what it covers, where that may change. */
  load?(): Promise<void>;
  /** Prices of every hour that begins in [start of the hour of `from`, to). */
  hourly(key: string, from: Instant, to: Instant, abort?: AbortSignal): Promise<HourlyPrices>;
}

/** A price that is needed is not known. */
export class PriceMissing extends Error {
  override readonly name = 'PriceMissing';
  /** Zone or cluster. */
  readonly key: string;
  readonly at: Instant;
  readonly source: string;

  constructor(key: string, at: Instant, source: string) {
    super(`${source} has no price of ${key} for the hour of ${new Date(at).toISOString()}`);
    this.key = key;
    this.at = at;
    this.source = source;
  }
}

/** The price of the hour that holds `at`; null when it is not known. */
export function priceAt(hourly: HourlyPrices, at: Instant): number | null {
  return hourly.prices[Math.floor((at - hourly.from) / HOUR)] ?? null;
}

/** The price of the hour that holds `at`. Throws {@link PriceMissing}. */
export function requiredPriceAt(hourly: HourlyPrices, key: string, at: Instant): number {
  const price = priceAt(hourly, at);
  if (price === null) throw new PriceMissing(key, startOfHour(at), hourly.source);
  return price;
}

/**
 * The mean price over [from, to), each hour by the part of it that lies inside; the price now when the window is empty.
 * Throws {@link PriceMissing} when an hour of it has none.
 */
export function meanPrice(hourly: HourlyPrices, key: string, from: Instant, to: Instant): number {
  if (to <= from) return requiredPriceAt(hourly, key, from);
  let sum = 0;
  for (let hour = startOfHour(from); hour < to; hour += HOUR) {
    const inside = Math.min(to, hour + HOUR) - Math.max(from, hour);
    sum += requiredPriceAt(hourly, key, hour) * inside;
  }
  return sum / (to - from);
}

/** The starts of the hours that a question is about. */
export function hoursOf(from: Instant, to: Instant): readonly Instant[] {
  const first = startOfHour(from);
  return Array.from({ length: Math.max(0, Math.ceil((to - first) / HOUR)) }, (_, i) => first + i * HOUR);
}

/** ISO 4217 code in capitals. Throws `RangeError` for what is none. */
export function checkedCurrency(code: string): string {
  const upper = code.trim().toUpperCase();
  if (/^[A-Z]{3}$/.test(upper)) return upper;
  throw new RangeError(`"${code}" is no currency: write an ISO 4217 code such as EUR`);
}
