import type { Instant, Millis } from '@windvane/carbon-map';
import type { Timeline } from './timeline.ts';

/** A run of work: its start and the mean of what it meets. */
export interface RunWindow {
  readonly start: Instant;
  readonly end: Instant;
  /** Mean of the timeline over it: gCO2eq per kWh, or cost per hour, as the timeline says. */
  readonly mean: number;
}

/** When a run may start. */
export interface WindowQuestion {
  /** Now, or the earliest start. */
  readonly at: Instant;
  readonly latestStart: Instant;
  readonly duration: Millis;
}

const HOUR_MS = 3_600_000;

/** Differences below this part of the mean are none: the earlier start wins. */
export const EQUAL = 1e-9;

/**
 * The best start of a run within its latest start. It is exact: between two steps the mean changes along a line, so
 * that its least value lies where the run begins or ends with a step, or at the ends of what is allowed. The same
 * expectations give the same start when they are asked again later. The earliest wins a tie. A latest start that has
 * passed means now.
 */
export function bestWindow(timeline: Timeline, question: WindowQuestion): RunWindow {
  return bestAllowedWindow(timeline, question, null) ?? windowAt(timeline, question.at, question.duration);
}

/**
 * The same among the starts that are allowed; null when none is. Where the best start is not allowed, the best one that
 * is need not lie at a step of the timeline: full hours are looked at as well.
 */
export function bestAllowedWindow(
  timeline: Timeline,
  question: WindowQuestion,
  allowed: ((start: Instant) => boolean) | null,
): RunWindow | null {
  const { at, duration } = question;
  const latest = Math.max(at, question.latestStart);
  let best: RunWindow | null = null;
  const consider = (start: Instant) => {
    const mean = timeline.mean(start, duration);
    const same = best !== null && Math.abs(mean - best.mean) <= EQUAL * Math.abs(best.mean);
    const better = best === null || (same ? start < best.start : mean < best.mean);
    if (better && allowed?.(start) !== false) best = { start, end: start + duration, mean };
  };
  consider(at);
  for (const start of timeline.steps(at, latest)) consider(start);
  for (const end of timeline.steps(at + duration, latest + duration)) consider(end - duration);
  if (latest > at) consider(latest);
  if (allowed === null) return best;
  for (let start = Math.ceil(at / HOUR_MS) * HOUR_MS; start < latest; start += HOUR_MS) consider(start);
  return best;
}

export function windowAt(timeline: Timeline, start: Instant, duration: Millis): RunWindow {
  return { start, end: start + duration, mean: timeline.mean(start, duration) };
}

/** `5 h`, `45 min`, `1 h 30 min`. */
export function hoursText(length: Millis): string {
  const minutes = Math.round(length / 60_000);
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (hours === 0) return `${rest} min`;
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}
