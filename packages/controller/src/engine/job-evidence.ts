import type { Instant } from '@windvane/carbon-map';
import type { BindingConstraint } from './decision.ts';
import { BARRIER_TEXT, percent, place } from './evidence.ts';
import type { JobOption, JobProblem } from './jobs.ts';
import { hoursText, type RunWindow } from './windows.ts';

/** Why a job goes to a cluster or does not. */
export interface JobEvidence {
  readonly cluster: string;
  readonly constraint: BindingConstraint;
  /** 1 is the best under the objective; null when the job may not run there or nothing is known. */
  readonly rank: number | null;
  /** The best start there; null without a rank. */
  readonly start: Instant | null;
  /** Expected mean intensity of that run in gCO2eq per kWh (PUE included). */
  readonly gramsPerKwh: number | null;
  /** One sentence for people. */
  readonly reason: string;
}

/** The chosen run. */
interface Chosen extends RunWindow {
  readonly where: JobOption;
}

/** Tells every cluster's part in a choice. */
export function jobEvidence(
  problem: JobProblem,
  options: readonly JobOption[],
  chosen: Chosen | null,
): {
  readonly runnerUp: { readonly cluster: string; readonly reason: string } | null;
  readonly clusters: readonly JobEvidence[];
} {
  const ranked = options
    .flatMap(({ option, best }) => (best === null ? [] : [{ name: option.name, best }]))
    .toSorted((a, b) => a.best.mean - b.best.mean || a.best.start - b.best.start);
  const ranks = new Map(ranked.map(({ name }, index) => [name, index + 1]));
  const clusters = options.map((each) => evidenceOf(problem, each, ranks));
  const second = ranked.find(({ name }) => name !== chosen?.where.option.name);
  if (chosen === null || second === undefined || Number.isNaN(chosen.mean))
    return { runnerUp: null, clusters };
  const more = chosen.mean === 0 ? 0 : (second.best.mean - chosen.mean) / Math.abs(chosen.mean);
  const [worse, better] = problem.objective === 'carbon' ? ['dirtier', 'cleaner'] : ['dearer', 'cheaper'];
  const compared =
    Math.abs(more) < 1e-9 ? 'as good' : `${percent(Math.abs(more))} ${more > 0 ? worse : better}`;
  return {
    runnerUp: {
      cluster: second.name,
      reason: `${compared}, starting ${whenText(problem, second.best.start)}`,
    },
    clusters,
  };
}

function evidenceOf(
  problem: JobProblem,
  { option, barrier, timelines, best }: JobOption,
  ranks: ReadonlyMap<string, number>,
): JobEvidence {
  const { name } = option;
  const rank = ranks.get(name) ?? null;
  const grams = best === null ? null : (timelines?.grams.mean(best.start, problem.duration) ?? null);
  const reason =
    best === null || grams === null || rank === null
      ? `${name}: ${barrier === null ? 'not judged' : BARRIER_TEXT[barrier]}`
      : `${name}: ${Math.round(grams)} g/kWh when started ${whenText(problem, best.start)}, ${place(problem.objective, rank)} of ${ranks.size}`;
  return {
    cluster: name,
    constraint: barrier ?? 'none',
    rank,
    start: best?.start ?? null,
    gramsPerKwh: grams,
    reason,
  };
}

function whenText({ at }: JobProblem, start: Instant): string {
  return start <= at ? 'now' : `in ${hoursText(start - at)}`;
}
