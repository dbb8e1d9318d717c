import type { Lattice } from './lattice.ts';

/** Value iteration backwards over a horizon, on buffers that are used again and again. */
export interface Plan {
  readonly hours: number;
  /** `costs[(layer * hours + hour) * clusters + cluster]` per atom, to be filled before solving. */
  readonly costs: Float64Array;
  /** After solving from an hour: cost of being in each allocation then and going on best, move costs included. */
  readonly values: Float64Array;
  /** The same with the freedom to move first, in that hour. */
  readonly best: Float64Array;
  /** Solves on another layer of the costs from now on; the first is 0. */
  select(layer: number): void;
  /** Goes from the end down to the hour `from`. */
  solve(from: number): void;
  /** Where the cheapest move from an allocation leads in the hour solved from; itself when staying is as cheap. */
  destination(state: number): number;
  /** Cost of holding an allocation for one hour. */
  cost(state: number, hour: number): number;
  /** Hours until each allocation is left on the path from the first hour on, at most the horizon. */
  dwell(): Int32Array;
}

/** Moves that gain less than this are not made: it only breaks ties between equals. */
const TIE = 1e-9;

/**
 * @param moveHours hours of work that a moved atom loses at its destination; where power is paid for, nothing is lost.
 * @param layers how many sets of costs are kept.
 */
export function createPlan(lattice: Lattice, moveHours: number, hours: number, layers = 1): Plan {
  const single = lattice.atoms === 1 && lattice.wholes === lattice.clusters;
  return single
    ? singlePlan(lattice.clusters, moveHours, hours, layers)
    : latticePlan(lattice, moveHours, hours, layers);
}

/** One atom that may be anywhere: allocation i is cluster i, and every move leads to the same best place. O(n) an hour. */
function singlePlan(clusters: number, moveHours: number, hours: number, layers: number): Plan {
  const costs = new Float64Array(clusters * hours * layers);
  const values = new Float64Array(clusters);
  const best = new Float64Array(clusters);
  let base = 0;
  let least = Number.POSITIVE_INFINITY;
  let target = 0;

  const relax = (hour: number) => {
    const current = base + hour * clusters;
    least = Number.POSITIVE_INFINITY;
    for (let cluster = 0; cluster < clusters; cluster++) {
      const arrived = (values[cluster] ?? 0) + moveHours * Math.max(0, costs[current + cluster] ?? 0);
      if (arrived < least) {
        least = arrived;
        target = cluster;
      }
    }
    for (let cluster = 0; cluster < clusters; cluster++) {
      const stay = values[cluster] ?? 0;
      best[cluster] = least < stay ? least : stay;
    }
  };
  const destination = (state: number) => (least < (values[state] ?? 0) - TIE ? target : state);
  return {
    hours,
    costs,
    values,
    best,
    select(layer) {
      base = layer * hours * clusters;
    },
    cost: (state, hour) => costs[base + hour * clusters + state] ?? 0,
    destination,
    solve(from) {
      values.fill(0);
      backwards(values, costs, base + from * clusters, base + (hours - 1) * clusters, moveHours);
      relax(from);
    },
    dwell() {
      values.fill(0);
      let arrival = Number.POSITIVE_INFINITY;
      return dwellOf(clusters, hours, destination, (hour) => {
        const here = base + hour * clusters;
        arrival = backwards(values, costs, here, here, moveHours, arrival);
        relax(hour);
      });
    },
  };
}

/**
 * Goes back from the hour whose costs begin at `last` to the one at `first`. One pass an hour: while its values are
 * filled, the cheapest arrival in it is found, which the hour before needs.
 *
 * @param values those of the hour after `last`; 0 where the horizon ends.
 * @param arrival the cheapest arrival in that hour.
 * @returns the cheapest arrival in the first hour.
 */
function backwards(
  values: Float64Array,
  costs: Float64Array,
  first: number,
  last: number,
  moveHours: number,
  arrival: number = Number.POSITIVE_INFINITY,
): number {
  const clusters = values.length;
  let after = arrival;
  for (let offset = last; offset >= first; offset -= clusters) {
    let least = Number.POSITIVE_INFINITY;
    for (let cluster = 0; cluster < clusters; cluster++) {
      const cost = costs[offset + cluster] ?? 0;
      const stay = values[cluster] ?? 0;
      const value = cost + (stay < after ? stay : after);
      values[cluster] = value;
      const arrived = value + (cost > 0 ? moveHours * cost : 0);
      if (arrived < least) least = arrived;
    }
    after = least;
  }
  return after;
}

function latticePlan(lattice: Lattice, moveHours: number, hours: number, layers: number): Plan {
  const { wholes, counts, clusters } = lattice;
  const costs = new Float64Array(clusters * hours * layers);
  const values = new Float64Array(wholes);
  const best = new Float64Array(wholes);
  const moveCosts = new Float64Array(clusters);
  let base = 0;

  const cost = (state: number, hour: number) => {
    let sum = 0;
    for (let cluster = 0; cluster < clusters; cluster++) {
      sum += (counts[state * clusters + cluster] ?? 0) * (costs[base + hour * clusters + cluster] ?? 0);
    }
    return sum;
  };
  const back = (hour: number) => {
    for (let state = 0; state < wholes; state++) values[state] = cost(state, hour) + (best[state] ?? 0);
    for (let cluster = 0; cluster < clusters; cluster++) {
      moveCosts[cluster] = moveHours * Math.max(0, costs[base + hour * clusters + cluster] ?? 0);
    }
    lattice.relax(values, 0, moveCosts, best);
  };
  const destination = (state: number) => lattice.destination(state);
  return {
    hours,
    costs,
    values,
    best,
    select(layer) {
      base = layer * hours * clusters;
    },
    cost,
    solve(from) {
      best.fill(0);
      for (let hour = hours - 1; hour >= from; hour--) back(hour);
    },
    destination,
    dwell() {
      best.fill(0);
      return dwellOf(wholes, hours, destination, back);
    },
  };
}

function dwellOf(
  wholes: number,
  hours: number,
  destination: (state: number) => number,
  back: (hour: number) => void,
): Int32Array {
  const result = new Int32Array(wholes).fill(hours);
  for (let hour = hours - 1; hour >= 1; hour--) {
    back(hour);
    for (let state = 0; state < wholes; state++) {
      if (destination(state) !== state) result[state] = hour;
    }
  }
  return result;
}
