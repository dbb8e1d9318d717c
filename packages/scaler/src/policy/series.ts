import { HOUR, type Instant, type Millis } from '@windvane/carbon-map';
import { createTimeline, type Timeline, type TimelineStep } from '@windvane/controller/engine';
import type { ZoneOutlook } from './snapshot.ts';

/** How long a reading speaks for the time after its validity, as long as no forecast does. */
const READING_LASTS: Millis = 2 * HOUR;

/** A zone's intensity as one line through past, present and expected future. */
export interface Series {
  /** In gCO2eq per kWh. Nothing is known before `from` and at or after `until`. */
  readonly timeline: Timeline;
  /** Hours of history, counted without gaps filled. */
  readonly observedHours: number;
}

const known = new WeakMap<ZoneOutlook, Series | null>();

/**
 * The line of an outlook: measured hours first, then the present reading, then what is expected. Between two known
 * stretches the earlier value holds. Null when the outlook holds no number at all. Made once for each outlook.
 */
export function seriesOf(outlook: ZoneOutlook): Series | null {
  let series = known.get(outlook);
  if (series === undefined) known.set(outlook, (series = build(outlook)));
  return series;
}

function build({ state, history }: ZoneOutlook): Series | null {
  const { reading, forecast } = state;
  const steps: TimelineStep[] = [];
  let until = -Infinity;
  let observedHours = 0;
  const add = (start: Instant, end: Instant, value: number): void => {
    const at = Math.max(start, until);
    if (end <= at) return;
    if (steps.at(-1)?.value !== value) steps.push({ at, value });
    until = end;
  };
  const present = reading?.validFrom ?? Infinity;
  for (const [index, value] of (history?.values ?? []).entries()) {
    const start = (history?.start ?? 0) + index * HOUR;
    if (value === null || start >= present) continue;
    observedHours += 1;
    add(start, Math.min(start + HOUR, present), value);
  }
  if (reading !== null) add(reading.validFrom, reading.validTo, reading.gramsPerKwh);
  for (const point of forecast?.points ?? []) {
    add(point.at, point.at + (forecast?.resolution ?? HOUR), point.gramsPerKwh);
  }
  if (steps.length === 0) return null;
  if (reading !== null) until = Math.max(until, reading.validTo + READING_LASTS);
  return { timeline: createTimeline(steps, until), observedHours };
}
