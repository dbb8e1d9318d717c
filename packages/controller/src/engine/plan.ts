import type { JudgedCluster } from './options.ts';
import { countAllocations, createLattice, type Lattice } from './planning/lattice.ts';
import { type Outlook, type Values, valuesOf } from './planning/rollout.ts';

/** What the planner is asked: shares of one unit, one entry per judged cluster. */
export interface PlanQuestion {
  readonly clusters: readonly JudgedCluster[];
  /** Shares now; all zero before the first placement. */
  readonly current: readonly number[];
  readonly lower: readonly number[];
  readonly upper: readonly number[];
  /** Hours of work that a move loses. */
  readonly moveHours: number;
}

/** Where the unit should be in this hour, and what the planner thinks of being elsewhere. */
export interface Plan {
  readonly target: readonly number[];
  /** Hours until the clusters that gain are expected to be left again, at most the horizon. */
  readonly hours: number;
  /** Expected cost from now on of holding the whole unit in each cluster; infinite where it may not be fed. */
  readonly values: readonly number[];
  /** Past days whose forecast revisions were followed; 0 means the expected path alone. */
  readonly scenarios: number;
}

const EPSILON = 1e-6;
const MOST_DAYS = 60;
/** Joint plans are averaged over fewer days, and are not made at all beyond this many allocations. */
const MOST_DAYS_JOINT = 30;
const MOST_ALLOCATIONS = 128;
const MOST_ATOMS = 6;

/**
 * Plans one unit. Work in different clusters is planned independently while no cap binds; under binding caps all
 * allocations are planned jointly when they are few, else the best places are filled in turn.
 */
export function planUnit(question: PlanQuestion): Plan {
  const { clusters, current, lower } = question;
  const feed = clusters.map((_, index) => index).filter((index) => clusters[index]?.role === 'feed');
  const single = singleValues(question, feed);
  const values = clusters.map(() => Number.POSITIVE_INFINITY);
  for (const [at, index] of feed.entries()) values[index] = single.total[at] ?? Number.POSITIVE_INFINITY;
  const stay = { target: current, hours: 1, values, scenarios: single.scenarios };
  const movable = 1 - lower.reduce((a, b) => a + b, 0);
  if (movable <= EPSILON) return stay;
  const alone = independently(question, values, movable);
  if (fits(alone, question)) {
    return { ...stay, target: alone, hours: dwellOf(question, feed, alone, single) };
  }
  const joint = jointly(question, feed, movable);
  if (joint !== null) return { ...joint, values };
  const filled = inTurn(question, values, movable);
  return { ...stay, target: filled, hours: dwellOf(question, feed, filled, single) };
}

/** Values of single clusters depend on nothing but the judged clusters and the move cost, which a class shares. */
const memory = new WeakMap<readonly JudgedCluster[], Map<number, Values>>();

function singleValues(question: PlanQuestion, feed: readonly number[]): Values {
  const { clusters, moveHours } = question;
  let known = memory.get(clusters);
  if (known === undefined) {
    known = new Map();
    memory.set(clusters, known);
  }
  let values = known.get(moveHours);
  if (values === undefined) {
    const lattice = createLattice(
      feed.map(() => 1),
      1,
    );
    values = valuesOf(lattice, outlookOf(question, feed), moveHours, MOST_DAYS);
    known.set(moveHours, values);
  }
  return values;
}

function outlookOf(question: PlanQuestion, feed: readonly number[]): Outlook {
  const chosen = feed.flatMap((index) => question.clusters[index] ?? []);
  return {
    costs: chosen.map((cluster) => cluster.costs),
    perUnit: chosen.map((cluster) => cluster.costPerGram),
    past: chosen.map((cluster) => cluster.option.pastForecasts ?? []),
  };
}

function isInitial(question: PlanQuestion): boolean {
  return question.current.every((share) => share === 0);
}

function arrivalCost(question: PlanQuestion, index: number): number {
  return isInitial(question) ? 0 : question.moveHours * (question.clusters[index]?.costs[0] ?? 0);
}

/** Every part of the unit goes where it is best, as if it were alone. */
function independently(question: PlanQuestion, values: readonly number[], movable: number): number[] {
  const { current, lower } = question;
  const target = [...lower];
  const arrival = values.map((value, index) => value + arrivalCost(question, index));
  const best = leastOf(arrival);
  const put = (index: number, share: number) => {
    target[index] = (target[index] ?? 0) + share;
  };
  if (isInitial(question)) put(best, movable);
  for (const [index, share] of current.entries()) {
    const free = share - (lower[index] ?? 0);
    if (free <= 0) continue;
    const stays = (values[index] ?? 0) <= (arrival[best] ?? 0) + Math.abs(arrival[best] ?? 0) * 1e-12;
    put(stays ? index : best, free);
  }
  return target;
}

function leastOf(values: readonly number[]): number {
  let best = 0;
  for (const [index, value] of values.entries()) if (value < (values[best] ?? 0)) best = index;
  return best;
}

function fits(target: readonly number[], { upper }: PlanQuestion): boolean {
  return target.every((share, index) => share <= (upper[index] ?? 0) + EPSILON);
}

function dwellOf(
  question: PlanQuestion,
  feed: readonly number[],
  target: readonly number[],
  values: Values,
): number {
  let hours = 1;
  for (const [at, index] of feed.entries()) {
    const gains = (target[index] ?? 0) > (question.current[index] ?? 0) + EPSILON;
    if (gains) hours = Math.max(hours, values.dwell[at] ?? 1);
  }
  return hours;
}

