import type { PastForecast } from '../problem.ts';
import type { Lattice } from './lattice.ts';
import { createPlan, type Plan } from './value-iteration.ts';

/** Expected costs, and how such expectations changed in the past. */
export interface Outlook {
  /** Expected cost of one replica per cluster and hour; the first hour is the present one. */
  readonly costs: readonly Float64Array[];
  /** Cost per unit of a revision in each cluster. */
  readonly perUnit: readonly number[];
  /** Per cluster, most recent day first, the same days for all. Days that some cluster lacks are not used. */
  readonly past: readonly (readonly PastForecast[])[];
}

/** Hours over which a revision is followed before the expectation of that hour is taken as final. */
const ROLLOUT_STEPS = 6;

/** What a planner knows about every allocation. */
export interface Values {
  /** Expected cost from now on of holding each whole allocation now, per atom summed. */
  readonly total: Float64Array;
  /** Hours that each allocation is kept on the expected path before the next planned move. */
  readonly dwell: Int32Array;
  /** Past days whose revisions were followed. */
  readonly scenarios: number;
}

/**
 * Values of all allocations by rollout: the revisions that forecasts underwent on past days, from the same hour of the
 * day, are added to today's forecast; along each such future the plain planner replans every hour, and the costs are
 * averaged. That counts what waiting for better knowledge is worth, which a plan on the expected path alone does not.
 *
 * @param moveHours hours of work that a moved atom loses at its destination.
 * @param mostDays how many past days are followed at most.
 */
export function valuesOf(lattice: Lattice, outlook: Outlook, moveHours: number, mostDays: number): Values {
  const hours = hoursOf(outlook);
  // The present expectation, and what may be expected after each step.
  const plan = createPlan(lattice, moveHours, hours, 1 + ROLLOUT_STEPS);
  const { clusters } = lattice;
  for (const [cluster, costs] of outlook.costs.entries()) {
    for (let hour = 0; hour < hours; hour++) plan.costs[hour * clusters + cluster] = costs[hour] ?? 0;
  }
  const present = Float64Array.from({ length: lattice.wholes }, (_, state) => plan.cost(state, 0));
  plan.solve(0);
  const expected = plan.values.slice(0, lattice.wholes);
  const dwell = plan.dwell();
  const scenarios = Math.min(mostDays, usableDays(outlook, hours));
  if (scenarios === 0) return { total: expected, dwell, scenarios };
  const total = new Float64Array(lattice.wholes);
  for (let day = 0; day < scenarios; day++) follow(lattice, outlook, plan, day, total);
  for (let state = 0; state < lattice.wholes; state++) {
    total[state] = (total[state] ?? 0) / scenarios + (present[state] ?? 0);
  }
  return { total, dwell, scenarios };
}

function hoursOf(outlook: Outlook): number {
  return Math.min(...outlook.costs.map((costs) => costs.length));
}

function usableDays(outlook: Outlook, hours: number): number {
  // Nothing to learn from revisions of what does not count.
  if (hours <= ROLLOUT_STEPS + 1 || outlook.perUnit.every((each) => each === 0)) return 0;
  let days = Number.POSITIVE_INFINITY;
  for (const past of outlook.past) {
    const broken = past.findIndex((each) => each.hours < hours || each.steps < ROLLOUT_STEPS);
    days = Math.min(days, broken < 0 ? past.length : broken);
  }
  return Number.isFinite(days) ? days : 0;
}

/** Adds to `total` what every start costs, from the next hour on, along the future that one past day suggests. */
function follow(lattice: Lattice, outlook: Outlook, plan: Plan, day: number, total: Float64Array): void {
  const { wholes } = lattice;
  revise(lattice, outlook, plan, day);
  const position = Int32Array.from({ length: wholes }, (_, state) => state);
  for (let step = 1; step <= ROLLOUT_STEPS; step++) {
    plan.select(step);
    plan.solve(step);
    const { best, values } = plan;
    for (let start = 0; start < wholes; start++) {
      const at = position[start] ?? 0;
      const least = best[at] ?? 0;
      if (step === ROLLOUT_STEPS) {
        total[start] = (total[start] ?? 0) + least;
        continue;
      }
      const to = plan.destination(at);
      // `least` is the cost of the move and everything after it; the future beyond this hour is left to the next step.
      total[start] = (total[start] ?? 0) + least - (values[to] ?? 0) + plan.cost(to, step);
      position[start] = to;
    }
  }
}

/** Loads the costs that one past day's revisions suggest, as they will be expected after each step. */
function revise({ clusters }: Lattice, outlook: Outlook, { costs, hours }: Plan, day: number): void {
  for (let cluster = 0; cluster < clusters; cluster++) {
    const past = outlook.past[cluster]?.[day];
    const expected = outlook.costs[cluster];
    if (past === undefined || expected === undefined) continue;
    const { changes } = past;
    const perUnit = outlook.perUnit[cluster] ?? 0;
    for (let step = 1; step <= ROLLOUT_STEPS; step++) {
      let from = (step - 1) * past.hours + step;
      let to = (step * hours + step) * clusters + cluster;
      for (let hour = step; hour < hours; hour++) {
        const first = expected[hour] ?? 0;
        const cost = first + perUnit * (changes[from] ?? 0);
        // No revision makes a grid cleaner than clean; what was expected below 0 is a price.
        const least = first < 0 ? first : 0;
        costs[to] = cost < least ? least : cost;
        from++;
        to += clusters;
      }
    }
  }
}
