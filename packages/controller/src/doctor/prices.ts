import { type Clock, HOUR, type PriceSource, ProviderError, priceAt } from '@windvane/carbon-map';
import type { Prices } from '../app/prices.ts';

/** The price of a zone or cluster now. */
export interface PriceFinding {
  readonly of: string;
  readonly unit: 'kWh' | 'replica-hour';
  /** Null when it is missing. */
  readonly price: number | null;
  readonly source: string | null;
  readonly problem: string | null;
}

/** A cluster that decisions are about. */
interface Priced {
  readonly name: string;
  readonly zone: string | null;
}

/**
 * Asks for the present prices that decisions need: of every cluster that a source prices, and of the electricity in the
 * zones of the others. While no clusters are known, of the electricity in every zone.
 */
export async function examinePrices(
  prices: Prices,
  zones: readonly string[],
  clusters: readonly Priced[] | null,
  clock: Clock,
): Promise<readonly PriceFinding[]> {
  const own = (clusters ?? []).filter(({ name }) => prices.clusters.some((source) => source.covers(name)));
  const others = (clusters ?? []).filter((cluster) => !own.includes(cluster));
  const inUse = clusters === null ? zones : others.flatMap(({ zone }) => zone ?? []);
  const found: PriceFinding[] = [];
  for (const zone of new Set(inUse)) found.push(await present(zone, 'kWh', prices.electricity, clock));
  for (const { name } of own) found.push(await present(name, 'replica-hour', prices.clusters, clock));
  return found;
}

async function present(
  of: string,
  unit: PriceFinding['unit'],
  sources: readonly PriceSource[],
  clock: Clock,
): Promise<PriceFinding> {
  const source = sources.find((each) => each.covers(of));
  if (source === undefined) {
    const problem = `no price per ${unit} of ${of}: no source of prices covers it; add it to one`;
    return { of, unit, price: null, source: null, problem };
  }
  const now = clock.now();
  const found = { of, unit, source: source.name };
  try {
    const price = priceAt(await source.hourly(of, now, now + HOUR), now);
    const problem = price === null ? `${source.name} has no price per ${unit} of ${of} for this hour` : null;
    return { ...found, price, problem };
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return { ...found, price: null, problem: `no price per ${unit} of ${of}: ${error.message}` };
  }
}
