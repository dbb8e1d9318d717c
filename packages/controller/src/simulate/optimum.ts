import { countAllocations, createLattice } from '../engine/planning/lattice.ts';
import type { Schedule } from './account.ts';
import type { SimulatedFleet } from './fleet.ts';
import { SimulationError } from './simulation-error.ts';

/** Largest number of allocations for which the optimum is computed. */
const MOST_ALLOCATIONS = 20_000;

/**
 * The cheapest schedule of all, knowing everything: dynamic programming over all ways to hold the demand in atoms that
 * divide the cap. That is exact, because costs are linear and some optimum moves whole atoms only (the linear program
 * is a flow with integral capacities). Throws {@link SimulationError} when there are too many ways.
 */
export function optimum(fleet: SimulatedFleet): Schedule {
  const clusters = fleet.actual.length;
  const hours = fleet.to - fleet.from;
  const { atoms, perCluster } = fleet.cap;
  const caps = fleet.actual.map(() => perCluster);
  if (countAllocations(caps, atoms, MOST_ALLOCATIONS) > MOST_ALLOCATIONS) {
    throw new SimulationError(
      `the optimum of ${clusters} clusters under this --max-share is too large to compute; take one that divides 100 into few parts, such as 50 or 25`,
    );
  }
  const lattice = createLattice(caps, atoms);
  const { wholes, counts } = lattice;
  const moveCosts = new Float64Array(clusters);
  const best = new Float64Array(wholes);
  const next = Array.from({ length: hours }, () => new Uint16Array(wholes));
  let values = new Float64Array(wholes);
  for (let hour = hours - 1; hour >= 0; hour--) {
    if (hour < hours - 1) {
      for (let cluster = 0; cluster < clusters; cluster++) {
        moveCosts[cluster] = fleet.moveHours * Math.max(0, fleet.costs[cluster]?.[hour + 1] ?? 0);
      }
      lattice.relax(values, 0, moveCosts, best);
      for (let state = 0; state < wholes; state++) {
        const row = next[hour];
        if (row !== undefined) row[state] = lattice.destination(state);
      }
    }
    const earlier = new Float64Array(wholes);
    for (let state = 0; state < wholes; state++) {
      let cost = best[state] ?? 0;
      for (let cluster = 0; cluster < clusters; cluster++) {
        cost += (counts[state * clusters + cluster] ?? 0) * (fleet.costs[cluster]?.[hour] ?? 0);
      }
      earlier[state] = cost;
    }
    values = earlier;
  }
  let state = values.reduce((least, value, at) => (value < (values[least] ?? 0) ? at : least), 0);
  const shares = new Float64Array(hours * clusters);
  for (let hour = 0; hour < hours; hour++) {
    for (let cluster = 0; cluster < clusters; cluster++) {
      shares[hour * clusters + cluster] = (counts[state * clusters + cluster] ?? 0) / atoms;
    }
    state = next[hour]?.[state] ?? state;
  }
  return { slotsPerHour: 1, shares };
}
