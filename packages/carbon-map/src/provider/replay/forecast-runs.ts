import type { ZoneCode } from '../../model/reading.ts';
import { HOUR, type Instant } from '../../model/time.ts';
import { type CsvSource, instantReader, readCsv } from './csv.ts';
import { gramsOf } from './intensity-series.ts';

/** One forecast of one zone as it was issued; points ascend hour by hour, without gaps. */
export interface ForecastRun {
  readonly issuedAt: Instant;
  readonly points: { readonly at: Instant; readonly gramsPerKwh: number }[];
}

const COLUMNS = ['issued_at', 'target_time', 'zone', 'forecast'] as const;

/** Reads issued forecasts, the runs of each zone ascending by time of issue. Throws {@link ProviderError} as the intensities do. */
export async function readForecastRuns(
  source: CsvSource,
  provider: string,
): Promise<ReadonlyMap<ZoneCode, readonly ForecastRun[]>> {
  const byZone = new Map<ZoneCode, Map<Instant, ForecastRun>>();
  const issuedOf = instantReader(COLUMNS[0]);
  const targetOf = instantReader(COLUMNS[1]);
  for await (const row of readCsv(source, provider, COLUMNS)) {
    const [issued = '', target = '', zone = '', value = ''] = row.fields;
    const issuedAt = issuedOf(row, issued);
    const at = targetOf(row, target);
    if (at < issuedAt) throw row.bad(COLUMNS[1], 'a forecast is of a time at or after its issue');
    if (at % HOUR !== 0) throw row.bad(COLUMNS[1], 'points are hourly: write the start of an hour');
    if (zone === '') throw row.bad(COLUMNS[2], 'write the zone code, such as DE');
    const gramsPerKwh = gramsOf(
      value,
      () => row.bad(COLUMNS[3], 'write gCO2eq per kWh, above 0 and at most 2500'),
      provider,
    );
    let runs = byZone.get(zone);
    if (runs === undefined) byZone.set(zone, (runs = new Map()));
    let run = runs.get(issuedAt);
    if (run === undefined) runs.set(issuedAt, (run = { issuedAt, points: [] }));
    run.points.push({ at, gramsPerKwh });
  }
  return new Map([...byZone].map(([zone, runs]) => [zone, sorted(runs)]));
}

function sorted(runs: Map<Instant, ForecastRun>): readonly ForecastRun[] {
  for (const run of runs.values()) {
    run.points.sort((a, b) => a.at - b.at);
    // What stands behind a gap is left out: whoever reads points by position must not be led astray.
    const gap = run.points.findIndex((point, i) => i > 0 && point.at !== (run.points[i - 1]?.at ?? 0) + HOUR);
    if (gap > 0) run.points.length = gap;
  }
  return [...runs.values()].sort((a, b) => a.issuedAt - b.issuedAt);
}
