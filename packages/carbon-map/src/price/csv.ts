import { stat } from 'node:fs/promises';
import { HOUR, type Instant, type Millis } from '../model/time.ts';
import { type CsvRow, type CsvSource, instantReader, readCsv } from '../provider/replay/csv.ts';
import { checkedCurrency, hoursOf, type PriceSource, type PriceUnit } from './price.ts';

export interface CsvPricesOptions<Unit extends PriceUnit> {
  readonly unit: Unit;
  readonly currency: string;
  /** Columns: see {@link createCsvPrices}. */
  readonly csv: CsvSource;
  /**
   * How long a row counts when no later one follows (1 hour). Longer for a list of changes, such as spot prices.
   */
  readonly validFor?: Millis;
}

export interface CsvPriceSource<Unit extends PriceUnit> extends PriceSource<Unit> {
  /** Reads the file now, so that a mistake in it shows at the start. Throws `ProviderError`. */
  load(): Promise<void>;
}

const NAME = 'csv';
const COLUMNS: Readonly<Record<PriceUnit, readonly [string, string, string]>> = {
  kWh: ['timestamp_utc', 'zone', 'price_per_kwh'],
  'replica-hour': ['timestamp_utc', 'cluster', 'price_per_replica_hour'],
};

/**
 * Prices from a CSV file: rows `timestamp_utc,zone,price_per_kwh` or `timestamp_utc,cluster,price_per_replica_hour`, each
 * from the start of an hour on. An hour without a row has no price, unless an earlier row still counts (`validFor`).
 * A file that was changed is read again at the next `load` or `hourly`; write it beside and rename it, so that nobody
 * finds half of it. Both throw a `bad-payload` `ProviderError` that names file, line, column and remedy.
 */
export function createCsvPrices<Unit extends PriceUnit>(
  options: CsvPricesOptions<Unit>,
): CsvPriceSource<Unit> {
  const currency = checkedCurrency(options.currency);
  const validFor = options.validFor ?? HOUR;
  let reading: { readonly stamp: string; readonly table: Promise<Table> } | null = null;
  let table: Table | undefined;

  async function load(): Promise<Table> {
    const stamp = await stampOf(options.csv);
    if (reading?.stamp !== stamp) reading = { stamp, table: readPrices(options.csv, COLUMNS[options.unit]) };
    const mine = reading;
    try {
      table = await mine.table;
      return table;
    } catch (error) {
      // What could not be read may be whole the next time.
      if (reading === mine) reading = null;
      throw error;
    }
  }

  function priceOf(rows: readonly Row[], hour: Instant): number | null {
    const row = rows.findLast(({ at }) => at <= hour);
    return row !== undefined && hour < row.at + validFor ? row.price : null;
  }

  return {
    name: NAME,
    unit: options.unit,
    currency,
    covers: (key) => table === undefined || table.has(key),
    async load() {
      await load();
    },
    async hourly(key, from, to) {
      const rows = (await load()).get(key) ?? [];
      const hours = hoursOf(from, to);
      return {
        currency,
        source: NAME,
        from: hours[0] ?? from,
        prices: hours.map((hour) => priceOf(rows, hour)),
      };
    },
  };
}

/** Tells one state of a file from another; a text never changes, and reading says best what is wrong with a file. */
async function stampOf(csv: CsvSource): Promise<string> {
  if ('text' in csv) return '';
  try {
    const { mtimeMs, size, ino } = await stat(csv.path);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return 'unreadable';
  }
}

interface Row {
  readonly at: Instant;
  readonly price: number;
}

type Table = ReadonlyMap<string, readonly Row[]>;

async function readPrices(csv: CsvSource, columns: readonly [string, string, string]): Promise<Table> {
  const [timeColumn, keyColumn, priceColumn] = columns;
  const rows = new Map<string, Map<Instant, number>>();
  const instantOf = instantReader(timeColumn);
  for await (const row of readCsv(csv, NAME, columns)) {
    const [time = '', key = '', text = ''] = row.fields;
    const at = instantOf(row, time);
    if (at % HOUR !== 0) throw row.bad(timeColumn, 'prices are hourly: write the start of an hour');
    if (key === '') throw row.bad(keyColumn, `write the ${keyColumn} that the price is for`);
    if (key.includes('"')) throw row.bad(keyColumn, 'write it without quotes');
    let prices = rows.get(key);
    if (prices === undefined) rows.set(key, (prices = new Map()));
    if (prices.has(at)) throw row.bad(timeColumn, `${keyColumn} ${key} has this hour twice: keep one row`);
    prices.set(at, priceIn(row, priceColumn, text));
  }
  return new Map(
    [...rows].map(([key, prices]) => [
      key,
      [...prices].map(([at, price]) => ({ at, price })).sort((a, b) => a.at - b.at),
    ]),
  );
}

/** An empty field is no price, and not 0, which is what Number('') would say. */
function priceIn(row: CsvRow, column: string, text: string): number {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) && Number.isFinite(Number(text)))
    return Number(text);
  throw row.bad(column, 'write a number with a decimal point, or leave the row out when there is no price');
}
