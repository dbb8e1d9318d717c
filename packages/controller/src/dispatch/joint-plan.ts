import { HOUR, type Instant, MINUTE, type Millis } from '@windvane/carbon-map';
import type { JobDecision } from '../engine/jobs.ts';
import { forecastResolution } from '../planes/shared/intensity.ts';
import type { DispatchContext, JudgedJob } from './judge.ts';
import { type Booking, createRoom, type Room } from './room.ts';
import { type ScheduleTerms, scheduleJobs, type WaitingJob } from './schedule.ts';

/** A cluster's own summary is this old at most: what started since does not count there yet. */
export const UNCOUNTED: Millis = 2 * MINUTE;

/** What all Jobs of a hub are to do, planned together at one moment. */
export interface JointPlan {
  readonly at: Instant;
  readonly judged: ReadonlyMap<string, JudgedJob>;
  /** By the label of the Job. */
  readonly decisions: ReadonlyMap<string, JobDecision>;
}

function termsOf({ map, now, fleet, outlook }: DispatchContext): ScheduleTerms {
  return {
    now,
    forecastResolution: map === null ? HOUR : forecastResolution(fleet, { map }),
    carbonPricePerKg: outlook.prices?.carbonPricePerKg ?? 0,
  };
}

/** What a Job that runs takes; null for one that does not. */
function runOf({ started, facts, options }: JudgedJob, now: Instant): Booking | null {
  if (started === null || started.cluster === null || facts.job.finished) return null;
  const until = Math.max(started.at + options.duration, now + HOUR);
  return { cluster: started.cluster, from: now, until, requests: facts.job.requests };
}

/** What is free in the clusters, less what steps under way will take, with what running Jobs will give back. */
function roomOf(judged: Iterable<JudgedJob>, context: DispatchContext): Room {
  const { now } = context;
  const free = new Map(
    context.fleet.map(({ name, headroom }) => {
      const taken = context.reserved('', name);
      if (headroom === null || taken === undefined) return [name, headroom] as const;
      return [
        name,
        {
          cpuMillis: headroom.cpuMillis - taken.cpuMillis,
          memoryBytes: headroom.memoryBytes - taken.memoryBytes,
          pods: headroom.pods - taken.pods,
        },
      ] as const;
    }),
  );
  const room = createRoom(now, (cluster) => free.get(cluster) ?? null);
  for (const each of judged) {
    const run = runOf(each, now);
    if (run === null) continue;
    if ((each.started?.at ?? 0) > now - UNCOUNTED) room.book(run);
    else room.release(run);
  }
  return room;
}

/** Plans all Jobs of a hub. Pure: nothing is read or written. */
export function planJointly(judged: ReadonlyMap<string, JudgedJob>, context: DispatchContext): JointPlan {
  const room = roomOf(judged.values(), context);
  const terms = termsOf(context);
  const waiting = (acting: boolean): WaitingJob[] =>
    [...judged.values()].flatMap((each) =>
      each.waiting !== null && (each.mode === 'act') === acting ? [each.waiting] : [],
    );
  const decisions = new Map(scheduleJobs(waiting(true), terms, room));
  // What is only observed takes no room from the others.
  const looking: Room = { ...room, book() {} };
  for (const [label, decision] of scheduleJobs(waiting(false), terms, looking))
    decisions.set(label, decision);
  return { at: context.now, judged, decisions };
}

/** A plan holds for the hour that it was made in, as long as nothing changes. */
export function isOfThisHour({ at }: JointPlan, now: Instant): boolean {
  return Math.floor(at / HOUR) === Math.floor(now / HOUR);
}
