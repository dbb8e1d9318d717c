import {
  type Clock,
  createCsvPrices,
  createDayAheadPrices,
  createStaticPrices,
  createTimeOfUsePrices,
  type PriceSource,
  type PriceUnit,
  ProviderError,
} from '@windvane/carbon-map';
import type { ClusterPriceEntry, ElectricityPriceEntry, PricesFile } from '../config/price-schema.ts';
import { UserError } from '../config/user-error.ts';
import type { FetchOf } from './providers.ts';

/** What things cost; of several sources the first that covers a zone or cluster counts. */
export interface Prices {
  /** ISO 4217; the same for every source. */
  readonly currency: string;
  /** Worth of a kg of CO2e in that currency; null when nobody says. */
  readonly carbonPricePerKg: number | null;
  readonly electricity: readonly PriceSource<'kWh'>[];
  readonly clusters: readonly PriceSource<'replica-hour'>[];
}

/** Makes the configured price sources. Throws UserError for a price, tariff or file that cannot be used. */
export async function createPrices(
  config: PricesFile,
  clock: Clock,
  fetchOf: FetchOf = () => fetch,
): Promise<Prices> {
  const { currency } = config;
  const electricity: PriceSource<'kWh'>[] = [];
  const clusters: PriceSource<'replica-hour'>[] = [];
  for (const [index, entry] of config.electricity.entries()) {
    const field = `prices.electricity[${index}]`;
    const source = await telling(field, () => electricitySource(entry, currency, clock, fetchOf));
    if (source.currency !== currency) {
      throw new UserError(
        `${field}: its prices are in ${source.currency}: write prices.currency: ${source.currency}, or leave it out`,
      );
    }
    electricity.push(source);
  }
  for (const [index, entry] of config.clusters.entries()) {
    clusters.push(
      await telling(`prices.clusters[${index}]`, () => listedSource(entry, 'replica-hour', currency)),
    );
  }
  return { currency, carbonPricePerKg: config.carbonPricePerKg ?? null, electricity, clusters };
}

async function electricitySource(
  entry: ElectricityPriceEntry,
  currency: string,
  clock: Clock,
  fetchOf: FetchOf,
): Promise<PriceSource<'kWh'>> {
  if (entry.type === 'time-of-use') return createTimeOfUsePrices({ currency, tariffs: entry.tariffs });
  if (entry.type !== 'energy-charts') return listedSource(entry, 'kWh', currency);
  return createDayAheadPrices({ ...entry, clock, fetch: fetchOf('energy-charts prices') });
}

async function listedSource<Unit extends PriceUnit>(
  entry: ClusterPriceEntry,
  unit: Unit,
  currency: string,
): Promise<PriceSource<Unit>> {
  if (entry.type === 'static') return createStaticPrices({ unit, currency, prices: entry.prices });
  const { file, validFor } = entry;
  const source = createCsvPrices({
    unit,
    currency,
    csv: { path: file },
    ...(validFor !== undefined && { validFor }),
  });
  await source.load();
  return source;
}

async function telling<T>(field: string, make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    const mendable = error instanceof RangeError || error instanceof ProviderError;
    throw mendable ? new UserError(`${field}: ${error.message}`) : error;
  }
}
