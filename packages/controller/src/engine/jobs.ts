import type { Instant, Millis } from '@windvane/carbon-map';
import type { CostTerms } from './cost.ts';
import type { BindingConstraint } from './decision.ts';
import { type JobEvidence, jobEvidence } from './job-evidence.ts';
import { type ClusterTimelines, clusterTimelines } from './job-timelines.ts';
import { once } from './late-evidence.ts';
import type { ClusterOption } from './problem.ts';
import { bestAllowedWindow, EQUAL, hoursText, type RunWindow, windowAt } from './windows.ts';

/** A run-once workload that waits for its place and time. */
export interface JobProblem extends CostTerms {
  /** `namespace/name`. */
  readonly job: string;
  readonly latestStart: Instant;
  /** Expected run time. */
  readonly duration: Millis;
  /** Where it may run; one entry for a job that is bound to its cluster. */
  readonly clusters: readonly ClusterOption[];
  /** Pods that have to fit at once; 1 when not given. */
  readonly replicas?: number;
  /** The plan of the last answer. It is kept while nothing is better by a hundredth, so that plans do not flicker. */
  readonly planned?: { readonly cluster: string; readonly start: Instant } | null;
  /**
   * Whether the whole run has room when it starts there at that instant: where jobs share room, what others were
   * promised is taken. Always when not given.
   */
  readonly fits?: (cluster: string, start: Instant) => boolean;
}

/** Where and when a job should start, as far as is known now. */
export interface JobDecision {
  readonly job: string;
  readonly at: Instant;
  /** `start` now, `wait` for the planned start (or, without one, for data or room), or `refuse`: no cluster may take it. */
  readonly outcome: 'start' | 'wait' | 'refuse';
  readonly cluster: string | null;
  /** Ask again then at the latest. Null while no start can be planned: ask again with new data, and at the latest start. */
  readonly plannedStart: Instant | null;
  /** Expected mean intensity while it runs, in gCO2eq per kWh (PUE included); null without data. */
  readonly gramsPerKwh: number | null;
  /** The same if it started now in the best cluster. */
  readonly gramsPerKwhNow: number | null;
  /** The latest start has passed. */
  readonly late: boolean;
  /** The best other cluster and why it lost; null when there is no other. Worked out when read, like `clusters`. */
  readonly runnerUp: { readonly cluster: string; readonly reason: string } | null;
  /** Why every cluster was chosen or not, in ascending order of names. */
  readonly clusters: readonly JobEvidence[];
  /** One sentence for people. */
  readonly text: string;
}

/** One cluster as the job sees it. */
export interface JobOption {
  readonly option: ClusterOption;
  readonly barrier: Exclude<BindingConstraint, 'none'> | null;
  readonly timelines: ClusterTimelines | null;
  /** The best run there, in the objective's unit; null when it may not run there or nothing is known. */
  readonly best: RunWindow | null;
}

/** A run in a cluster. */
interface Slot extends RunWindow {
  readonly where: JobOption;
}

/** How much better another plan has to be than the one of the last answer. */
const STABLE = 0.01;

/**
 * Chooses cluster and start of one job: the cheapest expected run within its latest start. Asked again, it follows
 * newer forecasts; with the same ones it answers the same. Being late is worse than being dirty: at the latest start
 * it goes at once to the best ready cluster, also without any data or certain room.
 */
export function decideJob(problem: JobProblem): JobDecision {
  const { at, latestStart } = problem;
  const due = at >= latestStart;
  const options = optionsOf(problem, due);
  const open = options.filter(
    ({ barrier }) => barrier === null || barrier === 'no-data' || barrier === 'no-price',
  );
  const now = bestSlot(open, ({ timelines }) => timelines && windowAt(timelines.costs, at, problem.duration));
  if (open.length === 0) {
    const full = options.some(({ barrier }) => barrier === 'headroom');
    return answer(problem, options, full ? 'wait' : 'refuse', null, now);
  }
  if (due) return answer(problem, options, 'start', now ?? blindSlot(open, at), now);
  const best = bestSlot(open, (each) => each.best);
  if (best === null) return answer(problem, options, 'wait', null, null);
  const kept = keptSlot(problem, open, best);
  return answer(problem, options, kept.start <= at ? 'start' : 'wait', kept, now);
}

function optionsOf(problem: JobProblem, due: boolean): JobOption[] {
  const sorted = problem.clusters.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const room = sorted.some((option) => mayRun(option) && hasRoom(problem, option, due));
  return sorted.map((option) => {
    const until = Math.max(problem.at, problem.latestStart) + problem.duration;
    const timelines = clusterTimelines(problem, option, until);
    const barrier = barrierOf(problem, option, timelines, due, due && !room);
    if (barrier !== null || timelines === null) return { option, barrier, timelines, best: null };
    const best = bestAllowedWindow(
      timelines.costs,
      problem,
      (start) => due || fitsAt(problem, option, start),
    );
    return { option, barrier: best === null ? 'headroom' : null, timelines, best };
  });
}

