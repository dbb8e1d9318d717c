import type { CarbonMap } from '../model/carbon-map.ts';
import type { ZoneCode } from '../model/reading.ts';

/** A zone after a change of the map's pair. */
export interface UnderOldPair {
  /** Last intensity under the pair that was left, in gCO2eq per kWh; null when it is not known. */
  readonly gramsPerKwh: number | null;
  /** The zone has a reading in the new pair that began after the change: what happened since speaks for itself. */
  readonly outdated: boolean;
}

/**
 * What is known of a zone under the pair that the map left; null when no pair was left, or every zone has newer readings.
 * Numbers of two pairs differ for reasons that are no change of any grid. After a change of pair a move therefore needs its
 * gain under the old pair too, or a reading newer than the change where it leaves and where it goes.
 */
export function underOldPair({ zones, pairSince, oldPair }: CarbonMap, zone: ZoneCode): UnderOldPair | null {
  if (oldPair === undefined || pairSince === null) return null;
  return {
    gramsPerKwh: oldPair.readings[zone]?.gramsPerKwh ?? null,
    outdated: (zones[zone]?.reading?.validFrom ?? -Infinity) >= pairSince,
  };
}
