import type { Forecast, Instant, ZoneCode } from '@windvane/carbon-map';
import type { PastForecast } from '../engine/problem.ts';

/** What is expected of one zone, before any cluster's PUE; without points when the present value is all that is known. */
export interface Expectation extends Pick<Forecast, 'points' | 'resolution'> {
  /** See `ClusterOption.pastForecasts`; one list for all clusters and units of the zone. */
  readonly pastForecasts: readonly PastForecast[];
}

/** What is known of the prices of one zone or cluster. */
export type KnownPrices =
  /** No source of prices is responsible for it. */
  | { readonly state: 'uncovered' }
  /** Its source was not asked yet. */
  | { readonly state: 'unasked' }
  /** One price an hour from the present hour on, as far as they are known without a gap: none when the present one is missing. */
  | { readonly state: 'asked'; readonly source: string; readonly prices: readonly number[] };

/** Prices in one currency, answered from memory. */
export interface PriceTable {
  /** ISO 4217. */
  readonly currency: string;
  /** Worth of a kg of CO2e in that currency; null when nobody says. */
  readonly carbonPricePerKg: number | null;
  /** Of a kWh. */
  electricity(zone: ZoneCode, at: Instant): KnownPrices;
  /** Of one replica for an hour, all that it costs. */
  replicaHour(cluster: string, at: Instant): KnownPrices;
}

/**
 * What decisions look ahead with, beside the map: worked out once for a version of the map and shared by all units of
 * all planes. Answers at once.
 */
export interface Outlook {
  /** Null when the map's own forecast is all there is. */
  expectation(zone: ZoneCode): Expectation | null;
  /** Null without any prices in the configuration. */
  readonly prices: PriceTable | null;
}

/** Nothing beyond the map. */
export const noOutlook: Outlook = { expectation: () => null, prices: null };

/** Where the outlook ends the map's own forecast goes on, if it joins without a gap and at the same steps: Jobs look far. */
export function joined(outlook: Expectation | null, map: Forecast | null): Expectation | null {
  const last = outlook?.points.at(-1);
  if (outlook === null || last === undefined || map?.resolution !== outlook.resolution) return outlook;
  const end = last.at + outlook.resolution;
  const far = map.points.filter((point) => point.at >= end);
  return far[0]?.at === end ? { ...outlook, points: [...outlook.points, ...far] } : outlook;
}
