import type { Forecast, Reading, SignalPair, ZoneCode } from '../../model/reading.ts';
import { HOUR, type Instant, type Millis, startOfHour } from '../../model/time.ts';
import { type CarbonProvider, ProviderError } from '../provider.ts';
import { type CsvSource, csvName } from './csv.ts';
import { type ForecastRun, readForecastRuns } from './forecast-runs.ts';
import { type IntensitySeries, readIntensities } from './intensity-series.ts';

export interface ReplayOptions {
  /** Rows `timestamp_utc,zone,carbon_intensity_g_per_kwh`: hourly means, UTC. */
  readonly csv: CsvSource;
  /** Rows `issued_at,target_time,zone,forecast`, the forecast being known from `issued_at` on. */
  readonly forecasts?: CsvSource;
  /** What the numbers are (average, lifecycle). */
  readonly pair?: SignalPair;
}

/** What a file holds. */
export interface ReplayCoverage {
  readonly zones: readonly ZoneCode[];
  /** First hour of any zone, and the end of the last one. */
  readonly from: Instant;
  readonly to: Instant;
}

export interface ReplayProvider extends CarbonProvider {
  /** Reads the files now, so that a mistake in them shows at the start. Throws {@link ProviderError}. */
  load(): Promise<ReplayCoverage>;
}

/**
 * Readings and forecasts from CSV files, as if they came in live. The value of an hour is known from its start;
 * nothing after the moment asked is ever told. Zones need not be in the zone list. Counts as live; `source` is `replay`.
 */
export function createReplayProvider(options: ReplayOptions): ReplayProvider {
  const name = 'replay';
  const pair = options.pair ?? { signal: 'average', basis: 'lifecycle' };
  let loading: Promise<Tables> | undefined;
  let loaded: Tables | undefined;

  async function tables(): Promise<Tables> {
    loading ??= readTables(options, name);
    loaded = await loading;
    return loaded;
  }

  async function seriesOf(zone: ZoneCode): Promise<IntensitySeries> {
    const series = (await tables()).intensities.get(zone);
    if (series === undefined) {
      throw new ProviderError('unknown-zone', name, `${csvName(options.csv)} has no rows of zone ${zone}`);
    }
    return series;
  }

  const reading = (zone: ZoneCode, hour: Instant, gramsPerKwh: number, fetchedAt: Instant): Reading => ({
    zone,
    gramsPerKwh,
    ...pair,
    source: name,
    estimated: false,
    validFrom: hour,
    validTo: hour + HOUR,
    fetchedAt,
  });

  return {
    name,
    pair,
    countsAsFresh: true,
    covers: (zone) => loaded === undefined || loaded.intensities.has(zone),
    async load() {
      const { intensities } = await tables();
      const series = [...intensities.values()];
      return {
        zones: [...intensities.keys()],
        from: Math.min(...series.map(({ hours }) => hours[0] ?? Infinity)),
        to: Math.max(...series.map(({ hours }) => hours.at(-1) ?? -Infinity)) + HOUR,
      };
    },
    async latest(zone, at) {
      const { hours, grams } = await seriesOf(zone);
      const index = countUpTo(hours, at) - 1;
      const hour = hours[index];
      const value = grams[index];
      if (hour === undefined || value === undefined) {
        throw new ProviderError(
          'no-data',
          name,
          `${csvName(options.csv)} starts after ${new Date(at).toISOString()} in zone ${zone}`,
        );
      }
      return reading(zone, hour, value, at);
    },
    async forecast(zone, at, horizon) {
      const runs = (await tables()).runs.get(zone) ?? [];
      const run =
        runs[
          countUpTo(
            runs.map((candidate) => candidate.issuedAt),
            at,
          ) - 1
        ];
      return run === undefined ? null : cut(zone, run, at, horizon);
    },
    async history(zone, from, to) {
      const { hours, grams } = await seriesOf(zone);
      const first = countUpTo(hours, from - 1);
      const last = countUpTo(hours, to - 1);
      return hours
        .slice(first, last)
        .map((hour, i) => reading(zone, hour, grams[first + i] ?? Number.NaN, hour));
    },
  };

  function cut(zone: ZoneCode, run: ForecastRun, at: Instant, horizon: Millis): Forecast | null {
    const from = startOfHour(at);
    const points = run.points
      .filter((point) => point.at >= from && point.at < at + horizon)
      .map((point) => ({ ...point, expectedError: null }));
    if (points.length === 0) return null;
    return { zone, ...pair, source: name, issuedAt: run.issuedAt, resolution: HOUR, points };
  }
}

interface Tables {
  readonly intensities: ReadonlyMap<ZoneCode, IntensitySeries>;
  readonly runs: ReadonlyMap<ZoneCode, readonly ForecastRun[]>;
}

async function readTables(options: ReplayOptions, name: string): Promise<Tables> {
  const intensities = await readIntensities(options.csv, name);
  const runs = options.forecasts === undefined ? new Map() : await readForecastRuns(options.forecasts, name);
  return { intensities, runs };
}

/** How many of the ascending instants are at or before `at`. */
function countUpTo(instants: readonly Instant[], at: Instant): number {
  let low = 0;
  let high = instants.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((instants[middle] ?? Infinity) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}
