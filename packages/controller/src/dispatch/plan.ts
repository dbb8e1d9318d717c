import { HOUR, type Instant, type Millis } from '@windvane/carbon-map';
import type { JobDecision } from '../engine/jobs.ts';
import { noneAllowed } from '../optin/locations.ts';
import type { BlockedReason, DispatchRecord, JobPhase } from '../status/carbon-placement.ts';
import type { Finding } from '../status/conditions.ts';
import type { DispatchContext, JudgedJob } from './judge.ts';
import { dispatchPolicyName } from './policy.ts';
import { dispatchRefusal } from './refusal.ts';

/** Everything that is to be said and done about a Job at one moment. */
export interface JobPlan {
  readonly judged: JudgedJob;
  readonly phase: JobPhase;
  readonly blocked: Finding<BlockedReason> | null;
  readonly frozen: string | null;
  /** What the joint schedule gives it; null when nothing is planned. */
  readonly decision: JobDecision | null;
  /** What is stored: before its policy is made, with what is about to be done. */
  readonly record: DispatchRecord;
  /** The cluster to start it in now; null to start it nowhere. */
  readonly start: string | null;
  /** One sentence for people. */
  readonly text: string;
  readonly requeueAfter: Millis | null;
}

/** How soon a Job that should go, and can go nowhere, is looked at again. */
const RETRY: Millis = 30_000;

const iso = (instant: Instant): string => new Date(instant).toISOString().replace(/\.\d{3}Z$/, 'Z');
/** To the minute. */
const minute = (instant: Instant): string => iso(instant).replace(/:\d{2}Z$/, 'Z');

function recordOf({ facts, latestStart, started }: JudgedJob): DispatchRecord {
  const { job } = facts;
  const late = started === null ? 0 : Math.max(0, Math.floor((started.at - latestStart) / 1000));
  return {
    job: job.uid,
    latestStart: iso(latestStart),
    plannedStart: null,
    policy: started?.policy ?? null,
    cluster: started?.cluster ?? null,
    dispatchedAt: started === null ? null : iso(started.at),
    lateSeconds: late,
  };
}

function grams(value: number | null): string {
  return value === null ? 'without data' : `${Math.round(value)} g/kWh expected`;
}

function waitingText(decision: JobDecision, latestStart: Instant): string {
  const { cluster, plannedStart, gramsPerKwh, gramsPerKwhNow } = decision;
  if (cluster === null || plannedStart === null) {
    return `Waits for data and room in a cluster that it may use; at ${minute(latestStart)} it starts without.`;
  }
  const instead = gramsPerKwhNow === null ? '' : ` instead of ${Math.round(gramsPerKwhNow)} at once`;
  return `Waits until ${minute(plannedStart)} for ${cluster}: ${grams(gramsPerKwh)}${instead}.`;
}

function startText({ cluster, gramsPerKwh }: JobDecision, due: boolean): string {
  return `Starts in ${cluster ?? ''}: ${grams(gramsPerKwh)}${due ? '; its latest start is here' : ''}.`;
}

/** Why there is no cluster to start it in. */
function nowhere(
  { facts, candidates, options }: JudgedJob,
  context: DispatchContext,
): Finding<BlockedReason> {
  const outside = noneAllowed(candidates, options.locations, context.locations);
  if (outside !== null) return { reason: 'TooFewClusters', message: outside };
  const { label } = facts.job.workload;
  return {
    reason: 'NotReadyCluster',
    message: `no cluster that ${label} may use is Ready and untainted; it starts in the first that is`,
  };
}

/** Plans one Job by what the joint schedule gives it. Pure: nothing is read or written. */
export function planJob(judged: JudgedJob, decision: JobDecision | null, context: DispatchContext): JobPlan {
  const { facts, started, mode, options, waiting, latestStart } = judged;
  const { job } = facts;
  const base: JobPlan = {
    judged,
    phase: 'Waiting',
    blocked: judged.unfit,
    frozen: context.frozen,
    decision: null,
    record: recordOf(judged),
    start: null,
    text: judged.unfit?.message ?? judged.misconfigured?.message ?? '',
    requeueAfter: null,
  };
  if (started !== null || job.finished) {
    const phase = job.finished ? 'Done' : 'Dispatched';
    const where = started?.cluster ?? 'a cluster that nobody knows any more';
    return {
      ...base,
      phase,
      frozen: null,
      text: job.finished ? `It ran in ${where}.` : `It runs in ${where}.`,
    };
  }
  if (waiting === null || decision === null) {
    const later = judged.due - context.now;
    return judged.misconfigured?.reason === 'PriceMissing' && later > 0
      ? { ...base, requeueAfter: later }
      : base;
  }
  if (mode !== 'act') {
    const blocked = dispatchRefusal(facts, options, mode, decision.cluster);
    return { ...base, decision, blocked, text: blocked?.message ?? '' };
  }
  const { now, frozen } = context;
  const due = now >= waiting.due;
  const { cluster, outcome, plannedStart } = decision;
  if (outcome === 'refuse' || (due && cluster === null)) {
    const blocked = nowhere(judged, context);
    return {
      ...base,
      decision,
      blocked,
      text: blocked.message,
      requeueAfter: due ? RETRY : waiting.due - now,
    };
  }
  const planned = plannedStart === null ? null : Math.max(now, plannedStart);
  const record = { ...base.record, plannedStart: planned === null ? null : iso(planned) };
  if (frozen !== null && !due) {
    const text = `Frozen (${frozen}): it starts when that ends, or at its latest start ${minute(latestStart)}.`;
    return { ...base, decision, record, text, requeueAfter: waiting.due - now };
  }
  if (outcome === 'start' && cluster !== null) {
    const intent = { ...record, plannedStart: iso(now), policy: dispatchPolicyName(job), cluster };
    return { ...base, decision, record: intent, start: cluster, text: startText(decision, due) };
  }
  const next = planned === null ? waiting.due : Math.min(planned, waiting.due);
  const text = waitingText(decision, latestStart);
  return { ...base, decision, record, text, requeueAfter: Math.min(HOUR, Math.max(1_000, next - now)) };
}
