import { costModel } from '../engine/cost.ts';
import type { ClusterOption, Objective } from '../engine/problem.ts';
import { type PriceTraces, pricesOver } from './prices.ts';
import { SimulationError } from './simulation-error.ts';

/** What a simulation counts. */
export interface Valuation {
  readonly objective: Objective;
  readonly prices: PriceTraces | null;
  /** Worth of a kg of CO2e in the currency of the prices, for `blended`. */
  readonly carbonPricePerKg: number;
  readonly wattsPerReplica: number;
}

export const CARBON_ONLY: Valuation = {
  objective: 'carbon',
  prices: null,
  carbonPricePerKg: 0,
  wattsPerReplica: 100,
};

/** The cost of one cluster, hour by hour: money per replica, plus so much per gCO2eq per kWh. */
export interface CostSeries {
  readonly fixed: Float64Array;
  readonly perGram: number;
  /** Price of the cluster in an hour, as far as it is known then, for the engine. */
  readonly priceAt: (hour: number) => Pick<ClusterOption, 'pricePerReplicaHour' | 'pricePerKwh'>;
}

const DAY = 24;
/** Day-ahead prices of a day are public from this hour (UTC) of the day before. */
const AUCTION_HOUR = 13;

/** Throws {@link SimulationError} when a price is missing. */
export function costSeries(
  { objective, prices, carbonPricePerKg, wattsPerReplica }: Valuation,
  { name, zone }: { readonly name: string; readonly zone: string },
  from: number,
  to: number,
): CostSeries {
  const hours = to - from;
  if (objective === 'carbon') {
    return { fixed: new Float64Array(hours), perGram: 1, priceAt: () => ({ pricePerReplicaHour: null }) };
  }
  if (prices === null)
    throw new SimulationError(`--objective ${objective} needs --prices: name a CSV of prices`);
  const electric = prices.unit === 'kWh';
  const known = pricesOver(prices, electric ? zone : name, from, to);
  const optionOf = (price: number | readonly number[]) =>
    electric ? { pricePerReplicaHour: null, pricePerKwh: price } : { pricePerReplicaHour: price };
  // One model for the accounts and for the engine.
  const model = (price: number) =>
    costModel(
      { at: 0, objective, forecastResolution: 1, carbonPricePerKg, wattsPerReplica },
      { ...OPTION, name, zone, ...optionOf(price) },
    );
  return {
    fixed: known.map((price) => model(price)?.fixed(0) ?? Number.NaN),
    perGram: model(0)?.perGram ?? 0,
    // Of spot prices of replicas only the present one is known, of electricity those that were auctioned.
    priceAt(hour) {
      if (!electric) return optionOf(known[hour] ?? 0);
      return optionOf(Array.from(known.subarray(hour, Math.min(hours, auctionedUntil(from + hour) - from))));
    },
  };
}

/** The first hour whose price is not public yet. */
function auctionedUntil(hour: number): number {
  const today = Math.floor(hour / DAY) * DAY;
  return today + (hour - today >= AUCTION_HOUR ? 2 : 1) * DAY;
}

const OPTION = {
  ready: true,
  allowed: true,
  avoid: false,
  gramsPerKwh: 0,
  forecast: [],
  headroomReplicas: null,
  maxShare: 1,
} as const;
