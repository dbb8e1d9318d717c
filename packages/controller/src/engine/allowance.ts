import type { Instant, Millis } from '@windvane/carbon-map';
import type { Timeline } from './timeline.ts';
import { EQUAL, hoursText } from './windows.ts';

/** When delay-tolerant work may run. */
export type AllowanceRule =
  /** While the mean over [now, now + window] is below a target. */
  | {
      readonly kind: 'threshold';
      /** gCO2eq per kWh. */
      readonly target: number;
      /** 0 looks at the present alone. */
      readonly window: Millis;
      /** Work that runs goes on until the mean is this part above the target (0..1). */
      readonly hysteresis: number;
    }
  /** While the coming hour is among the cleanest of the next 24. */
  | {
      readonly kind: 'percentile';
      /** Part of the next 24 hours in which work may run, 0..1. */
      readonly share: number;
      /** What is compared is the mean over this time; an hour at least. */
      readonly window: Millis;
      /** Work that runs gives way only to hours that are cleaner by this part (0..1). */
      readonly hysteresis: number;
    };

/** Whether work may run now, with what it was judged by. */
export interface Allowance {
  readonly allowed: boolean;
  /** Mean over the rule's window from now, in gCO2eq per kWh. */
  readonly gramsPerKwh: number;
  /** The mean has to be below this (threshold), or at most this (percentile), in gCO2eq per kWh. */
  readonly bound: number;
  /** True when only hysteresis decides: the work does what it did before. */
  readonly held: boolean;
  /** One sentence for people. */
  readonly text: string;
}

const HOUR_MS = 3_600_000;
const HOURS_COMPARED = 24;
/** How far back a state is looked for that hysteresis may have kept. */
const LOOK_BACK_HOURS = 168;

/**
 * Judges a rule. Pure: what hysteresis keeps follows from the timeline's own past, hour by hour back to the last one
 * that was clear, and not from the memory of a process. So all processes with the same timeline agree. Without such an
 * hour (no past is known) the rule is judged as if nothing ran.
 */
export function allowanceAt(rule: AllowanceRule, timeline: Timeline, at: Instant): Allowance {
  const now = judge(rule, timeline, at);
  const held = now.clear === null;
  const allowed = now.clear ?? before(rule, timeline, at);
  return { allowed, gramsPerKwh: now.mean, bound: now.bound, held, text: textOf(rule, now, allowed, held) };
}

interface Judgement {
  readonly mean: number;
  readonly bound: number;
  /** Null within the band: what ran goes on, what waited waits. */
  readonly clear: boolean | null;
}

function judge(rule: AllowanceRule, timeline: Timeline, at: Instant): Judgement {
  return rule.kind === 'threshold' ? byThreshold(rule, timeline, at) : byPercentile(rule, timeline, at);
}

function byThreshold(
  rule: Extract<AllowanceRule, { kind: 'threshold' }>,
  timeline: Timeline,
  at: Instant,
): Judgement {
  const mean = timeline.mean(at, rule.window);
  const bound = rule.target;
  if (mean < bound) return { mean, bound, clear: true };
  return { mean, bound, clear: mean < bound * (1 + rule.hysteresis) ? null : false };
}

function byPercentile(
  rule: Extract<AllowanceRule, { kind: 'percentile' }>,
  timeline: Timeline,
  at: Instant,
): Judgement {
  const window = Math.max(HOUR_MS, rule.window);
  const mean = timeline.mean(at, window);
  const first = Math.floor(at / HOUR_MS) * HOUR_MS;
  const later: number[] = [];
  for (let hour = 1; hour < HOURS_COMPARED; hour++) later.push(timeline.mean(first + hour * HOUR_MS, window));
  const places = Math.max(1, Math.ceil(rule.share * HOURS_COMPARED - 1e-9));
  /** Whether fewer than `places` of the later hours are cleaner. */
  const isAmong = (grams: number) => later.filter((each) => each < grams * (1 - EQUAL)).length < places;
  const bound = [mean, ...later].toSorted((a, b) => a - b)[places - 1] ?? mean;
  return { mean, bound, clear: isAmong(mean) ? true : isAmong(mean * (1 - rule.hysteresis)) ? null : false };
}

/** What the last hour that was clear says. */
function before(rule: AllowanceRule, timeline: Timeline, at: Instant): boolean {
  let hour = Math.floor(at / HOUR_MS) * HOUR_MS;
  if (hour === at) hour -= HOUR_MS;
  for (let back = 0; back < LOOK_BACK_HOURS && hour >= timeline.from; back++) {
    const { clear } = judge(rule, timeline, hour);
    if (clear !== null) return clear;
    hour -= HOUR_MS;
  }
  return false;
}

function textOf(rule: AllowanceRule, { mean, bound }: Judgement, allowed: boolean, held: boolean): string {
  const over = rule.window > 0 ? ` over the next ${hoursText(rule.window)}` : ' now';
  const found = `${Math.round(mean)} g/kWh${over}`;
  const verb = allowed ? 'Runs' : 'Waits';
  if (rule.kind === 'threshold') {
    const compared = `${mean < bound ? 'below' : 'not below'} the target of ${Math.round(bound)}`;
    return held && allowed
      ? `Runs on: ${found} is above the target of ${Math.round(bound)}, by less than the hysteresis.`
      : `${verb}: ${found} is ${compared}.`;
  }
  const places = `the cleanest ${Math.round(100 * rule.share)} % of the next ${HOURS_COMPARED} h (up to ${Math.round(bound)} g/kWh)`;
  return held && allowed
    ? `Runs on: ${found} has left ${places}, by less than the hysteresis.`
    : `${verb}: ${found} is ${allowed ? 'among' : 'not among'} ${places}.`;
}
