import type { ClusterOption, HourlyPrice, PlacementProblem } from './problem.ts';

/** What the cost of a cluster depends on beside the cluster itself. */
export type CostTerms = Pick<
  PlacementProblem,
  'at' | 'objective' | 'forecastResolution' | 'carbonPricePerKg' | 'wattsPerReplica'
>;

/** What one replica costs in a cluster, as a line over the grid's intensity: the one place where objectives differ. */
export interface CostModel {
  /** Cost of an hour, in the unit of the objective, beside its carbon. `hour` counts from that of `at`. */
  readonly fixed: (hour: number) => number;
  /** What each gCO2eq per kWh, PUE included, adds to it. */
  readonly perGram: number;
}

/**
 * `carbon` counts grams per kWh; `cost` money per replica and hour; `blended` that money plus the price of the carbon
 * that the replica emits. Null when a price that the objective needs is missing.
 */
export function costModel(terms: CostTerms, option: ClusterOption): CostModel | null {
  if (terms.objective === 'carbon') return { fixed: () => 0, perGram: 1 };
  const fixed = moneyPerHour(option, terms.wattsPerReplica);
  if (fixed === null) return null;
  return { fixed, perGram: terms.objective === 'cost' ? 0 : carbonMoneyPerGram(terms) };
}

/** Money for one replica and hour, carbon not counted; null when no price is known. */
export function moneyPerHour(option: ClusterOption, watts: number): ((hour: number) => number) | null {
  const { pricePerReplicaHour: allIn, pricePerKwh = null } = option;
  if (isKnown(allIn)) return (hour) => priceOf(allIn, hour);
  if (!isKnown(pricePerKwh)) return null;
  const kilowatts = (watts / 1000) * (option.pue ?? 1);
  return (hour) => kilowatts * priceOf(pricePerKwh, hour);
}

/** Money that one gCO2eq per kWh costs a replica in an hour. */
function carbonMoneyPerGram({ wattsPerReplica, carbonPricePerKg }: CostTerms): number {
  return ((wattsPerReplica / 1000) * carbonPricePerKg) / 1000;
}

function isKnown(price: HourlyPrice | null): price is HourlyPrice {
  return price !== null && (typeof price === 'number' || price.length > 0);
}

const DAY = 24;

function priceOf(price: HourlyPrice, hour: number): number {
  if (typeof price === 'number') return price;
  let index = hour;
  while (index >= price.length) index -= DAY;
  return price[index] ?? price.at(-1) ?? 0;
}
