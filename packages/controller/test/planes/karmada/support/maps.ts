import type { CarbonMap, ZoneData, ZoneState } from '@windvane/carbon-map';
import { HOUR } from '@windvane/carbon-map';

let version = 0;

/** A map with these intensities (gCO2eq/kWh); null is a zone without data. */
export function mapOf(
  at: number,
  grams: Readonly<Record<string, number | null>>,
  data: ZoneData = 'live',
): CarbonMap {
  version += 1;
  const zones: Record<string, ZoneState> = {};
  for (const [zone, gramsPerKwh] of Object.entries(grams)) {
    zones[zone] = {
      zone,
      name: zone,
      reading:
        gramsPerKwh === null
          ? null
          : {
              zone,
              gramsPerKwh,
              signal: 'average',
              basis: 'lifecycle',
              source: 'test',
              estimated: false,
              validFrom: at,
              validTo: at + HOUR,
              fetchedAt: at,
            },
      data: gramsPerKwh === null ? null : data,
      forecast: null,
    };
  }
  return { version, at, pair: { signal: 'average', basis: 'lifecycle' }, pairSince: null, zones };
}
