import { createRequire } from 'node:module';
import { z } from 'zod';
import type { ZoneCode } from '../model/reading.ts';

/** A zone that Electricity Maps publishes yearly figures for. */
interface ListedZone {
  readonly zone: ZoneCode;
  /** English name, for example `South Central Sweden`. */
  readonly name: string;
  /** Yearly mean in gCO2eq per kWh, average and life-cycle; null where the table has none. */
  readonly yearlyGramsPerKwh: number | null;
}

/** The zone list with the year that its figures describe. */
export interface ZoneList {
  readonly year: number;
  readonly zones: ReadonlyMap<ZoneCode, ListedZone>;
}

const yearTable = z.object({
  data: z.record(
    z.string(),
    z.object({
      zone: z.object({ zoneName: z.string() }),
      carbonIntensity: z.object({ value: z.number().nullish(), unit: z.literal('gCO2eq/kWh') }),
    }),
  ),
});

let cached: ZoneList | undefined;

/**
 * The zones of Electricity Maps with their yearly averages, from the newest table in `@tgwf/co2`
 * (contains information from Electricity Maps, made available under the Open Database License 1.0).
 */
export function zoneList(): ZoneList {
  cached ??= loadNewestYear();
  return cached;
}

function loadNewestYear(): ZoneList {
  // The package ships no types, so its content is checked here like any other outside data.
  const require = createRequire(import.meta.url);
  const tables = z.record(z.string(), z.unknown()).parse(require('@tgwf/co2/data/electricity-maps'));
  const years = Object.keys(tables)
    .map((key) => /^yearly(\d{4})$/.exec(key)?.[1])
    .filter((year) => year !== undefined)
    .map(Number);
  const year = Math.max(...years);
  const { data } = yearTable.parse(tables[`yearly${year}`]);
  const zones = new Map<ZoneCode, ListedZone>();
  for (const [zone, row] of Object.entries(data)) {
    const value = row.carbonIntensity.value ?? null;
    // A yearly mean of zero is a hole in the table, not a clean grid.
    zones.set(zone, { zone, name: row.zone.zoneName, yearlyGramsPerKwh: value === 0 ? null : value });
  }
  return { year, zones };
}
