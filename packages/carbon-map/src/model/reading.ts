import type { Instant, Millis } from './time.ts';

/** An Electricity Maps zone code, for example `DE` or `US-MIDA-PJM`. */
export type ZoneCode = string;

/** What the number counts: the mix of all generation, or the plant that answers one more unit of demand. */
export type Signal = 'average' | 'marginal';

/** Whether upstream emissions (building the plant, mining the fuel) are included. */
export type Basis = 'lifecycle' | 'direct';

/** Two numbers may be compared only when both of these agree. */
export interface SignalPair {
  readonly signal: Signal;
  readonly basis: Basis;
}

/** The carbon intensity of one zone over [validFrom, validTo), as one source reported it. */
export interface Reading extends SignalPair {
  readonly zone: ZoneCode;
  /** gCO2eq per kWh; finite, 0..2,500. */
  readonly gramsPerKwh: number;
  /** Name of the provider that said so, for example `electricity-maps`. */
  readonly source: string;
  /** True while the source calls the value an estimate that it will revise. */
  readonly estimated: boolean;
  readonly validFrom: Instant;
  readonly validTo: Instant;
  readonly fetchedAt: Instant;
}

/** The expected mean intensity over [at, at + resolution). */
export interface ForecastPoint {
  readonly at: Instant;
  /** gCO2eq per kWh; finite, 0..2,500. */
  readonly gramsPerKwh: number;
  /** Expected absolute error of this point in gCO2eq per kWh; null while it is not known. */
  readonly expectedError: number | null;
}

/** What one source expects of one zone, in the pair that it declares. Points ascend by `at`, without gaps. */
export interface Forecast extends SignalPair {
  readonly zone: ZoneCode;
  readonly source: string;
  readonly issuedAt: Instant;
  readonly resolution: Millis;
  readonly points: readonly ForecastPoint[];
}

/** The largest intensity that is believed, in gCO2eq per kWh: twice the dirtiest grid on record. */
export const MAX_GRAMS_PER_KWH = 2_500;

/** Grams per kWh in one pound per MWh. */
export const GRAMS_PER_KWH_PER_POUND_PER_MWH = 0.453_592_37;

/** Whether two pairs agree, so that their numbers may be compared. */
export function samePair(a: SignalPair, b: SignalPair): boolean {
  return a.signal === b.signal && a.basis === b.basis;
}

/** A pair as text, `average/lifecycle`: for keys and for people. */
export function pairName(pair: SignalPair): string {
  return `${pair.signal}/${pair.basis}`;
}
