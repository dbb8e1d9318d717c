import type { Instant } from '@windvane/carbon-map';
import type { HubConfig } from '../config/config.ts';
import { jobOptIn } from '../dispatch/facts.ts';
import type { KubeApi } from '../kube/api.ts';
import { survey } from '../planes/karmada/handback/survey.ts';

/** Jobs that wait for Windvane to start them. */
export interface JobFinding {
  readonly waiting: number;
  /** Past their latest start, the longest first. */
  readonly overdue: readonly { readonly job: string; readonly latestStart: string }[];
}

/** A Job this long past its latest start is overdue: it takes a moment to start one. */
const GRACE = 60_000;

/** Counts what waits, from the hub alone. Throws KubeError. */
export async function examineJobs(
  api: KubeApi,
  { runOnceKinds, defaults, mode }: Pick<HubConfig, 'runOnceKinds' | 'defaults' | 'mode'>,
  now: Instant,
): Promise<JobFinding> {
  // Also those that no controller has seen yet: none may ever have run.
  const { jobs } = await survey(api, runOnceKinds, mode === 'act');
  const overdue = jobs.waiting
    .map((facts) => ({
      job: facts.job.workload.label,
      at: facts.job.createdAt + jobOptIn(facts, defaults).options.startBy,
    }))
    .filter(({ at }) => at + GRACE < now)
    .sort((a, b) => a.at - b.at);
  return {
    waiting: jobs.waiting.length,
    overdue: overdue.map(({ job, at }) => ({ job, latestStart: new Date(at).toISOString() })),
  };
}

/** One line with the remedy; none when nothing is overdue. */
export function jobProblems({ overdue }: JobFinding): readonly string[] {
  const [first] = overdue;
  if (first === undefined) return [];
  const others = overdue.length === 1 ? '' : ` and ${overdue.length - 1} more`;
  const verb = overdue.length === 1 ? 'waits' : 'wait';
  return [
    `jobs: ${first.job}${others} ${verb} past the latest start (${first.latestStart}); see that a controller runs and leads, that a cluster is Ready, and what windvane explain says of it`,
  ];
}
