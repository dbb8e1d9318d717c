import type { Instant, Millis } from '@windvane/carbon-map';
import type { Timeline } from './timeline.ts';

/** Means of a timeline from each hour on. */
export interface HourlyMeans {
  /** The hour that holds the timeline's begin. */
  readonly first: Instant;
  /** `values[i]`: mean from `first` + i hours on. */
  readonly values: Float64Array;
}

const HOUR_MS = 3_600_000;
/** Windows remembered for one timeline: they are what users write, and must not fill the memory. */
const MOST_WINDOWS = 64;
const known = new WeakMap<Timeline, Map<Millis, HourlyMeans>>();

/** Means over [h, h + window), an hour at least, for every hour h of a timeline. Computed once for each window. */
export function hourlyMeans(timeline: Timeline, window: Millis): HourlyMeans {
  const length = Math.max(window, HOUR_MS);
  let byLength = known.get(timeline);
  if (byLength === undefined) known.set(timeline, (byLength = new Map()));
  let means = byLength.get(length);
  if (means === undefined) {
    const first = Math.floor(timeline.from / HOUR_MS) * HOUR_MS;
    const count = Math.max(1, Math.ceil((timeline.until - first) / HOUR_MS));
    const values = Float64Array.from({ length: count }, (_, hour) =>
      timeline.mean(first + hour * HOUR_MS, length),
    );
    if (byLength.size >= MOST_WINDOWS) byLength.clear();
    byLength.set(length, (means = { first, values }));
  }
  return means;
}
