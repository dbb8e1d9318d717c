import type { ZoneState } from '../model/carbon-map.ts';
import type { ZoneCode } from '../model/reading.ts';
import { HOUR, type Instant, type Millis } from '../model/time.ts';
import { meanOverWindow } from './window.ts';

/** The cleanest time and place for work of a given length. */
export interface BestWindow {
  readonly zone: ZoneCode;
  readonly start: Instant;
  readonly end: Instant;
  /** Mean expected intensity over it in gCO2eq per kWh. */
  readonly gramsPerKwh: number;
}

/**
 * The cleanest window of `duration` that starts at or after `at` and ends by `before`, over all `states`.
 * Starts are tried now and at each step of a forecast, which is enough: between two steps the mean changes along a line,
 * and so has its least value at one of the ends. (The line breaks where the window's end crosses a step as well, hence the
 * starts that put the end there.) The earliest start wins a tie; null when no zone covers any such window.
 */
export function bestWindow(
  states: readonly ZoneState[],
  at: Instant,
  duration: Millis,
  before: Instant,
): BestWindow | null {
  let best: BestWindow | null = null;
  for (const state of states) {
    for (const start of startsOf(state, at, duration, before)) {
      const gramsPerKwh = meanOverWindow(state, start, duration);
      if (gramsPerKwh === null) continue;
      const better =
        best === null ||
        gramsPerKwh < best.gramsPerKwh ||
        (gramsPerKwh === best.gramsPerKwh && start < best.start);
      if (better) best = { zone: state.zone, start, end: start + duration, gramsPerKwh };
    }
  }
  return best;
}

function startsOf(state: ZoneState, at: Instant, duration: Millis, before: Instant): readonly Instant[] {
  const latest = before - duration;
  const { points = [], resolution = HOUR } = state.forecast ?? {};
  const steps = points.map((point) => point.at);
  const last = steps.at(-1);
  const edges = last === undefined ? [] : [...steps, last + resolution];
  if (state.reading !== null) edges.push(state.reading.validTo);
  const starts = new Set([at, ...edges, ...edges.map((edge) => edge - duration)]);
  return [...starts].filter((start) => start >= at && start <= latest).sort((a, b) => a - b);
}
