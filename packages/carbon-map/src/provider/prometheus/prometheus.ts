import type { Reading, Signal, SignalPair, ZoneCode } from '../../model/reading.ts';
import { HOUR, type Instant, MINUTE, type Millis, SECOND, startOfHour } from '../../model/time.ts';
import { checkedGramsPerKwh, checkedPayload } from '../check.ts';
import type { Slot } from '../hourly.ts';
import { createHourlySource } from '../hourly-source.ts';
import { basicAuth, getJson, type HttpOptions } from '../http.ts';
import { type CarbonProvider, ProviderError } from '../provider.ts';
import { queryPayload, type Series } from './payload.ts';
import {
  type CarbonSeries,
  oneSeries,
  type PrometheusUnit,
  sampleTime,
  sampleValue,
  slotsOfSamples,
} from './series.ts';

export interface PrometheusOptions extends HttpOptions {
  /** Where `/api/v1` stands, for example `http://prometheus.monitoring:9090`. */
  readonly baseUrl: string;
  /** What the series are: PromQL does not say. */
  readonly pair: SignalPair;
  /** PromQL by zone, each finding one series. See {@link gridIntensityGoQuery} for one. */
  readonly queries: Readonly<Record<ZoneCode, string>>;
  /** Unit of series without a label `units` (`gCO2e per kWh`). */
  readonly unit?: PrometheusUnit;
  /** How far back a sample may lie (6 hours): exporters that set a source's own time are behind by hours. */
  readonly window?: Millis;
  /** Whether zero is a value (false): exporters write it when they have none. */
  readonly zeroIsReal?: boolean;
  /** Bearer token. */
  readonly token?: string;
  /** Basic authentication, in place of a token. */
  readonly username?: string;
  readonly password?: string;
}

const NAME = 'prometheus';
/** Prometheus looks back this far for the newest sample, unless its `--query.lookback-delta` says otherwise. */
const STALENESS = 5 * MINUTE;
/** A selector and nothing else, so that its raw samples can be had with their own times. */
const SELECTOR = /^\s*[a-z_:][a-z0-9_:]*\s*(\{[^{}]*\})?\s*$/i;

/**
 * Any PromQL that yields carbon intensity, through the HTTP API v1. Signal and basis are what the configuration says.
 * A plain selector is read as raw samples, with the times that they were taken at; the value at the end of any other
 * expression may be as old as Prometheus looks back, and is dated so. The reading is the mean of the hour so far.
 * It has no forecast.
 */
export function createPrometheusProvider(options: PrometheusOptions): CarbonProvider {
  const { clock, baseUrl, pair } = options;
  const queries = new Map(Object.entries(options.queries));
  const window = options.window ?? 6 * HOUR;
  const zeroIsReal = options.zeroIsReal ?? false;
  const headers = authorization(options);

  function queryOf(zone: ZoneCode): string {
    const query = queries.get(zone);
    if (query === undefined)
      throw new ProviderError('unknown-zone', NAME, `zone ${zone} has no query configured`);
    return query;
  }

  async function ask(
    path: string,
    zone: ZoneCode,
    query: Readonly<Record<string, string>>,
    abort: AbortSignal | undefined,
  ): Promise<readonly Series[]> {
    const body = await getJson({ provider: NAME, baseUrl, path, query, headers, abort }, options);
    return checkedPayload(NAME, queryPayload, body, `the answer for ${zone}`);
  }

  const gate =
    (zone: ZoneCode, { gramsPerUnit }: CarbonSeries) =>
    (value: unknown): number => {
      const number = sampleValue(value);
      const grams = typeof number === 'number' ? number * gramsPerUnit : number;
      return checkedGramsPerKwh(NAME, grams, `intensity of ${zone}`, { zeroIsReal });
    };

  const hourly = createHourlySource(NAME, pair, clock);

  async function latest(zone: ZoneCode, at: Instant, abort?: AbortSignal): Promise<Reading> {
    const expression = queryOf(zone);
    const raw = SELECTOR.test(expression);
    const query = raw ? `${expression.trim()}[${window / SECOND}s]` : expression;
    const answer = await ask('api/v1/query', zone, { query, time: String(at / SECOND) }, abort);
    const series = oneSeries(NAME, answer, zone, options.unit ?? 'gCO2e per kWh');
    const slots = raw ? slotsOfSamples(series.samples, STALENESS) : evaluated(series, STALENESS);
    return hourly.reading({ zone, slots, check: gate(zone, series) }, at, series.estimated);
  }

  async function history(
    zone: ZoneCode,
    from: Instant,
    to: Instant,
    abort?: AbortSignal,
  ): Promise<readonly Reading[]> {
    // A value stands at the end of the hour that it is the mean of.
    const start = startOfHour(from + HOUR - 1) + HOUR;
    const end = startOfHour(to);
    if (end < start) return [];
    // What an exporter writes when it has no value would make the mean cleaner.
    const query = `avg_over_time(((${queryOf(zone)}) ${zeroIsReal ? '>=' : '>'} 0)[1h:5m])`;
    const span = { start: String(start / SECOND), end: String(end / SECOND), step: String(HOUR / SECOND) };
    const answer = await ask('api/v1/query_range', zone, { query, ...span }, abort);
    if (answer.length === 0) return [];
    const series = oneSeries(NAME, answer, zone, options.unit ?? 'gCO2e per kWh');
    const past = { zone, slots: evaluated(series, HOUR), check: gate(zone, series) };
    return hourly.past(past, from, to, series.estimated);
  }

  return {
    name: NAME,
    pair,
    countsAsFresh: true,
    covers: (zone) => queries.has(zone),
    latest,
    forecast: async () => null,
    history,
  };
}

/**
 * Selector for the exporter of grid-intensity-go (https://github.com/thegreenwebfoundation/grid-intensity-go), whose labels
 * `units` and `is_estimated` are understood. Its relative metric is a percentage, and is not offered.
 * @param location as the exporter was told it with `--location`
 */
export function gridIntensityGoQuery(signal: Signal, location: string): string {
  const quoted = location.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  return `grid_intensity_carbon_${signal}{location="${quoted}"}`;
}

/** Evaluated values, each standing at the end of the span that it speaks of. */
function evaluated({ samples }: CarbonSeries, span: Millis): readonly Slot[] {
  return samples.map(([seconds, value]) => {
    const to = sampleTime(seconds);
    return { from: to - span, to, value };
  });
}

function authorization({ token, username, password }: PrometheusOptions): Record<string, string> {
  if (token !== undefined) return { authorization: `Bearer ${token}` };
  return username === undefined ? {} : { authorization: basicAuth(username, password ?? '') };
}
