import type { Forecast, Reading, SignalPair, ZoneCode } from './reading.ts';
import type { Instant } from './time.ts';

/**
 * How much a number is worth.
 * `live`: a fresh reading of a provider other than `baseline`; `baseline`: a yearly average;
 * `stale`: the last reading has outlived its validity by more than the allowed age. `mixed` describes several zones.
 */
export type ZoneData = 'live' | 'baseline' | 'stale';
export type DataQuality = ZoneData | 'mixed';

/** Everything that the map knows of one zone, in the pair of the map. */
export interface ZoneState {
  readonly zone: ZoneCode;
  /** English name for people, for example `Germany`. */
  readonly name: string;
  /** Null when no provider of the zone's chain answers in the pair of the map (`NoData`). */
  readonly reading: Reading | null;
  readonly data: ZoneData | null;
  readonly forecast: Forecast | null;
}

/** The pair that the map left last, and the readings under it: see `underOldPair`. */
export interface OldPair {
  readonly pair: SignalPair;
  readonly readings: Readonly<Record<ZoneCode, Reading>>;
}

/** One whole version of the map. Never changed after it was made; a newer one has a larger `version`. */
export interface CarbonMap {
  readonly version: number;
  readonly at: Instant;
  /** The one pair in which zones of this version may be compared. */
  readonly pair: SignalPair;
  /** When `pair` last changed; null if it never did. */
  readonly pairSince: Instant | null;
  /** There after a change of pair until every zone has a reading newer than the change. */
  readonly oldPair?: OldPair;
  readonly zones: Readonly<Record<ZoneCode, ZoneState>>;
}

/** Sums up the quality of several zones: the common value, `mixed` when they differ, `stale` for none at all. */
export function combinedQuality(states: Iterable<ZoneData | null>): DataQuality {
  const kinds = new Set<ZoneData>();
  for (const state of states) if (state !== null) kinds.add(state);
  const [first] = kinds;
  if (first === undefined) return 'stale';
  return kinds.size === 1 ? first : 'mixed';
}
