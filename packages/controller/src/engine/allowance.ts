import type { Instant, Millis } from '@windvane/carbon-map';
import { type HourlyMeans, hourlyMeans } from './hourly-means.ts';
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
      /** Work that waits runs again when the mean is this part below the target (0..1): it never runs above it. */
      readonly hysteresis: number;
    }
  /** While the present hour is among the cleanest of the 24 that begin with it: for whole hours. */
  | {
      readonly kind: 'percentile';
      /** Part of the next 24 hours in which work may run, 0..1. */
      readonly share: number;
      /** What is compared is the mean over this time; an hour at least. */
      readonly window: Millis;
      /** Work that runs goes on while its hour is among a share that is larger by this (0..1). */
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
  /** Since when it waits, to the minute; null while allowed, and when that began before the timeline. */
  readonly waitsSince: Instant | null;
  /** The first later hour in which it is expected to run; null while allowed, and when there is none. */
  readonly opensAt: Instant | null;
  /** One sentence for people. */
  readonly text: string;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const HOURS_COMPARED = 24;

/**
 * Judges a rule. Pure: what hysteresis keeps, and since when work waits, follows from the timeline's own past and not
 * from the memory of a process, so that all processes with the same timeline agree. Within the band the last hour
 * outside of it decides; without such an hour there is no band.
 */
export function allowanceAt(rule: AllowanceRule, timeline: Timeline, at: Instant): Allowance {
  const hours = hourlyMeans(timeline, rule.window);
  const last = hours.values.length - 1;
  const present = Math.min(Math.max(0, Math.floor((at - hours.first) / HOUR_MS)), last);
  const gramsPerKwh =
    rule.kind === 'threshold' ? timeline.mean(at, rule.window) : (hours.values[present] ?? 0);
  const now = judge(rule, hours, present, gramsPerKwh);
  const earlier = now === null ? before(rule, hours, present) : null;
  const allowed = now ?? earlier ?? insideWithoutBand(rule, hours, present, gramsPerKwh);
  const bound = boundOf(rule, hours, present);
  const held = earlier !== null;
  const text = textOf(rule, gramsPerKwh, bound, allowed, held);
  if (allowed) return { allowed, gramsPerKwh, bound, held, waitsSince: null, opensAt: null, text };
  const waitsSince = closingTime(rule, timeline, hours, present, at);
  return { allowed, gramsPerKwh, bound, held, waitsSince, opensAt: openingTime(rule, hours, present), text };
}

/** True lets work run, false makes it wait, null (within the band) leaves it as it was. */
function judge(rule: AllowanceRule, hours: HourlyMeans, hour: number, grams: number): boolean | null {
  if (rule.kind === 'threshold') {
    if (!isBelow(grams, rule.target)) return false;
    return isBelow(grams, rule.target * (1 - rule.hysteresis)) || rule.hysteresis === 0 ? true : null;
  }
  const place = placeOf(hours, hour, grams);
  if (isBelow(place, rule.share)) return true;
  return isBelow(place, rule.share + rule.hysteresis) ? null : false;
}

function insideWithoutBand(rule: AllowanceRule, hours: HourlyMeans, hour: number, grams: number): boolean {
  return judge({ ...rule, hysteresis: 0 }, hours, hour, grams) ?? false;
}

/** Part of the 24 hours from `hour` that are cleaner. */
function placeOf(hours: HourlyMeans, hour: number, grams: number): number {
  let cleaner = 0;
  for (let ahead = 1; ahead < HOURS_COMPARED; ahead++) {
    if (isBelow(meanOfHour(hours, hour + ahead), grams)) cleaner += 1;
  }
  return cleaner / HOURS_COMPARED;
}

/** Hours beyond the timeline are taken for those of the day before: grids repeat by the day. */
function meanOfHour({ values }: HourlyMeans, hour: number): number {
  let index = hour;
  while (index >= values.length && index >= HOURS_COMPARED) index -= HOURS_COMPARED;
  return values[Math.min(index, values.length - 1)] ?? 0;
}

function isBelow(a: number, b: number): boolean {
  return a < b - EQUAL * Math.abs(b);
}

function boundOf(rule: AllowanceRule, hours: HourlyMeans, hour: number): number {
  if (rule.kind === 'threshold') return rule.target;
  const day = Float64Array.from({ length: HOURS_COMPARED }, (_, ahead) =>
    meanOfHour(hours, hour + ahead),
  ).sort();
  const places = Math.max(1, Math.ceil(rule.share * HOURS_COMPARED - EQUAL));
  return day[Math.min(places, HOURS_COMPARED) - 1] ?? 0;
}

/** What the last hour outside of the band says; null when there was none. */
function before(rule: AllowanceRule, hours: HourlyMeans, present: number): boolean | null {
  for (let hour = present; hour >= 0; hour--) {
    const clear = judge(rule, hours, hour, hours.values[hour] ?? 0);
    if (clear !== null) return clear;
  }
  return null;
}

/** The minute in which work was last let go on; null when no hour of the timeline let it run. */
function closingTime(
  rule: AllowanceRule,
  timeline: Timeline,
  hours: HourlyMeans,
  present: number,
  at: Instant,
): Instant | null {
  const ran = lastRunning(rule, hours, present);
  if (ran === null) return null;
  const begin = hours.first + ran * HOUR_MS;
  // A share lets whole hours run.
  if (rule.kind === 'percentile') return begin + HOUR_MS;
  const runs = (minute: Instant) => judge(rule, hours, ran, timeline.mean(minute, rule.window)) ?? true;
  let minute = Math.min(begin + HOUR_MS, at);
  while (minute > begin && !runs(minute - MINUTE_MS)) minute -= MINUTE_MS;
  return minute;
}

/** The last hour up to the present one in which work ran. */
function lastRunning(rule: AllowanceRule, hours: HourlyMeans, present: number): number | null {
  /** The latest of the hours within the band that follow `hour`: they do as it does. */
  let following: number | null = null;
  for (let hour = present; hour >= 0; hour--) {
    const clear = judge(rule, hours, hour, hours.values[hour] ?? 0);
    if (clear === false) following = null;
    else following ??= hour;
    if (clear === true) return following;
  }
  const first = following !== null && insideWithoutBand(rule, hours, 0, hours.values[0] ?? 0);
  return first ? following : null;
}

function openingTime(rule: AllowanceRule, hours: HourlyMeans, present: number): Instant | null {
  for (let hour = present + 1; hour < hours.values.length; hour++) {
    if (judge(rule, hours, hour, hours.values[hour] ?? 0) === true) return hours.first + hour * HOUR_MS;
  }
  return null;
}

function textOf(rule: AllowanceRule, mean: number, bound: number, allowed: boolean, held: boolean): string {
  const over = rule.window > 0 ? ` over the next ${hoursText(rule.window)}` : ' now';
  const found = `${Math.round(mean)} g/kWh${over}`;
  const verb = allowed ? 'Runs' : 'Waits';
  if (rule.kind === 'threshold') {
    const target = `the target of ${Math.round(bound)}`;
    if (held && !allowed) return `Waits on: ${found} is below ${target}, by less than the hysteresis.`;
    return `${verb}: ${found} is ${isBelow(mean, bound) ? 'below' : 'not below'} ${target}.`;
  }
  const places = `the cleanest ${Math.round(100 * rule.share)} % of the next ${HOURS_COMPARED} h (up to ${Math.round(bound)} g/kWh)`;
  return held && allowed
    ? `Runs on: ${found} has left ${places}, by less than the hysteresis.`
    : `${verb}: ${found} is ${allowed ? 'among' : 'not among'} ${places}.`;
}
