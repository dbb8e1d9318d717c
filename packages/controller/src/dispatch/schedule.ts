import type { Instant, Millis } from '@windvane/carbon-map';
import { decideJob, type JobDecision } from '../engine/jobs.ts';
import type { ClusterOption, Objective } from '../engine/problem.ts';
import type { RunRequests } from './job-view.ts';
import type { Room } from './room.ts';

/** One Job that waits, as the planner sees it. */
export interface WaitingJob {
  /** For people, and unique: `Job batch/train`. */
  readonly label: string;
  /** From then on it waits no longer. */
  readonly due: Instant;
  readonly duration: Millis;
  readonly requests: RunRequests;
  readonly objective: Objective;
  readonly wattsPerReplica: number;
  readonly clusters: readonly ClusterOption[];
  /** What it was told last; null while it was told nothing. */
  readonly planned: { readonly cluster: string; readonly start: Instant } | null;
}

export interface ScheduleTerms {
  readonly now: Instant;
  readonly forecastResolution: Millis;
  readonly carbonPricePerKg: number;
}

function decide(job: WaitingJob, terms: ScheduleTerms, room: Room): JobDecision {
  const { label, due, duration, requests, objective, wattsPerReplica, clusters, planned } = job;
  const { now, forecastResolution, carbonPricePerKg } = terms;
  return decideJob({
    job: label,
    at: now,
    latestStart: due,
    duration,
    clusters,
    objective,
    forecastResolution,
    carbonPricePerKg,
    wattsPerReplica,
    planned,
    fits: (cluster, from) => room.fits({ cluster, from, until: from + duration, requests }),
  });
}

/** In the order in which they choose: the one that must go first, first; then by name. */
export function inOrderOfNeed<T extends Pick<WaitingJob, 'due' | 'label'>>(jobs: Iterable<T>): T[] {
  return [...jobs].sort((a, b) => a.due - b.due || (a.label < b.label ? -1 : 1));
}

/**
 * Plans all waiting Jobs together: each takes the cheapest start and place that the ones before it, which have less
 * choice, left room for. Pure but for `room`, which keeps what was taken.
 */
export function scheduleJobs(
  jobs: Iterable<WaitingJob>,
  terms: ScheduleTerms,
  room: Room,
): ReadonlyMap<string, JobDecision> {
  const planned = new Map<string, JobDecision>();
  for (const job of inOrderOfNeed(jobs)) {
    const decision = decide(job, terms, room);
    planned.set(job.label, decision);
    const { cluster, plannedStart: from } = decision;
    if (cluster === null || from === null) continue;
    room.book({ cluster, from, until: from + job.duration, requests: job.requests });
  }
  return planned;
}
