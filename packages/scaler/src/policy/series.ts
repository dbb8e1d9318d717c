import { HOUR, type Instant, type Millis, startOfHour } from '@windvane/carbon-map';
import type { ZoneOutlook } from './snapshot.ts';

/** How long a reading speaks for the time after its validity, as long as no forecast does. */
const READING_LASTS: Millis = 2 * HOUR;

/** A zone's intensity as one line through past, present and expected future: steps that hold until the next one. */
export interface Series {
  /** The first known instant. */
  readonly from: Instant;
  /** Nothing is known at or after this one. */
  readonly until: Instant;
  /** Hours of history, counted without gaps filled. */
  readonly observedHours: number;
  /**
   * Mean over [at, at + length) in gCO2eq per kWh, the value at `at` for no length. What lies beyond the known takes the
   * nearest known value.
   */
  mean(at: Instant, length: Millis): number;
  /**
   * Means over [h, h + length) (over the hour itself for no length) for every hour h from `startOfHour(from)` to the last
   * known one. Computed once.
   */
  hourly(length: Millis): HourlyMeans;
}

interface HourlyMeans {
  readonly first: Instant;
  readonly values: Float64Array;
}

/** A constant line must have exactly its value as mean, or a target would be missed by a hair. */
function withoutNoise(gramsPerKwh: number): number {
  return Math.round(gramsPerKwh * 1e6) / 1e6;
}

const known = new WeakMap<ZoneOutlook, Series | null>();

/** The line of an outlook; null when it holds no number at all. */
export function seriesOf(outlook: ZoneOutlook): Series | null {
  let series = known.get(outlook);
  if (series === undefined) known.set(outlook, (series = build(outlook)));
  return series;
}

interface Steps {
  /** Ascending; each value holds until the next start. */
  readonly starts: number[];
  readonly values: number[];
}

/** Measured hours first, then the present reading, then what is expected. */
function stepsOf({ state, history }: ZoneOutlook): Steps & { until: Instant; observedHours: number } {
  const { reading, forecast } = state;
  const steps: Steps = { starts: [], values: [] };
  let until = -Infinity;
  let observedHours = 0;
  const add = (start: Instant, end: Instant, value: number): void => {
    const begins = Math.max(start, until);
    if (end <= begins) return;
    // Between two known stretches the earlier value holds.
    if (steps.values.at(-1) !== value) {
      steps.starts.push(begins);
      steps.values.push(value);
    }
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
  if (reading !== null) until = Math.max(until, reading.validTo + READING_LASTS);
  return { ...steps, until, observedHours };
}

function build(outlook: ZoneOutlook): Series | null {
  const { starts, values, until, observedHours } = stepsOf(outlook);
  const from = starts[0];
  if (from === undefined) return null;
  /** Integral of the line from `from` to each start: a mean is a difference of two. */
  const integral = new Float64Array(starts.length);
  for (let i = 1; i < starts.length; i++) {
    const held = (starts[i] ?? 0) - (starts[i - 1] ?? 0);
    integral[i] = (integral[i - 1] ?? 0) + (values[i - 1] ?? 0) * held;
  }

  function stepAt(at: Instant): number {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    return low;
  }
  function integralTo(at: Instant): number {
    const step = stepAt(at);
    return (integral[step] ?? 0) + (values[step] ?? 0) * (at - (starts[step] ?? 0));
  }
  const mean = (at: Instant, length: Millis): number =>
    length <= 0
      ? (values[stepAt(at)] ?? 0)
      : withoutNoise((integralTo(at + length) - integralTo(at)) / length);

  const hourlyByLength = new Map<Millis, HourlyMeans>();
  return {
    from,
    until,
    observedHours,
    mean,
    hourly(length) {
      let means = hourlyByLength.get(length);
      if (means !== undefined) return means;
      const first = startOfHour(from);
      const count = Math.max(1, Math.ceil((until - first) / HOUR));
      const over = length > 0 ? length : HOUR;
      const hours = Float64Array.from({ length: count }, (_, hour) => mean(first + hour * HOUR, over));
      means = { first, values: hours };
      hourlyByLength.set(length, means);
      return means;
    },
  };
}