/** The movable part cut into equal atoms such that every cap is a whole number of them; null when that is not small. */
function latticeOf(question: PlanQuestion, feed: readonly number[], movable: number): Lattice | null {
  const { upper, lower } = question;
  const rooms = feed.map((index) => Math.min(1, ((upper[index] ?? 0) - (lower[index] ?? 0)) / movable));
  for (let atoms = 1; atoms <= MOST_ATOMS; atoms++) {
    if (rooms.some((room) => Math.abs(room * atoms - Math.round(room * atoms)) > EPSILON)) continue;
    const caps = rooms.map((room) => Math.round(room * atoms));
    const count = countAllocations(caps, atoms, MOST_ALLOCATIONS);
    return count === 0 || count > MOST_ALLOCATIONS ? null : createLattice(caps, atoms);
  }
  return null;
}

function jointly(
  question: PlanQuestion,
  feed: readonly number[],
  movable: number,
): Omit<Plan, 'values'> | null {
  const { current, lower } = question;
  const lattice = latticeOf(question, feed, movable);
  if (lattice === null) return null;
  const atoms = (index: number) => (((current[index] ?? 0) - (lower[index] ?? 0)) / movable) * lattice.atoms;
  const initial = isInitial(question);
  // What stands has to be an allocation itself, or staying could not be weighed.
  const standing = initial ? -1 : lattice.indexOf(feed.map((index) => Math.round(atoms(index))));
  const whole = feed.every((index) => Math.abs(atoms(index) - Math.round(atoms(index))) <= EPSILON);
  const atoms0 = feed.map((index) => (initial ? 0 : atoms(index)));
  const outside = question.clusters.some(
    (cluster, index) => cluster.role === 'leave' && (current[index] ?? 0) > EPSILON,
  );
  if (!initial && !outside && (standing < 0 || !whole)) return null;
  const values = valuesOf(lattice, outlookOf(question, feed), question.moveHours, MOST_DAYS_JOINT);
  let best = standing;
  let least = standing < 0 ? Number.POSITIVE_INFINITY : (values.total[standing] ?? 0);
  for (let state = 0; state < lattice.wholes; state++) {
    let cost = values.total[state] ?? 0;
    for (const [at, index] of feed.entries()) {
      const gained = (lattice.counts[state * feed.length + at] ?? 0) - (atoms0[at] ?? 0);
      if (gained > 0) cost += gained * arrivalCost(question, index);
    }
    if (cost < least - Math.abs(least) * 1e-12) {
      least = cost;
      best = state;
    }
  }
  if (best < 0) return null;
  const target = [...lower];
  for (const [at, index] of feed.entries()) {
    const count = lattice.counts[best * feed.length + at] ?? 0;
    target[index] = (target[index] ?? 0) + (count / lattice.atoms) * movable;
  }
  return { target, hours: values.dwell[best] ?? 1, scenarios: values.scenarios };
}

/** Fills the best places in turn, each first with what stands there, then from the worst places while that pays. */
function inTurn(question: PlanQuestion, values: readonly number[], movable: number): number[] {
  const { current, lower, upper } = question;
  const initial = isInitial(question);
  const target = [...lower];
  const free = current.map((share, index) => share - (lower[index] ?? 0));
  const order = values.map((_, index) => index).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0) || a - b);
  const sources = order.filter((index) => (free[index] ?? 0) > 0).toReversed();
  let unplaced = initial ? movable : 0;
  const take = (from: number, to: number, most: number) => {
    const moved = Math.min(most, free[from] ?? 0);
    free[from] = (free[from] ?? 0) - moved;
    target[to] = (target[to] ?? 0) + moved;
  };
  const room = (index: number) => Math.max(0, (upper[index] ?? 0) - (target[index] ?? 0));
  for (const to of order) {
    if (!Number.isFinite(values[to] ?? Number.POSITIVE_INFINITY)) break;
    const first = Math.min(unplaced, room(to));
    target[to] = (target[to] ?? 0) + first;
    unplaced -= first;
    take(to, to, room(to));
    if (room(to) <= EPSILON) continue;
    for (const from of sources) {
      const worth = (values[from] ?? 0) - (values[to] ?? 0) > arrivalCost(question, to);
      // What stands above a cap has to go somewhere even when that does not pay.
      const over = Math.max(0, (current[from] ?? 0) - (upper[from] ?? 0));
      if (from !== to) take(from, to, Math.min(room(to), worth ? Number.POSITIVE_INFINITY : over));
    }
  }
  for (const index of order) take(index, index, Number.POSITIVE_INFINITY);
  return target;
}

/**
 * Fills the cheapest clusters up to their bounds, judged by the mean over the horizon and without regard to what a
 * move costs. Equals go to the cluster that already holds more, then to the earlier entry.
 */
export function cheapestFirst(question: PlanQuestion): number[] {
  const { clusters, current, lower, upper } = question;
  const target = [...lower];
  let left = 1 - target.reduce((a, b) => a + b, 0);
  const order = clusters
    .map((_, index) => index)
    .sort(
      (a, b) =>
        (clusters[a]?.meanCost ?? 0) - (clusters[b]?.meanCost ?? 0) ||
        (current[b] ?? 0) - (current[a] ?? 0) ||
        a - b,
    );
  for (const index of order) {
    const more = Math.min(left, (upper[index] ?? 0) - (target[index] ?? 0));
    if (more <= 0) continue;
    target[index] = (target[index] ?? 0) + more;
    left -= more;
  }
  return target;
}
