import { HOUR, type Instant, MINUTE, type Millis, startOfHour } from '@windvane/carbon-map';
import type { TriggerRule } from '../trigger/metadata.ts';
import type { Series } from './series.ts';

/** What the local rule says at one instant, whatever hub or delay say. */
export interface Gate {
  readonly open: boolean;
  /** The mean that was judged, in gCO2eq per kWh. */
  readonly gramsPerKwh: number;
  /** What it was held against; with a percentile, the highest intensity that is still among the cleanest. */
  readonly threshold: number;
  /** Start of the present closed stretch; null while open, and when it began before anything is known. */
  readonly closedSince: Instant | null;
  /** The first expected hour in which it opens; null while open, and when none is expected. */
  readonly opensAt: Instant | null;
}

const DAY_HOURS = 24;

/**
 * A gate with a dead band, without a memory: outside the band the value decides, inside it the last hour that was outside.
 * So processes that know the same history agree, whenever they were started. A target's band lies below it: what is
 * allowed is always below the target. A percentile's band lies above it, in shares of the day.
 */
export function gateAt(
  series: Series,
  rule: TriggerRule,
  { forecastWindow, hysteresis }: { readonly forecastWindow: Millis; readonly hysteresis: number },
  at: Instant,
): Gate {
  const { first, values } = series.hourly(forecastWindow);
  const gramsPerKwh = series.mean(at, forecastWindow);
  const judge =
    rule.kind === 'target' ? byTarget(rule.gramsPerKwh, hysteresis) : byShare(rule.percent / 100, hysteresis);
  const present = Math.min(Math.max(0, (startOfHour(at) - first) / HOUR), values.length - 1);
  const verdict = judge(gramsPerKwh, values, present);
  const open = verdict ?? foldTo(judge, values, present) ?? true;
  const threshold =
    rule.kind === 'target' ? rule.gramsPerKwh : quantileAhead(values, present, rule.percent / 100);
  if (open) return { open, gramsPerKwh, threshold, closedSince: null, opensAt: null };
  const lastOpen = lastOpenHour(judge, values, present);
  const closedSince =
    lastOpen === null
      ? null
      : closingIn(first + lastOpen * HOUR, at, (minute) =>
          judge(series.mean(minute, forecastWindow), values, lastOpen),
        );
  return { open, gramsPerKwh, threshold, closedSince, opensAt: openingAfter(judge, values, present, first) };
}

/** True opens, false closes, null leaves it as it was. */
type Judge = (gramsPerKwh: number, hours: Float64Array, hour: number) => boolean | null;

function byTarget(target: number, hysteresis: number): Judge {
  const opensBelow = target * (1 - hysteresis);
  return (grams) => (grams >= target ? false : grams < opensBelow ? true : null);
}

function byShare(share: number, hysteresis: number): Judge {
  return (grams, hours, hour) => {
    let cleaner = 0;
    for (let ahead = 0; ahead < DAY_HOURS; ahead++) if (hourAhead(hours, hour + ahead) < grams) cleaner += 1;
    const place = cleaner / DAY_HOURS;
    return place < share ? true : place >= share + hysteresis ? false : null;
  };
}

/** Hours beyond the known are taken for those of the day before: grids repeat by the day. */
function hourAhead(hours: Float64Array, hour: number): number {
  let index = hour;
  while (index >= hours.length && index >= DAY_HOURS) index -= DAY_HOURS;
  return hours[Math.min(index, hours.length - 1)] ?? 0;
}

/** The highest intensity among the cleanest `share` of the coming day. */
function quantileAhead(hours: Float64Array, hour: number, share: number): number {
  const day = Float64Array.from({ length: DAY_HOURS }, (_, ahead) => hourAhead(hours, hour + ahead)).sort();
  return day[Math.min(DAY_HOURS, Math.max(1, Math.ceil(share * DAY_HOURS))) - 1] ?? 0;
}

/** The last verdict up to and with `hour`; null when there was none. */
function foldTo(judge: Judge, hours: Float64Array, hour: number): boolean | null {
  for (let index = hour; index >= 0; index--) {
    const verdict = judge(hours[index] ?? 0, hours, index);
    if (verdict !== null) return verdict;
  }
  return null;
}

/** The last hour up to and with `hour` in which the gate stood open; null when it never did. */
function lastOpenHour(judge: Judge, hours: Float64Array, hour: number): number | null {
  let pending: number | null = null;
  for (let index = hour; index >= 0; index--) {
    const verdict = judge(hours[index] ?? 0, hours, index);
    if (verdict === false) pending = null;
    // Inside the band the hours before decide: if they opened it, it still stood open in the latest of these.
    else pending ??= index;
    if (verdict === true) return pending;
  }
  return pending;
}

/** The minute in which a gate that opened in the hour from `hour` closed for good; at the latest the hour's end. */
function closingIn(hour: Instant, at: Instant, judgeAt: (minute: Instant) => boolean | null): Instant {
  for (let minute = Math.min(hour + HOUR, at); minute > hour; minute -= MINUTE) {
    if (judgeAt(minute - MINUTE) === true) return minute;
  }
  return hour;
}

function openingAfter(judge: Judge, hours: Float64Array, hour: number, first: Instant): Instant | null {
  for (let index = hour + 1; index < hours.length; index++) {
    if (judge(hours[index] ?? 0, hours, index) === true) return first + index * HOUR;
  }
  return null;
}
