/** What is known of one zone at one hour. Hours are counted from the Unix epoch, UTC. */
export interface Known {
  /** The newest hour with an actual value. */
  readonly origin: number;
  /** Actual value of an hour up to `origin`; the nearest known value where a gap is. */
  readonly actual: (hour: number) => number;
  /** What a published forecast said of an hour, as known now; NaN without one. */
  readonly published: (hour: number) => number;
}

/** Persistence of a present deviation from the base, per hour. */
const PERSISTENCE = 0.9;
const DAY = 24;
const WEEK = 168;

export const FEATURES = 24;

/** Half yesterday's value at that hour, half its mean over seven days: what is expected without a forecast. */
export function habitual(known: Known, hour: number, before: number): number {
  const first = hour - DAY * Math.max(1, Math.ceil((hour - before) / DAY));
  let sum = 0;
  for (let day = 0; day < 7; day++) sum += known.actual(first - DAY * day);
  return 0.5 * known.actual(first) + (0.5 * sum) / 7;
}

/** Where the regression starts from for one zone and hour; everything that does not depend on the target hour. */
export interface Origin {
  readonly deviation: number;
  readonly slope: number;
  readonly earlierSlope: number;
  readonly dayMean: number;
  readonly weekMean: number;
}

export function originOf(known: Known, base: (hour: number) => number): Origin {
  const { origin } = known;
  const deviationAt = (hour: number) => known.actual(hour) - base(hour);
  const [now, before, earlier] = [deviationAt(origin), deviationAt(origin - 1), deviationAt(origin - 2)];
  let day = 0;
  let week = 0;
  for (let back = 0; back < WEEK; back++) {
    const value = known.actual(origin - back);
    week += value;
    if (back < DAY) day += value;
  }
  return {
    deviation: now,
    slope: now - before,
    earlierSlope: before - earlier,
    dayMean: day / DAY,
    weekMean: week / WEEK,
  };
}

/** The base with the present deviation fading out: the starting point that the regression corrects. */
export function nowcast(base: number, deviation: number, hoursAhead: number): number {
  return base + PERSISTENCE ** hoursAhead * deviation;
}

/** Fills `into` with the features of one target hour. */
export function fillFeatures(
  into: Float64Array,
  known: Known,
  from: Origin,
  hour: number,
  base: number,
  habit: number,
): void {
  const angle = (2 * Math.PI * (hour % DAY)) / DAY;
  const sine = Math.sin(angle);
  const cosine = Math.cos(angle);
  const lag = hour - DAY * Math.max(1, Math.ceil((hour - known.origin) / DAY));
  const weekLag = hour - WEEK * Math.max(1, Math.ceil((hour - known.origin) / WEEK));
  // 1970-01-01 was a Thursday: days 2 and 3 of each week since then are a weekend.
  const weekday = Math.floor(hour / DAY) % 7;
  const weekend = weekday === 2 || weekday === 3 ? 1 : 0;
  const scale = from.weekMean;
  let at = 0;
  const put = (value: number) => {
    into[at++] = value;
  };
  put(scale);
  put(from.deviation);
  put(from.deviation * sine);
  put(from.deviation * cosine);
  put(from.slope);
  put(from.slope * sine);
  put(from.slope * cosine);
  put(from.earlierSlope);
  put(from.earlierSlope * sine);
  put(from.earlierSlope * cosine);
  put(known.actual(lag) - base);
  put(known.actual(lag - DAY) - base);
  put(known.actual(weekLag) - base);
  put(from.dayMean - base);
  put(from.weekMean - base);
  put(habit - base);
  put(known.actual(known.origin) - base);
  put(scale * sine);
  put(scale * cosine);
  put(scale * Math.sin(2 * angle));
  put(scale * Math.cos(2 * angle));
  put(scale * weekend);
  put(scale * weekend * sine);
  put(scale * weekend * cosine);
}
