import type { Schedule } from './account.ts';
import { knownCost, type SimulatedFleet } from './fleet.ts';

const HYSTERESIS_GAIN = 0.1;
const HYSTERESIS_DWELL_HOURS = 3;

/** The same share everywhere, always. */
export function even(fleet: SimulatedFleet): Schedule {
  return constant(
    fleet,
    fleet.actual.map(() => 1 / fleet.actual.length),
  );
}

/** The best fixed split, chosen in hindsight. */
export function bestStatic(fleet: SimulatedFleet): Schedule {
  return constant(
    fleet,
    fill(
      fleet,
      fleet.costs.map((values) => values.reduce((a, b) => a + b, 0)),
    ),
  );
}

/** Every hour the best clusters under the objective, as far as known. */
export function greedy(fleet: SimulatedFleet): Schedule {
  return hourly(fleet, (hour) =>
    fill(
      fleet,
      fleet.actual.map((_, cluster) => knownCost(fleet, cluster, hour)),
    ),
  );
}

/** Greedy that stays for at least three hours and moves only for a gain of at least a tenth. */
export function hysteresis(fleet: SimulatedFleet): Schedule {
  let standing: readonly number[] | null = null;
  let since = fleet.from;
  return hourly(fleet, (hour) => {
    const known = fleet.actual.map((_, cluster) => knownCost(fleet, cluster, hour));
    const wanted = fill(fleet, known);
    if (standing === null) {
      standing = wanted;
    } else if (hour - since >= HYSTERESIS_DWELL_HOURS) {
      const cost = (shares: readonly number[]) =>
        shares.reduce((sum, share, cluster) => sum + share * (known[cluster] ?? 0), 0);
      if (cost(standing) - cost(wanted) > HYSTERESIS_GAIN * Math.abs(cost(standing))) {
        standing = wanted;
        since = hour;
      }
    }
    return standing;
  });
}

/** Fills the cheapest clusters up to the cap. */
function fill(fleet: SimulatedFleet, costs: readonly number[]): number[] {
  const { atoms, perCluster } = fleet.cap;
  const shares = costs.map(() => 0);
  let left = atoms;
  for (const cluster of costs.map((_, at) => at).sort((a, b) => (costs[a] ?? 0) - (costs[b] ?? 0) || a - b)) {
    const taken = Math.min(left, perCluster);
    shares[cluster] = taken / atoms;
    left -= taken;
  }
  return shares;
}

function constant(fleet: SimulatedFleet, shares: readonly number[]): Schedule {
  return hourly(fleet, () => shares);
}

function hourly(fleet: SimulatedFleet, choose: (hour: number) => readonly number[]): Schedule {
  const clusters = fleet.actual.length;
  const shares = new Float64Array((fleet.to - fleet.from) * clusters);
  for (let hour = fleet.from; hour < fleet.to; hour++)
    shares.set(choose(hour), (hour - fleet.from) * clusters);
  return { slotsPerHour: 1, shares };
}
