import type { ZoneCode } from '../../model/reading.ts';
import { HOUR, type Instant } from '../../model/time.ts';
import { checkedGramsPerKwh } from '../check.ts';
import type { ProviderError } from '../provider.ts';
import { type CsvSource, instantReader, readCsv } from './csv.ts';

/** Hourly values of one zone, ascending by hour. */
export interface IntensitySeries {
  readonly hours: readonly Instant[];
  readonly grams: readonly number[];
}

const COLUMNS = ['timestamp_utc', 'zone', 'carbon_intensity_g_per_kwh'] as const;

/** Reads the traces' format: one row per zone and hour. Throws {@link ProviderError} naming file, line, column and remedy. */
export async function readIntensities(
  source: CsvSource,
  provider: string,
): Promise<ReadonlyMap<ZoneCode, IntensitySeries>> {
  const byZone = new Map<ZoneCode, Map<Instant, number>>();
  const instantOf = instantReader(COLUMNS[0]);
  for await (const row of readCsv(source, provider, COLUMNS)) {
    const [time = '', zone = '', value = ''] = row.fields;
    const hour = instantOf(row, time);
    if (hour % HOUR !== 0) throw row.bad(COLUMNS[0], 'rows are hourly: write the start of an hour');
    if (zone === '') throw row.bad(COLUMNS[1], 'write the zone code, such as DE');
    let series = byZone.get(zone);
    if (series === undefined) byZone.set(zone, (series = new Map()));
    if (series.has(hour)) throw row.bad(COLUMNS[0], `zone ${zone} has this hour twice: keep one row`);
    series.set(
      hour,
      gramsOf(value, () => row.bad(COLUMNS[2], 'write gCO2eq per kWh, above 0 and at most 2500'), provider),
    );
  }
  return new Map([...byZone].map(([zone, series]) => [zone, sorted(series)]));
}

/** A value of a CSV field; `bad` makes the error. An empty field is not zero, which is what Number('') would say. */
export function gramsOf(text: string, bad: () => ProviderError, provider: string): number {
  if (text === '') throw bad();
  try {
    return checkedGramsPerKwh(provider, Number(text), 'value');
  } catch {
    throw bad();
  }
}

function sorted(series: Map<Instant, number>): IntensitySeries {
  const entries = [...series].sort(([a], [b]) => a - b);
  return { hours: entries.map(([hour]) => hour), grams: entries.map(([, grams]) => grams) };
}
