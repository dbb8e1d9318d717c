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

/** Asks for the present price of every zone and cluster. */
export async function examinePrices(
  prices: Prices,
  zones: readonly string[],
  clusters: readonly string[],
  clock: Clock,
): Promise<readonly PriceFinding[]> {
  const found: PriceFinding[] = [];
  if (prices.electricity.length > 0) {
    for (const zone of zones) found.push(await present(zone, 'kWh', prices.electricity, clock));
  }
  if (prices.clusters.length > 0) {
    for (const name of clusters) found.push(await present(name, 'replica-hour', prices.clusters, clock));
  }
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