function fitsAt({ fits }: JobProblem, { name }: ClusterOption, start: Instant): boolean {
  return fits === undefined || fits(name, start);
}

function mayRun({ ready, allowed, avoid }: ClusterOption): boolean {
  return ready && allowed && !avoid;
}

function hasRoom(problem: JobProblem, option: ClusterOption, due: boolean): boolean {
  const { replicas = 1, at } = problem;
  if (option.headroomReplicas !== null && option.headroomReplicas < replicas) return false;
  return !due || fitsAt(problem, option, at);
}

/** @param overfull a job that must go now goes also where room is not certain: there it queues, here it would only be late. */
function barrierOf(
  problem: JobProblem,
  option: ClusterOption,
  timelines: ClusterTimelines | null,
  due: boolean,
  overfull: boolean,
): JobOption['barrier'] {
  if (!option.allowed) return 'outside-locations';
  if (option.avoid) return 'avoid';
  if (!option.ready) return 'not-ready';
  if (!overfull && !hasRoom(problem, option, due)) return 'headroom';
  if (timelines !== null) return null;
  return option.zone === null || option.gramsPerKwh === null ? 'no-data' : 'no-price';
}

/** The cheapest of one run per cluster; ties go to the earlier start, then to the name. */
function bestSlot(
  options: readonly JobOption[],
  runOf: (option: JobOption) => RunWindow | null,
): Slot | null {
  let best: Slot | null = null;
  for (const where of options) {
    const run = runOf(where);
    if (run === null) continue;
    const same = best !== null && Math.abs(run.mean - best.mean) <= EQUAL * Math.abs(best.mean);
    if (best === null || (same ? run.start < best.start : run.mean < best.mean)) best = { ...run, where };
  }
  return best;
}

/** The plan of the last answer, or the best one when that has become worth a change. */
function keptSlot(problem: JobProblem, open: readonly JobOption[], best: Slot): Slot {
  const { planned = null, at, latestStart, duration } = problem;
  const where = open.find(({ option }) => option.name === planned?.cluster);
  if (planned === null || where === undefined || where.timelines === null) return best;
  const run = windowAt(where.timelines.costs, Math.max(at, Math.min(planned.start, latestStart)), duration);
  if (!fitsAt(problem, where.option, run.start)) return best;
  return run.mean - best.mean <= STABLE * Math.abs(best.mean) ? { ...run, where } : best;
}

/** Without data every ready cluster is as good: the first by name. */
function blindSlot([where]: readonly JobOption[], at: Instant): Slot | null {
  return where === undefined ? null : { start: at, end: at, mean: Number.NaN, where };
}

function answer(
  problem: JobProblem,
  options: readonly JobOption[],
  outcome: JobDecision['outcome'],
  slot: Slot | null,
  now: Slot | null,
): JobDecision {
  const { job, at, latestStart, duration } = problem;
  const grams = (of: Slot | null) => of?.where.timelines?.grams.mean(of.start, duration) ?? null;
  const gramsPerKwh = grams(slot);
  const gramsPerKwhNow = grams(now);
  const evidence = once(() => jobEvidence(problem, options, slot));
  return {
    job,
    at,
    outcome,
    cluster: slot?.where.option.name ?? null,
    plannedStart: slot?.start ?? null,
    gramsPerKwh,
    gramsPerKwhNow,
    late: at > latestStart,
    get runnerUp() {
      return evidence().runnerUp;
    },
    get clusters() {
      return evidence().clusters;
    },
    text: textOf(problem, options, outcome, slot, gramsPerKwh, gramsPerKwhNow),
  };
}

function textOf(
  { at, latestStart }: JobProblem,
  options: readonly JobOption[],
  outcome: JobDecision['outcome'],
  slot: Slot | null,
  grams: number | null,
  gramsNow: number | null,
): string {
  if (outcome === 'refuse') return 'No cluster that it may use is ready.';
  if (slot === null) {
    const full = options.some(({ barrier }) => barrier === 'headroom');
    const unpriced = options.some(({ barrier }) => barrier === 'no-price');
    const lack = full ? 'room in' : unpriced ? 'price for' : 'data for';
    return `No ${lack} any cluster that it may use: waits for ${lack.split(' ')[0]} or its latest start.`;
  }
  const { name } = slot.where.option;
  const expected = grams === null ? 'without data' : `${Math.round(grams)} g/kWh expected`;
  const due = at >= latestStart ? ': its latest start is here' : '';
  if (outcome === 'start') return `Starts in ${name}, ${expected}${due}.`;
  const instead = gramsNow === null ? '' : ` instead of ${Math.round(gramsNow)} now`;
  return `Waits ${hoursText(slot.start - at)} for ${name}, ${expected}${instead}.`;
}
