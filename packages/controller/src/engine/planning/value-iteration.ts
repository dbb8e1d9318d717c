import type { Lattice } from './lattice.ts';

/** Value iteration backwards over a horizon, on buffers that are used again and again. */
export interface Plan {
  readonly hours: number;
  /** `costs[hour * clusters + cluster]` per atom, to be filled before solving. */
  readonly costs: Float64Array;
  /** `values[hour * wholes + allocation]`: cost of being there in that hour and going on best, move costs included. */
  readonly values: Float64Array;
  /** After {@link Plan.relax}: the same for one hour with the freedom to move first. */
  readonly best: Float64Array;
  /** Fills `values` from the end down to the hour `from`. */
  solve(from: number): void;
  relax(hour: number): void;
  /** After {@link Plan.relax}: where the cheapest move from an allocation leads; itself when staying is as cheap. */
  destination(state: number): number;
  /** Cost of holding an allocation for one hour. */
  cost(state: number, hour: number): number;
  /** After solving from 0: hours until each allocation is left on the path, at most the horizon. */
  dwell(): Int32Array;
}

/** Moves that gain less than this are not made: it only breaks ties between equals. */
const TIE = 1e-9;

/** @param moveHours hours of work that a moved atom loses at its destination. */
export function createPlan(lattice: Lattice, moveHours: number, hours: number): Plan {
  const single = lattice.atoms === 1 && lattice.wholes === lattice.clusters;
  return single ? singlePlan(lattice.clusters, moveHours, hours) : latticePlan(lattice, moveHours, hours);
}

/** One atom that may be anywhere: allocation i is cluster i, and every move leads to the same best place. O(n) an hour. */
function singlePlan(clusters: number, moveHours: number, hours: number): Plan {
  const costs = new Float64Array(clusters * hours);
  const values = new Float64Array(clusters * hours);
  const best = new Float64Array(clusters);
  let least = Number.POSITIVE_INFINITY;
  let target = 0;
  let current = 0;

  const relax = (hour: number) => {
    current = hour * clusters;
    least = Number.POSITIVE_INFINITY;
    for (let cluster = 0; cluster < clusters; cluster++) {
      const arrived = (values[current + cluster] ?? 0) + moveHours * (costs[current + cluster] ?? 0);
      if (arrived < least) {
        least = arrived;
        target = cluster;
      }
    }
    for (let cluster = 0; cluster < clusters; cluster++) {
      const stay = values[current + cluster] ?? 0;
      best[cluster] = least < stay ? least : stay;
    }
  };
  const destination = (state: number) => (least < (values[current + state] ?? 0) - TIE ? target : state);
  return {
    hours,
    costs,
    values,
    best,
    relax,
    destination,
    cost: (state, hour) => costs[hour * clusters + state] ?? 0,
    solve(from) {
      const end = (hours - 1) * clusters;
      for (let at = end; at < end + clusters; at++) values[at] = costs[at] ?? 0;
      for (let offset = end - clusters; offset >= from * clusters; offset -= clusters) {
        const next = offset + clusters;
        let arrived = Number.POSITIVE_INFINITY;
        for (let at = next; at < next + clusters; at++) {
          const cost = (values[at] ?? 0) + moveHours * (costs[at] ?? 0);
          if (cost < arrived) arrived = cost;
        }
        for (let at = offset; at < next; at++) {
          const stay = values[at + clusters] ?? 0;
          values[at] = (costs[at] ?? 0) + (stay < arrived ? stay : arrived);
        }
      }
    },
    dwell: () => dwellOf(clusters, hours, relax, destination),
  };
}

function latticePlan(lattice: Lattice, moveHours: number, hours: number): Plan {
  const { wholes, counts, clusters } = lattice;
  const costs = new Float64Array(clusters * hours);
  const values = new Float64Array(wholes * hours);
  const best = new Float64Array(wholes);
  const moveCosts = new Float64Array(clusters);

  const cost = (state: number, hour: number) => {
    let sum = 0;
    for (let cluster = 0; cluster < clusters; cluster++) {
      sum += (counts[state * clusters + cluster] ?? 0) * (costs[hour * clusters + cluster] ?? 0);
    }
    return sum;
  };
  const relax = (hour: number) => {
    for (let cluster = 0; cluster < clusters; cluster++) {
      moveCosts[cluster] = moveHours * (costs[hour * clusters + cluster] ?? 0);
    }
    lattice.relax(values, hour * wholes, moveCosts, best);
  };
  return {
    hours,
    costs,
    values,
    best,
    cost,
    relax,
    destination: (state) => lattice.destination(state),
    solve(from) {
      for (let state = 0; state < wholes; state++)
        values[(hours - 1) * wholes + state] = cost(state, hours - 1);
      for (let hour = hours - 2; hour >= from; hour--) {
        relax(hour + 1);
        for (let state = 0; state < wholes; state++) {
          values[hour * wholes + state] = cost(state, hour) + (best[state] ?? 0);
        }
      }
    },
    dwell: () => dwellOf(wholes, hours, relax, (state) => lattice.destination(state)),
  };
}

function dwellOf(
  wholes: number,
  hours: number,
  relax: (hour: number) => void,
  destination: (state: number) => number,
): Int32Array {
  const result = new Int32Array(wholes).fill(hours);
  for (let hour = hours - 1; hour >= 1; hour--) {
    relax(hour);
    for (let state = 0; state < wholes; state++) {
      if (destination(state) !== state) result[state] = hour;
    }
  }
  return result;
}
