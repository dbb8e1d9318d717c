import {
  type CarbonMap,
  HOUR,
  type Instant,
  MINUTE,
  type Millis,
  type ZoneState,
} from '@windvane/carbon-map';
import type { Outlook } from '../../outlook/outlook.ts';
import type { ClusterView } from '../plane.ts';

/**
 * Free room and whatever else is only read at a look changes without being told: every unit is looked at so often, also
 * while the map says the same.
 */
export const LOOK_EVERY: Millis = 15 * MINUTE;

/** Tells whether a version of the map is a reason to look at every unit. */
export interface News {
  /** Remembers what is told. A version that is told a second time is meant as a reason, whatever it says. */
  isReason(map: CarbonMap, outlook: Outlook, clusters: readonly ClusterView[], now: Instant): boolean;
}

/** Sources are asked every few minutes and most answer anew every hour: between them a version says what the last said. */
export function createNews(): News {
  let last: { readonly version: number; readonly said: string } | null = null;
  let lookedAt: Instant = Number.NEGATIVE_INFINITY;
  return {
    isReason(map, outlook, clusters, now) {
      const said = saidBy(map, outlook, clusters, now);
      const same = last !== null && last.said === said && last.version !== map.version;
      last = { version: map.version, said };
      if (same && now < lookedAt + LOOK_EVERY) return false;
      lookedAt = now;
      return true;
    },
  };
}

/** Everything in a version that a decision about these clusters turns on, as one text. A new hour is news. */
function saidBy(
  { pair, pairSince, oldPair, zones, at }: CarbonMap,
  outlook: Outlook,
  clusters: readonly ClusterView[],
  now: Instant,
): string {
  const { prices } = outlook;
  const places = clusters.map(({ name, zone }) => [
    prices?.replicaHour(name, now),
    zone === null ? null : prices?.electricity(zone, now),
  ]);
  const inUse = [...new Set(clusters.flatMap(({ zone }) => zone ?? []))];
  const known = inUse.map((zone) => [zone, zoneText(zones[zone]), pointsOf(outlook.expectation(zone))]);
  const hours = [at, now].map((each) => Math.floor(each / HOUR));
  return JSON.stringify([hours, pair, pairSince, oldPair, known, prices?.carbonPricePerKg, places]);
}

function zoneText(state: ZoneState | undefined): unknown {
  if (state === undefined) return null;
  const { reading, data, forecast } = state;
  if (reading === null) return [data];
  const { gramsPerKwh, source, estimated, validFrom } = reading;
  return [data, gramsPerKwh, source, estimated, validFrom, pointsOf(forecast)];
}

function pointsOf(
  ahead: Pick<NonNullable<ZoneState['forecast']>, 'points' | 'resolution'> | null,
): readonly unknown[] | null {
  if (ahead === null) return null;
  return [
    ahead.resolution,
    ...ahead.points.map(({ at, gramsPerKwh, expectedError }) => [at, gramsPerKwh, expectedError]),
  ];
}
