import { classOf } from './class.ts';
import type { JudgedCluster } from './options.ts';
import { countAllocations, createLattice, type Lattice } from './planning/lattice.ts';
import { type Outlook, valuesOf } from './planning/rollout.ts';

/** What the planner is asked: shares of one unit, one entry per judged cluster. */
export interface PlanQuestion {
  readonly clusters: readonly JudgedCluster[];
  /** Shares now; all zero before the first placement. */
  readonly current: readonly number[];
  readonly lower: readonly number[];
  readonly upper: readonly number[];
  /** Hours of work that a move loses. */
  readonly moveHours: number;
  /** Many units have these very bounds, so that what follows from them is worth remembering. */
  readonly shared: boolean;
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
  const { current, lower } = question;
  const single = singleValues(question);
  const { values } = single;
  const stay = { target: current, hours: 1, values, scenarios: single.scenarios };
  let kept = 0;
  for (const floor of lower) kept += floor;
  const movable = 1 - kept;
  if (movable <= EPSILON) return stay;
  const alone = independently(question, single, movable);
  if (fits(alone, question)) return { ...stay, target: alone, hours: dwellOf(question, alone, single) };
  const joint = jointly(question, classOf(question.clusters).feed, movable);
  if (joint !== null) return { ...joint, values };
  const filled = inTurn(question, single, movable);
  return { ...stay, target: filled, hours: dwellOf(question, filled, single) };
}

/** What a class of units thinks of single clusters. */
interface SingleValues {
  /** Per cluster; infinite where it may not be fed. */
  readonly values: readonly number[];
  readonly dwell: readonly number[];
  /** Positions from the best to the worst. */
  readonly order: readonly number[];
  /** The best place to be, when coming there costs what a move costs and when it is free. */
  readonly arrival: Place;
  readonly free: Place;
  readonly scenarios: number;
}

interface Place {
  readonly best: number;
  /** Expected cost from now on, arrival included. */
  readonly least: number;
}

function bestPlace(values: readonly number[], moveHours: number, redone: Float64Array): Place {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let index = 0; index < values.length; index++) {
    const arrived = (values[index] ?? 0) + moveHours * (redone[index] ?? 0);
    if (arrived < least) {
      least = arrived;
      best = index;
    }
  }
  return { best, least };
}

/** Values of single clusters depend on nothing but the judged clusters and the move cost, which a class shares. */
const memory = new WeakMap<readonly JudgedCluster[], Map<number, SingleValues>>();

function singleValues(question: PlanQuestion): SingleValues {
  const { clusters, moveHours } = question;
  let known = memory.get(clusters);
  if (known === undefined) {
    known = new Map();
    memory.set(clusters, known);
  }
  let single = known.get(moveHours);
  if (single === undefined) {
    const { feed, redone } = classOf(clusters);
    const { total, dwell, scenarios } = valuesOf(
      singleLattice(feed.length),
      outlookOf(question, feed),
      moveHours,
      MOST_DAYS,
    );
    const values = clusters.map(() => Number.POSITIVE_INFINITY);
    const hours = clusters.map(() => 1);
    for (const [at, index] of feed.entries()) {
      values[index] = total[at] ?? Number.POSITIVE_INFINITY;
      hours[index] = dwell[at] ?? 1;
    }
    const order = values
      .map((_, index) => index)
      .sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0) || a - b);
    single = {
      values,
      dwell: hours,
      order,
      arrival: bestPlace(values, moveHours, redone),
      free: bestPlace(values, 0, redone),
      scenarios,
    };
    known.set(moveHours, single);
  }
  return single;
}

/** One atom in any of so many clusters: the same for every class of that width. */
const singles = new Map<number, Lattice>();

function singleLattice(clusters: number): Lattice {
  let lattice = singles.get(clusters);
  if (lattice === undefined) {
    const caps = Array.from({ length: clusters }, () => 1);
    lattice = createLattice(caps, 1);
    singles.set(clusters, lattice);
  }
  return lattice;
}

function outlookOf(question: PlanQuestion, feed: readonly number[]): Outlook {
  const chosen = feed.flatMap((index) => question.clusters[index] ?? []);
  return {
    costs: chosen.map((cluster) => cluster.costs),
    perUnit: chosen.map((cluster) => cluster.costPerGram),
    past: chosen.map((cluster) => cluster.option.pastForecasts ?? []),
  };
}

