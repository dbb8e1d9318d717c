import type { Instant } from '@windvane/carbon-map';
import { locationProblems } from '../optin/locations.ts';
import { ASSUMED_WATTS, type UnitOptions } from '../optin/options.ts';
import { misconfigurationOf } from '../optin/parse.ts';
import type { MemberCluster } from '../planes/karmada/member.ts';
import { missingPrice } from '../planes/shared/prices.ts';
import type {
  BlockedReason,
  CarbonPlacementStatus,
  EffectiveMode,
  MisconfiguredReason,
} from '../status/carbon-placement.ts';
import type { Finding } from '../status/conditions.ts';
import { boundClusters, type JobFacts, jobOptIn, unitOfJob } from './facts.ts';
import { dueAt } from './job-view.ts';
import { jobOption, type OptionContext } from './options.ts';
import { clusterOf } from './policy.ts';
import { dispatchRefusal } from './refusal.ts';
import type { WaitingJob } from './schedule.ts';

/** What judging a Job depends on besides the Job itself. */
export interface DispatchContext extends OptionContext {
  /** The hub's ceiling. */
  readonly ceiling: 'observe' | 'act';
  /** Why everything is frozen; null when it is not. */
  readonly frozen: string | null;
  readonly fleet: readonly MemberCluster[];
  readonly hubDefaults: Readonly<Record<string, string>>;
}

/** Where a Job was started. */
interface Started {
  readonly cluster: string | null;
  readonly at: Instant;
  readonly policy: string | null;
}

/** A Job, judged: what it wants and whether it may have it. */
export interface JudgedJob {
  readonly facts: JobFacts;
  readonly options: UnitOptions;
  readonly optInHash: string;
  readonly mode: EffectiveMode;
  readonly hold: CarbonPlacementStatus['hold'];
  readonly latestStart: Instant;
  /** From then on it waits no longer. */
  readonly due: Instant;
  /** Null while it was not. */
  readonly started: Started | null;
  readonly misconfigured: Finding<MisconfiguredReason> | null;
  /** Why it is not dispatched, its mode aside. */
  readonly unfit: Finding<BlockedReason> | null;
  readonly candidates: readonly MemberCluster[];
  /** The question for the planner; null when nothing is to be planned. */
  readonly waiting: WaitingJob | null;
}

/**
 * Where and when it was started, from whatever still tells: its policy, or else what was written down after making it,
 * or else what Karmada made of it. Any of them keeps it from being dispatched again.
 */
function startedIn(facts: JobFacts): Started | null {
  const { job, policy, remembered } = facts;
  const record = remembered.dispatch?.job === job.uid ? remembered.dispatch : null;
  if (policy !== null) {
    const at = Date.parse(policy.metadata.creationTimestamp ?? '');
    return { cluster: clusterOf(policy) ?? record?.cluster ?? null, at, policy: policy.metadata.name };
  }
  if (record !== null && record.dispatchedAt !== null) {
    return { cluster: record.cluster, at: Date.parse(record.dispatchedAt), policy: record.policy };
  }
  const [cluster] = facts.claim === null ? boundClusters(facts) : [];
  if (cluster === undefined) return null;
  const boundAt = Date.parse(facts.binding?.object.metadata.creationTimestamp ?? '');
  return { cluster, at: boundAt, policy: record?.policy ?? null };
}

/** What its status tells of the plan before this one. */
function plannedBefore({ job, remembered }: JobFacts): WaitingJob['planned'] {
  const { dispatch, decision } = remembered;
  const [cluster] = Object.keys(decision?.target ?? {});
  const start = Date.parse(dispatch?.plannedStart ?? '');
  return cluster === undefined || Number.isNaN(start) || dispatch?.job !== job.uid
    ? null
    : { cluster, start };
}

function modeOf(options: UnitOptions, { ceiling }: DispatchContext, held: boolean): EffectiveMode {
  if (options.placement === 'off') return 'off';
  return options.placement === 'observe' || ceiling === 'observe' || held ? 'observe' : 'act';
}

/** Judges a Job. Pure: nothing is read or written. */
export function judgeJob(facts: JobFacts, context: DispatchContext): JudgedJob {
  const { job, remembered } = facts;
  const optIn = jobOptIn(facts, context.hubDefaults);
  const { options } = optIn;
  const problems = [...optIn.problems, ...locationProblems(options.locations, context.locations)];
  const hold = remembered.hold?.annotationsHash === optIn.hash ? remembered.hold : null;
  const started = startedIn(facts);
  const unfit = dispatchRefusal(facts, options, 'act', null);
  const candidates = context.fleet
    .filter(({ deleting }) => !deleting)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const due = dueAt(job.createdAt, options.startBy);
  const isDue = context.now >= due;
  const { map } = context;
  const unpriced = map === null ? null : missingPrice(candidates, options, { ...context, map }, context.now);
  // A price that is missing at its latest start makes no Job late.
  const misconfigured = misconfigurationOf(problems) ?? (isDue ? null : unpriced);
  const plans = started === null && !job.finished && misconfigured === null && unfit === null;
  const unit = unitOfJob(facts);
  const waiting = !plans
    ? null
    : {
        label: job.workload.label,
        due,
        duration: options.duration,
        requests: job.requests,
        objective: unpriced === null ? options.objective : 'carbon',
        wattsPerReplica: options.wattsPerReplica ?? ASSUMED_WATTS,
        clusters: candidates.map((member) => jobOption(member, unit, options, context, isDue)),
        planned: plannedBefore(facts),
      };
  return {
    facts,
    options,
    optInHash: optIn.hash,
    mode: modeOf(options, context, hold !== null),
    hold,
    latestStart: job.createdAt + options.startBy,
    due,
    started,
    misconfigured: started === null ? misconfigured : null,
    unfit: started === null ? unfit : null,
    candidates,
    waiting,
  };
}
