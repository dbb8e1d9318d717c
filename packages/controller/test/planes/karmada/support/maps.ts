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

/** The same map with hourly forecasts (gCO2eq/kWh) from its own hour on. */
export function withForecasts(map: CarbonMap, ahead: Readonly<Record<string, readonly number[]>>): CarbonMap {
  const first = Math.floor(map.at / HOUR) * HOUR;
  const zones = Object.entries(map.zones).map(([zone, state]) => {
    const values = ahead[zone];
    if (values === undefined) return [zone, state] as const;
    const points = values.map((gramsPerKwh, hour) => ({
      at: first + hour * HOUR,
      gramsPerKwh,
      expectedError: null,
    }));
    const forecast = { zone, issuedAt: map.at, source: 'test', resolution: HOUR, points };
    return [zone, { ...state, forecast }] as const;
  });
  return { ...map, zones: Object.fromEntries(zones) };
}
