import { basename } from 'node:path';
import { forEachRow, type Hour, type HourlySeries, hourlySeries, hourReader, noRows, textOf } from './csv.ts';
import { SimulationError } from './simulation-error.ts';

/** Recorded prices, in one currency. */
export interface PriceTraces {
  readonly file: string;
  /** Per kWh in a zone, or all in per replica and hour in a cluster. */
  readonly unit: 'kWh' | 'replica-hour';
  readonly byKey: ReadonlyMap<string, HourlySeries>;
}

const KEYS = {
  kWh: ['zone', 'price_per_kwh'],
  'replica-hour': ['cluster', 'price_per_replica_hour'],
} as const;

/**
 * Reads `timestamp_utc,zone,price_per_kwh` or `timestamp_utc,cluster,price_per_replica_hour`, as in the hub's
 * configuration; `.gz` is unpacked. Throws {@link SimulationError}.
 */
export async function readPrices(path: string): Promise<PriceTraces> {
  const text = await textOf(path);
  const header = text
    .slice(0, Math.max(0, text.indexOf('\n')))
    .trim()
    .split(',');
  const unit = header.includes('price_per_replica_hour') ? 'replica-hour' : 'kWh';
  const rows = new Map<string, { hours: number[]; values: number[] }>();
  const hourOf = hourReader();
  forEachRow(text, path, ['timestamp_utc', ...KEYS[unit]], ([time = '', key = '', price = ''], fail) => {
    const value = price === '' ? Number.NaN : Number(price);
    if (!Number.isFinite(value)) fail(`"${price}" is not a price`);
    const known = rows.get(key) ?? { hours: [], values: [] };
    known.hours.push(hourOf(time, fail));
    known.values.push(value);
    rows.set(key, known);
  });
  if (rows.size === 0) throw noRows(path);
  const byKey = new Map([...rows].map(([key, { hours, values }]) => [key, hourlySeries(hours, values)]));
  return { file: basename(path), unit, byKey };
}

/** Prices of the hours `from` to `to`. Throws {@link SimulationError} where none is known. */
export function pricesOver(prices: PriceTraces, key: string, from: Hour, to: Hour): Float64Array {
  const trace = prices.byKey.get(key);
  const kind = prices.unit === 'kWh' ? 'zone' : 'cluster';
  if (trace === undefined) {
    const known = [...prices.byKey.keys()].toSorted().join(', ');
    throw new SimulationError(`${prices.file} has no price of ${kind} ${key}; it has those of ${known}`);
  }
  if (trace.first > from) {
    throw new SimulationError(
      `${prices.file}: the first price of ${kind} ${key} comes after the simulation begins; start later with --from`,
    );
  }
  return Float64Array.from({ length: to - from }, (_, hour) => {
    const index = Math.min(trace.values.length - 1, from + hour - trace.first);
    return trace.values[index] ?? Number.NaN;
  });
}
