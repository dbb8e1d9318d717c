import type { Instant, Millis } from '@windvane/carbon-map';

/** What is expected of one zone or cluster over time: a value for each step, without gaps. */
export interface Timeline {
  readonly from: Instant;
  readonly until: Instant;
  /**
   * Mean over [start, start + length), each step by the part of it that lies inside; the value at `start` for a length
   * of 0. What lies outside the timeline takes its first or last value.
   */
  mean(start: Instant, length: Millis): number;
  /** Instants in (after, before] at which the value may change, ascending. */
  steps(after: Instant, before: Instant): readonly Instant[];
}

/** The value from an instant on, until the next one. */
export interface TimelineStep {
  readonly at: Instant;
  readonly value: number;
}

/** What is known of one zone: its past where there is one, its present, and what is expected. */
export interface ZoneKnowledge {
  /** Now. */
  readonly at: Instant;
  /** Present intensity in gCO2eq per kWh. */
  readonly gramsPerKwh: number;
  /** Expected means over [at, at + resolution), ascending and without gaps; empty without a forecast. */
  readonly forecast: readonly { readonly at: Instant; readonly gramsPerKwh: number }[];
  readonly resolution: Millis;
  /** Intensities of the past, ascending; each stands until the next. */
  readonly history?: readonly { readonly at: Instant; readonly gramsPerKwh: number }[];
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * Builds a timeline of ascending steps; the first begins it.
 *
 * @throws RangeError without any step.
 */
export function createTimeline(steps: readonly TimelineStep[], until: Instant): Timeline {
  const first = steps[0];
  if (first === undefined) throw new RangeError('a timeline needs at least one step');
  const count = steps.length;
  const starts = Float64Array.from(steps, ({ at }) => at);
  const values = Float64Array.from(steps, ({ value }) => value);
  /** `sums[i]`: integral from the first step's begin to the begin of step i. */
  const sums = new Float64Array(count);
  for (let index = 1; index < count; index++) {
    const length = (starts[index] ?? 0) - (starts[index - 1] ?? 0);
    sums[index] = (sums[index - 1] ?? 0) + length * (values[index - 1] ?? 0);
  }

  /** The last step that begins at or before an instant; the first one for what lies before it. */
  const indexAt = (at: Instant) => {
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  const integral = (at: Instant) => {
    const index = indexAt(at);
    return (sums[index] ?? 0) + (at - (starts[index] ?? 0)) * (values[index] ?? 0);
  };
  return {
    from: first.at,
    until,
    mean: (start, length) =>
      length <= 0 ? (values[indexAt(start)] ?? 0) : (integral(start + length) - integral(start)) / length,
    steps(after, before) {
      const from = indexAt(after) + ((starts[0] ?? 0) > after ? 0 : 1);
      let end = from;
      while (end < count && (starts[end] ?? 0) <= before) end++;
      return Array.from(starts.subarray(from, end));
    },
  };
}

/**
 * What is expected of a zone up to an instant. The present value stands until the forecast's next step; hours beyond
 * the forecast repeat its last day; without a forecast the present value is all there is.
 */
export function zoneTimeline(zone: ZoneKnowledge, until: Instant): Timeline {
  const { at } = zone;
  const past = (zone.history ?? []).filter((point) => point.at < at);
  const steps = [
    ...past.map((point) => ({ at: point.at, value: point.gramsPerKwh })),
    { at, value: zone.gramsPerKwh },
  ];
  for (const start of stepStarts(zone, until)) {
    const value = expectedAt(zone, start);
    if (value !== steps.at(-1)?.value) steps.push({ at: start, value });
  }
  return createTimeline(steps, Math.max(until, at));
}

/** Begins of the steps of a forecast after now, repeated by days beyond its end. */
export function* stepStarts({ at, forecast, resolution }: ZoneKnowledge, until: Instant): Generator<Instant> {
  const first = forecast[0];
  if (first === undefined || resolution <= 0) return;
  const skipped = Math.max(0, Math.floor((at - first.at) / resolution) + 1);
  for (let start = first.at + skipped * resolution; start < until; start += resolution) yield start;
}

/** Expected intensity in the step that holds an instant. */
export function expectedAt(zone: ZoneKnowledge, instant: Instant): number {
  const { at, forecast, resolution, gramsPerKwh } = zone;
  const first = forecast[0];
  if (first === undefined) return gramsPerKwh;
  for (let day = instant; day > at && day >= first.at; day -= DAY_MS) {
    const point = forecast[Math.floor((day - first.at) / resolution)];
    // The step that began before now is under way: the present value knows better.
    if (point !== undefined) return point.at <= at ? gramsPerKwh : point.gramsPerKwh;
  }
  return gramsPerKwh;
}
