import type { Instant, Millis } from '@windvane/carbon-map';
import { type CostTerms, expectedGrams, hourlyCosts } from './options.ts';
import type { ClusterOption } from './problem.ts';

/** A run-once workload that waits for its place and time. */
export interface JobProblem extends CostTerms {
  /** `namespace/name`. */
  readonly job: string;
  readonly latestStart: Instant;
  /** Expected run time. */
  readonly duration: Millis;
  /** Where it may run; one entry for a job that is bound to its cluster. */
  readonly clusters: readonly ClusterOption[];
}

/** Where and when a job should start, as far as is known now. */
export interface JobDecision {
  readonly job: string;
  readonly at: Instant;
  /** `start` now, `wait` for the planned start, or `refuse`: no cluster may take it. */
  readonly outcome: 'start' | 'wait' | 'refuse';
  readonly cluster: string | null;
  readonly plannedStart: Instant | null;
  /** Expected mean intensity while it runs, in gCO2eq per kWh; null without data. */
  readonly gramsPerKwh: number | null;
  /** The same if it started now in the best cluster. */
  readonly gramsPerKwhNow: number | null;
  /** The latest start has passed. */
  readonly late: boolean;
  /** One sentence for people. */
  readonly text: string;
}

interface Slot {
  readonly option: ClusterOption;
  readonly hour: number;
  readonly cost: number;
}

const HOUR_MS = 3_600_000;

/**
 * Chooses cluster and start of one job: the cheapest expected run within its latest start. Called again every hour, it
 * follows newer forecasts. Being late is worse than being dirty: at the latest start it goes at once to the best
 * ready cluster, also without any data.
 */
export function decideJob(problem: JobProblem): JobDecision {
  const { at, latestStart } = problem;
  const open = problem.clusters
    .filter((option) => option.ready && option.allowed && !option.avoid)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const roomy = open.filter(({ headroomReplicas }) => headroomReplicas === null || headroomReplicas >= 1);
  const last = latestStart - at < HOUR_MS;
  // A job that must go now goes also where room is not certain: there it queues, here it would only be late.
  const candidates = last && roomy.length === 0 ? open : roomy;
  const now = cheapest(problem, candidates, 0);
  if (candidates.length === 0) return answer(problem, 'refuse', null, null);
  if (at >= latestStart) return answer(problem, 'start', now ?? blind(candidates), now);
  const best = cheapest(problem, candidates, Math.floor((latestStart - at) / HOUR_MS));
  if (best === null) return answer(problem, 'wait', null, null);
  return answer(problem, best.hour === 0 ? 'start' : 'wait', best, now);
}

/** The cheapest run that starts within some hours from now; ties go to the earlier start, then to the name. */
function cheapest(problem: JobProblem, candidates: readonly ClusterOption[], latest: number): Slot | null {
  let best: Slot | null = null;
  const length = problem.duration / HOUR_MS;
  for (const option of candidates) {
    const costs = hourlyCosts(problem, option, latest + Math.max(1, Math.ceil(length)));
    if (costs.length === 0) continue;
    for (let hour = 0; hour <= latest; hour++) {
      const cost = meanOver(costs, hour, length);
      const close = best !== null && Math.abs(cost - best.cost) <= 1e-9 * Math.abs(best.cost);
      if (best === null || (close ? hour < best.hour : cost < best.cost)) best = { option, hour, cost };
    }
  }
  return best;
}

/** Mean over [from, from + length) hours; the last hour may count in part. */
function meanOver(values: ArrayLike<number>, from: number, length: number): number {
  if (length <= 1) return values[from] ?? 0;
  let sum = 0;
  for (let done = 0; done < length; done++) sum += (values[from + done] ?? 0) * Math.min(1, length - done);
  return sum / length;
}

/** Without data every ready cluster is as good: the first by name. */
function blind(candidates: readonly ClusterOption[]): Slot | null {
  const [option] = candidates;
  return option === undefined ? null : { option, hour: 0, cost: Number.NaN };
}

function answer(
  problem: JobProblem,
  outcome: JobDecision['outcome'],
  slot: Slot | null,
  now: Slot | null,
): JobDecision {
  const { job, at, latestStart } = problem;
  const grams = gramsOf(problem, slot);
  const gramsNow = gramsOf(problem, now);
  return {
    job,
    at,
    outcome,
    cluster: slot?.option.name ?? null,
    plannedStart: slot === null ? null : at + slot.hour * HOUR_MS,
    gramsPerKwh: grams,
    gramsPerKwhNow: gramsNow,
    late: at > latestStart,
    text: textOf(outcome, slot, grams, gramsNow, at >= latestStart),
  };
}

function gramsOf(problem: JobProblem, slot: Slot | null): number | null {
  if (slot === null || slot.option.gramsPerKwh === null) return null;
  const length = problem.duration / HOUR_MS;
  const hours = slot.hour + Math.max(1, Math.ceil(length));
  const grams = Array.from({ length: hours }, (_, hour) => expectedGrams(problem, slot.option, hour));
  return meanOver(grams, slot.hour, length);
}

function textOf(
  outcome: JobDecision['outcome'],
  slot: Slot | null,
  grams: number | null,
  gramsNow: number | null,
  due: boolean,
): string {
  if (outcome === 'refuse') return 'No cluster that it may use is ready and has room.';
  if (slot === null) return 'No data for any cluster that it may use: waits for data or its latest start.';
  const expected = grams === null ? 'without data' : `${Math.round(grams)} g/kWh expected`;
  if (outcome === 'start')
    return `Starts in ${slot.option.name}, ${expected}${due ? ': its latest start is here' : ''}.`;
  const instead = gramsNow === null ? '' : ` instead of ${Math.round(gramsNow)} now`;
  return `Waits ${slot.hour} h for ${slot.option.name}, ${expected}${instead}.`;
}
