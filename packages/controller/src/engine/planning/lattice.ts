/**
 * All ways to hold a number of equal atoms of work in some clusters under caps, and the cheapest ways from one to
 * another. With a single atom this is the plain choice of one cluster; with two atoms and a cap of one, all pairs.
 */
export interface Lattice {
  readonly clusters: number;
  readonly atoms: number;
  /** Number of whole allocations; they come first in the numbering. */
  readonly wholes: number;
  /** Atoms per cluster: `counts[state * clusters + cluster]`. */
  readonly counts: Int32Array;
  /** The allocation with these counts, or -1. */
  indexOf(counts: readonly number[]): number;
  /**
   * Cheapest cost of being in every whole allocation or moving from it at once: min over all others of `values` there
   * plus `moveCosts` of every atom taken up. `values` are read from `offset` on. Fills `best`; {@link destination} then tells where the move leads.
   */
  relax(values: Float64Array, offset: number, moveCosts: Float64Array, best: Float64Array): void;
  /** After {@link relax}: the allocation that the cheapest move leads to, the same one when staying is cheapest. */
  destination(state: number): number;
}

/** Moves that gain less than this are not made: it only breaks ties between equals. */
const TIE = 1e-9;

/** Counts whole allocations without building them; stops counting beyond `limit`. */
export function countAllocations(caps: readonly number[], atoms: number, limit: number): number {
  const ways = [1, ...Array.from({ length: atoms }, () => 0)];
  for (const cap of caps) {
    // From the top down, so that the entries below are still those without this cluster.
    for (let sum = atoms; sum > 0; sum--) {
      let total = 0;
      for (let taken = 0; taken <= Math.min(cap, sum); taken++) total += ways[sum - taken] ?? 0;
      ways[sum] = Math.min(total, limit + 1);
    }
    // One cluster more never takes a way off.
    if ((ways[atoms] ?? 0) > limit) break;
  }
  return ways[atoms] ?? 0;
}

/** Builds the lattice. Without any feasible allocation it has none. */
export function createLattice(caps: readonly number[], atoms: number): Lattice {
  const clusters = caps.length;
  // Level by level: all atoms placed, then one in hand, and so on down to none placed.
  const levels = Array.from({ length: atoms + 1 }, (_, inHand) => allocations(caps, atoms - inHand));
  const states = levels.flat();
  const wholes = levels[0]?.length ?? 0;
  const index = new Map(states.map((state, at) => [state.join(), at]));
  const counts = Int32Array.from(states.flat());
  const neighbour = (state: readonly number[], cluster: number, change: number) =>
    index.get(state.map((count, at) => (at === cluster ? count + change : count)).join()) ?? -1;
  const table = (change: number) => {
    const result = new Int32Array(states.length * clusters).fill(-1);
    for (const [at, state] of states.entries()) {
      if (change > 0 && at < wholes) continue;
      for (const [cluster, count] of state.entries()) {
        const possible = change > 0 ? count < (caps[cluster] ?? 0) : count > 0;
        if (possible) result[at * clusters + cluster] = neighbour(state, cluster, change);
      }
    }
    return result;
  };
  const more = table(1);
  const fewer = table(-1);
  // The same without the gaps: from `giveFrom[s]` on, the clusters that a state can give an atom up in.
  const droppable: number[] = [];
  const droppableFrom = states.map((state) => {
    const from = droppable.length;
    for (const [cluster, count] of state.entries()) if (count > 0) droppable.push(cluster);
    return from;
  });
  const give = Int32Array.from(droppable);
  const giveFrom = Int32Array.from([...droppableFrom, droppable.length]);
  // `taken[s]`: cheapest cost from a partial allocation by placing what is in hand; `placed[s]`: where the next goes.
  const taken = new Float64Array(states.length);
  const placed = new Int32Array(states.length);
  const cheapest = new Float64Array(states.length);
  const dropped = new Int32Array(states.length);

  return {
    clusters,
    atoms,
    wholes,
    counts,
    indexOf: (wanted) => {
      const at = index.get(wanted.join());
      return at === undefined || at >= wholes ? -1 : at;
    },
    relax(values, offset, moveCosts, best) {
      for (let state = 0; state < wholes; state++) taken[state] = values[offset + state] ?? 0;
      for (let state = wholes; state < taken.length; state++) {
        let least = Number.POSITIVE_INFINITY;
        let choice = -1;
        for (let cluster = 0; cluster < clusters; cluster++) {
          const next = more[state * clusters + cluster] ?? 0;
          if (next < 0) continue;
          const cost = (taken[next] ?? 0) + (moveCosts[cluster] ?? 0);
          if (cost < least) {
            least = cost;
            choice = cluster;
          }
        }
        taken[state] = least;
        placed[state] = choice;
      }
      for (let state = taken.length - 1; state >= 0; state--) {
        let least = taken[state] ?? 0;
        let choice = -1;
        const end = giveFrom[state + 1] ?? 0;
        for (let at = giveFrom[state] ?? 0; at < end; at++) {
          const cluster = give[at] ?? 0;
          const cost = cheapest[fewer[state * clusters + cluster] ?? 0] ?? 0;
          if (cost < least - TIE) {
            least = cost;
            choice = cluster;
          }
        }
        cheapest[state] = least;
        dropped[state] = choice;
        if (state < wholes) best[state] = least;
      }
    },
    destination(state) {
      let at = state;
      while ((dropped[at] ?? 0) >= 0) at = fewer[at * clusters + (dropped[at] ?? 0)] ?? 0;
      while (at >= wholes) at = more[at * clusters + (placed[at] ?? 0)] ?? 0;
      return at;
    },
  };
}

function allocations(caps: readonly number[], atoms: number): number[][] {
  const [cap, ...rest] = caps;
  if (cap === undefined) return atoms === 0 ? [[]] : [];
  const result: number[][] = [];
  for (let taken = Math.min(cap, atoms); taken >= 0; taken--) {
    for (const tail of allocations(rest, atoms - taken)) result.push([taken, ...tail]);
  }
  return result;
}
