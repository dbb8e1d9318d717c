import { HOUR, type Instant, MINUTE, type Millis, type ZoneCode } from '@windvane/carbon-map';
import type { Allowance as Gate } from '@windvane/controller/engine';
import type { MetadataProblem, OnMissingData, ParsedMetadata, TriggerOptions } from '../trigger/metadata.ts';
import { delayTurn } from './delay.ts';
import { judgeRule } from './judgement.ts';
import type { NeverReached } from './reach.ts';
import { type Series, seriesOf } from './series.ts';
import {
  type Origin,
  type ScaledFacts,
  type ScalerSnapshot,
  type WorkloadShare,
  workloadKey,
  type ZoneOutlook,
} from './snapshot.ts';

/** Replicas answered when nobody tells the maximum: more than the HPA lets through, which clamps to its own. */
const UNKNOWN_MAX_REPLICAS = 1_000;
/** How long a share of 0 counts after the hub was last heard. */
const SHARES_LAST: Millis = 6 * HOUR;
/** Clocks of two pods may differ by this. */
const SKEW: Millis = 5 * MINUTE;

/** Why work may or may not run. */
export type AllowanceReason =
  /** The grid is clean enough. */
  | 'Clean'
  /** It is not. */
  | 'Dirty'
  /** It is not, and the work has waited long enough. */
  | 'MaxDelay'
  /** The hub gives this cluster no share of the workload. */
  | 'NoShare'
  /** Nothing is known of the grid: what `onMissingData` says. */
  | 'MissingData'
  /** The trigger cannot be followed: what `onMissingData` says. */
  | 'Misconfigured';

/** What a trigger may do now, with all that led to it. */
export interface Allowance {
  readonly allowed: boolean;
  /** 0 when not allowed. */
  readonly replicas: number;
  /** Replicas while allowed. */
  readonly most: number;
  readonly reason: AllowanceReason;
  /** One sentence for people. */
  readonly text: string;
  readonly zone: ZoneCode | null;
  readonly origin: Origin | null;
  /** The mean that was judged and what it was held against, in gCO2eq per kWh. */
  readonly gramsPerKwh: number | null;
  readonly threshold: number | null;
  /** Since when it is held; null while allowed, and when that is not known. */
  readonly heldSince: Instant | null;
  /** When it is expected to change: a forecast while held, the end of the run after `maxDelay`; null when not known. */
  readonly until: Instant | null;
  readonly neverReached: NeverReached | null;
  readonly problems: readonly MetadataProblem[];
}

/** One trigger's question. */
export interface Question {
  readonly trigger: ParsedMetadata;
  /** The zone that its location stands for; null when it stands for none. */
  readonly zone: ZoneCode | null;
  /** What is wrong with the location; null when nothing is. */
  readonly locationProblem: MetadataProblem | null;
  /** What the API server says of its object; null when it was not asked. */
  readonly facts: ScaledFacts | null;
}

/**
 * The decision, a pure function of what is known: whoever has the same snapshot and object answers the same at the same
 * time, whatever was answered before. Never throws; the replicas are a whole number from 0 to the maximum.
 */
export function allowance(question: Question, snapshot: ScalerSnapshot, now: Instant): Allowance {
  const { trigger, facts } = question;
  const problems =
    question.locationProblem === null ? trigger.problems : [...trigger.problems, question.locationProblem];
  const most = trigger.maxReplicas ?? facts?.maxReplicaCount ?? UNKNOWN_MAX_REPLICAS;
  const share = shareOf(facts, snapshot, now);
  const judged = judgeTrigger(question, snapshot, now);
  const local = judged.allowed;
  const held = share === null ? judged : withoutShare(judged, share, facts?.createdAt ?? 0);
  const settled = held.allowed ? held : afterDelay(held, trigger.options, facts?.createdAt ?? 0, now);
  return {
    allowed: settled.allowed,
    replicas: settled.allowed ? most : 0,
    most,
    reason: settled.reason,
    text: settled.text,
    zone: question.zone,
    origin: judged.origin,
    gramsPerKwh: judged.gate?.gramsPerKwh ?? null,
    threshold: judged.gate?.bound ?? null,
    heldSince: settled.allowed ? null : settled.heldSince,
    until: settled.until,
    neverReached: local ? null : judged.neverReached,
    problems,
  };
}

interface Judged {
  readonly allowed: boolean;
  readonly reason: AllowanceReason;
  readonly text: string;
  readonly heldSince: Instant | null;
  readonly until: Instant | null;
  readonly gate: Gate | null;
  readonly origin: Origin | null;
  readonly neverReached: NeverReached | null;
}

