import type { CarbonMap } from '../model/carbon-map.ts';
import type { ZoneCode } from '../model/reading.ts';

/** Why a move between two zones may or may not rest on a map whose pair changed. */
export type PairChangeVerdict =
  /** The pair never changed. */
  | 'unchanged'
  /** Both zones have a reading in the new pair that began after the change. */
  | 'newer-readings'
  /** The move would also gain under the pair that was left. */
  | 'gains-under-old-pair'
  /** Neither: the gain may come from the change of pair alone. */
  | 'not-yet';

/**
 * Numbers of two pairs differ for reasons that are no change of any grid. After a change of pair a move therefore needs its
 * gain under the old pair too, or a reading newer than the change.
 * @param minGain the least relative gain that is worth a move, 0..1
 */
export function moveAfterPairChange(
  map: CarbonMap,
  from: ZoneCode,
  to: ZoneCode,
  minGain: number,
): PairChangeVerdict {
  const { pairSince, oldPair } = map;
  if (pairSince === null) return 'unchanged';
  const isNewer = (zone: ZoneCode): boolean =>
    (map.zones[zone]?.reading?.validFrom ?? -Infinity) >= pairSince;
  if (isNewer(from) && isNewer(to)) return 'newer-readings';
  const left = oldPair?.readings[from]?.gramsPerKwh;
  const fed = oldPair?.readings[to]?.gramsPerKwh;
  if (left === undefined || fed === undefined) return 'not-yet';
  return fed < left * (1 - minGain) ? 'gains-under-old-pair' : 'not-yet';
}