function isInitial({ current }: PlanQuestion): boolean {
  for (const share of current) if (share !== 0) return false;
  return true;
}

/** What it costs to bring the whole unit into a cluster; the first placement is free. */
function arrivalCost({ clusters, moveHours }: PlanQuestion, index: number, initial: boolean): number {
  return initial ? 0 : moveHours * (classOf(clusters).redone[index] ?? 0);
}

/** Every part of the unit goes where it is best, as if it were alone. */
function independently(question: PlanQuestion, single: SingleValues, movable: number): number[] {
  const { current, lower } = question;
  const { values } = single;
  const target = lower.slice();
  const initial = isInitial(question);
  const { best, least } = initial ? single.free : single.arrival;
  if (initial) target[best] = (target[best] ?? 0) + movable;
  const bar = least + Math.abs(least) * 1e-12;
  for (let index = 0; index < current.length; index++) {
    const free = (current[index] ?? 0) - (lower[index] ?? 0);
    if (free <= 0) continue;
    const to = (values[index] ?? 0) <= bar ? index : best;
    target[to] = (target[to] ?? 0) + free;
  }
  return target;
}

function fits(target: readonly number[], { upper }: PlanQuestion): boolean {
  for (let index = 0; index < target.length; index++) {
    if ((target[index] ?? 0) > (upper[index] ?? 0) + EPSILON) return false;
  }
  return true;
}

function dwellOf({ current }: PlanQuestion, target: readonly number[], { dwell }: SingleValues): number {
  let hours = 1;
  for (let index = 0; index < target.length; index++) {
    const gains = (target[index] ?? 0) > (current[index] ?? 0) + EPSILON;
    if (gains) hours = Math.max(hours, dwell[index] ?? 1);
  }
  return hours;
}

/** Remembered by the very caps that units of one class share; few classes have any that bind. */
const lattices = new WeakMap<
  readonly number[],
  { readonly movable: number; readonly lattice: Lattice | null }
>();

function latticeOf(question: PlanQuestion, feed: readonly number[], movable: number): Lattice | null {
  if (!question.shared) return makeLattice(question, feed, movable);
  let known = lattices.get(question.upper);
  if (known === undefined || known.movable !== movable) {
    known = { movable, lattice: makeLattice(question, feed, movable) };
    lattices.set(question.upper, known);
  }
  return known.lattice;
}

/** The movable part cut into equal atoms such that every cap is a whole number of them; null when that is not small. */
function makeLattice(question: PlanQuestion, feed: readonly number[], movable: number): Lattice | null {
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
      if (gained > 0) cost += gained * arrivalCost(question, index, initial);
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
function inTurn(question: PlanQuestion, { values, order }: SingleValues, movable: number): number[] {
  const { current, lower, upper } = question;
  const initial = isInitial(question);
  const target = [...lower];
  const free = current.map((share, index) => share - (lower[index] ?? 0));
  // Worst first, and only places that still have something to give.
  let sources = order.filter((index) => (free[index] ?? 0) > 0).toReversed();
  let unplaced = initial ? movable : 0;
  const take = (from: number, to: number, most: number) => {
    const moved = Math.min(most, free[from] ?? 0);
    free[from] = (free[from] ?? 0) - moved;
    target[to] = (target[to] ?? 0) + moved;
  };
  const room = (index: number) => Math.max(0, (upper[index] ?? 0) - (target[index] ?? 0));
  for (const to of order) {
    const value = values[to] ?? Number.POSITIVE_INFINITY;
    if (!Number.isFinite(value) || (sources.length === 0 && unplaced <= 0)) break;
    const first = Math.min(unplaced, room(to));
    target[to] = (target[to] ?? 0) + first;
    unplaced -= first;
    take(to, to, room(to));
    if (room(to) <= EPSILON) continue;
    const arrival = arrivalCost(question, to, initial);
    let emptied = false;
    for (const from of sources) {
      const space = room(to);
      if (space <= 0) break;
      const worth = (values[from] ?? 0) - value > arrival;
      // What stands above a cap has to go somewhere even when that does not pay.
      const over = worth ? space : Math.max(0, (current[from] ?? 0) - (upper[from] ?? 0));
      if (from !== to && over > 0) take(from, to, Math.min(space, over));
      if ((free[from] ?? 0) <= 0) emptied = true;
    }
    if (emptied) sources = sources.filter((index) => (free[index] ?? 0) > 0);
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