/** The local rule: grid and `onMissingData`. */
function judgeTrigger(
  { trigger, zone, locationProblem, facts }: Question,
  snapshot: ScalerSnapshot,
  now: Instant,
): Judged {
  const { options, onMissingData } = trigger;
  if (options === null || locationProblem !== null || zone === null) {
    const why = locationProblem?.message ?? trigger.problems[0]?.message ?? 'its location is not known';
    return withoutRule('Misconfigured', onMissingData, `The trigger cannot be followed: ${why}`, null);
  }
  const outlook = snapshot.zones.get(zone) ?? null;
  const series = outlook === null || outlook.state.data === 'baseline' ? null : seriesOf(outlook);
  if (outlook === null || series === null) {
    return withoutRule(
      'MissingData',
      onMissingData,
      `Nothing but a yearly average is known of ${zone}`,
      outlook,
    );
  }
  const { from, until } = series.timeline;
  const present = now >= from && now < until;
  if (!present && onMissingData !== 'keep') {
    return withoutRule('MissingData', onMissingData, `Nothing is known of ${zone} at this time`, outlook);
  }
  // Kept is the state of the last moment that is known.
  const at = Math.min(Math.max(now, from), until - 1);
  return byGate(options, outlook, series, at, present, facts);
}

function byGate(
  options: TriggerOptions,
  outlook: ZoneOutlook,
  series: Series,
  at: Instant,
  present: boolean,
  facts: ScaledFacts | null,
): Judged {
  const { gate, neverReached: never } = judgeRule(series, options, at);
  const kept = present ? '' : ' Nothing newer is known: the last data counts.';
  return {
    allowed: gate.allowed,
    reason: present ? (gate.allowed ? 'Clean' : 'Dirty') : 'MissingData',
    text: `${outlook.state.zone}: ${gate.text}${kept}`,
    heldSince: gate.allowed ? null : Math.max(gate.waitsSince ?? 0, facts?.createdAt ?? 0) || null,
    until: present ? gate.opensAt : null,
    gate,
    origin: outlook.origin,
    neverReached: never,
  };
}

/** Without a rule, or without anything to hold against it. */
function withoutRule(
  reason: 'Misconfigured' | 'MissingData',
  onMissingData: OnMissingData,
  why: string,
  outlook: ZoneOutlook | null,
): Judged {
  const allowed = onMissingData !== 'pause';
  return {
    allowed,
    reason,
    text: `${why}; ${allowed ? 'it runs' : 'it is paused'} (onMissingData: ${onMissingData}).`,
    heldSince: null,
    until: null,
    gate: null,
    origin: outlook?.origin ?? null,
    neverReached: null,
  };
}

/** A share of 0, as long as it counts; null when the hub has no say. */
function shareOf(facts: ScaledFacts | null, snapshot: ScalerSnapshot, now: Instant): WorkloadShare | null {
  const { contactAt, shares } = snapshot;
  if (facts === null || contactAt === null || now - contactAt > SHARES_LAST) return null;
  // Of a clock that was set back: how long ago the hub was heard is not known.
  if (contactAt - now > SKEW) return null;
  const share = shares.get(workloadKey(facts.workload));
  return share !== undefined && share.share === 0 ? share : null;
}

/** What the hub takes away is held, and was since the earlier of both. */
function withoutShare(local: Judged, { since }: WorkloadShare, createdAt: Instant): Judged {
  const without = Math.max(since ?? createdAt, createdAt);
  const earlier = local.allowed ? without : Math.min(without, local.heldSince ?? without);
  return {
    ...local,
    allowed: false,
    reason: 'NoShare',
    text: 'The hub gives this cluster no share of the workload.',
    heldSince: earlier === 0 ? null : earlier,
    until: null,
  };
}

function afterDelay(held: Judged, options: TriggerOptions | null, createdAt: Instant, now: Instant): Judged {
  if (options === null || options.maxDelay === null) return held;
  const { maxDelay, minRun } = options;
  const turn = delayTurn(now, held.heldSince, createdAt, { maxDelay, minRun });
  if (!turn.due) {
    const until = Math.min(held.until ?? Infinity, turn.until);
    return { ...held, heldSince: turn.since === 0 ? held.heldSince : turn.since, until };
  }
  return {
    ...held,
    allowed: true,
    reason: 'MaxDelay',
    text: `Held for ${hours(maxDelay)}, the longest delay: runs until ${minuteText(turn.until)}. ${held.text}`,
    until: turn.until,
  };
}

function hours(length: Millis): string {
  return length % HOUR === 0 ? `${length / HOUR} h` : `${Math.round(length / MINUTE)} min`;
}

function minuteText(at: Instant): string {
  return `${new Date(at).toISOString().slice(0, 16)}Z`;
}

/** The sentence about a target out of reach, for logs, Events and reports; empty when it is within reach. */
export function neverReachedText({ neverReached: never, zone, threshold }: Allowance): string {
  if (never === null) return '';
  return `targetValue ${threshold ?? ''} is never reached in ${zone ?? 'this zone'}: the lowest of ${never.hours} known hours is ${Math.round(never.lowest)} g/kWh. "${never.suggestion}" would have run in 30 % of them; percentile: "30" asks for the cleanest hours of each day, at any level.`;
}
