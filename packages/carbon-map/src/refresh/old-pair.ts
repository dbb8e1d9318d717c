import type { CarbonMap, OldPair } from '../model/carbon-map.ts';
import { type Reading, type SignalPair, samePair, type ZoneCode } from '../model/reading.ts';
import type { Instant } from '../model/time.ts';

/** The pair of a new version and what is left of the one before. */
export interface PairState {
  readonly pairSince: Instant | null;
  readonly oldPair?: OldPair;
}

/**
 * Carries the readings of the pair that the map left: for as long as some zone of the map has no reading in the new pair
 * that began after the change. Until then a move has to be worth it under the old pair too.
 * @param current readings of the new version in its pair, by zone
 * @param underPair readings of a zone in any pair, as of this round
 */
export function pairState(
  before: CarbonMap,
  pair: SignalPair,
  at: Instant,
  current: ReadonlyMap<ZoneCode, Reading>,
  underPair: (zone: ZoneCode, pair: SignalPair) => Reading | undefined,
): PairState {
  const changed = before.version > 0 && !samePair(before.pair, pair);
  const pairSince = changed ? at : before.pairSince;
  const left = changed ? before.pair : before.oldPair?.pair;
  if (pairSince === null || left === undefined || samePair(left, pair)) return { pairSince };
  if ([...current.values()].every(({ validFrom }) => validFrom >= pairSince)) return { pairSince };
  const earlier = changed
    ? (zone: ZoneCode) => before.zones[zone]?.reading
    : (zone: ZoneCode) => before.oldPair?.readings[zone];
  const readings: Record<ZoneCode, Reading> = {};
  for (const zone of current.keys()) {
    const reading = underPair(zone, left) ?? earlier(zone);
    if (reading !== undefined && reading !== null && samePair(reading, left)) readings[zone] = reading;
  }
  return { pairSince, oldPair: { pair: left, readings } };
}
