import type { SimulatedFleet } from './fleet.ts';

/** Shares per cluster over time: `shares[slot * clusters + cluster]`, a whole number of slots to the hour. */
export interface Schedule {
  readonly slotsPerHour: number;
  readonly shares: Float64Array;
}

/** What a schedule emitted. */
export interface Account {
  /** Mean of demand 1, work that moves lost included, in gCO2eq per kWh. */
  readonly gramsPerKwh: number;
  /** The same in the unit of the objective, per hour and replica: grams per kWh under `carbon`, else money. */
  readonly cost: number;
  /** Demand shifted per week; 1 is the whole demand once. */
  readonly movesPerWeek: number;
}

const HOURS_PER_WEEK = 168;

/**
 * Cost of a schedule: intensity where the demand stands, plus the work that every shifted part does again at its
 * destination, at the intensity there and then. The first placement is free.
 */
export function accountOf(fleet: SimulatedFleet, schedule: Schedule): Account {
  const { shares, slotsPerHour } = schedule;
  const clusters = fleet.actual.length;
  let cost = 0;
  const hours = fleet.to - fleet.from;
  let grams = 0;
  let moved = 0;
  for (let slot = 0; slot < hours * slotsPerHour; slot++) {
    const hour = Math.floor(slot / slotsPerHour);
    for (let cluster = 0; cluster < clusters; cluster++) {
      const intensity = fleet.actual[cluster]?.[hour] ?? 0;
      const price = fleet.costs[cluster]?.[hour] ?? 0;
      const share = shares[slot * clusters + cluster] ?? 0;
      grams += (intensity * share) / slotsPerHour;
      cost += (price * share) / slotsPerHour;
      if (slot === 0) continue;
      const gained = share - (shares[(slot - 1) * clusters + cluster] ?? 0);
      if (gained <= 0) continue;
      grams += intensity * gained * fleet.moveHours;
      // Work that is paid for is not lost when it is done twice, and nothing is won by that either.
      cost += Math.max(0, price) * gained * fleet.moveHours;
      moved += gained;
    }
  }
  return { gramsPerKwh: grams / hours, cost: cost / hours, movesPerWeek: moved / (hours / HOURS_PER_WEEK) };
}
