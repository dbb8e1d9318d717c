import { DAY, HOUR, type Instant, MINUTE, type Millis, pairName, type ZoneState } from '@windvane/carbon-map';
import { createZoneOutlook } from '../engine/forecast/outlook.ts';
import { HORIZON_HOURS } from '../engine/options.ts';
import type { Expectation } from './outlook.ts';

/** How much history a follower learns from, and how many past days it looks back on: as much as stores keep. */
export const LEARNT_FROM: Millis = 30 * DAY;
const PAST_DAYS = 30;
/** How long into an hour a reading as new as usual is waited for before the hour is forecast without it. */
const PATIENCE: Millis = 20 * MINUTE;
/** A reading may be this many hours late. */
const LARGEST_LAG = 12;
/** Hours learned at a stretch before others have a turn. */
const STRETCH = 24;

/** Follows one zone in one pair through time, as the simulator does. */
export interface ZoneFollower {
  readonly pair: string;
  /** Takes a version of the map. */
  take(state: ZoneState, at: Instant): void;
  expectation(at: Instant): Expectation | null;
}

/** A value of one zone at one time. */
export interface Observation {
  readonly validFrom: Instant;
  readonly gramsPerKwh: number;
}

const hourOf = (at: Instant): number => Math.floor(at / HOUR);

/**
 * Learns from the history before `at`, hour by hour and as late as readings are now, and stands at the hour before
 * `at`. Gives others a turn in between.
 */
export async function createZoneFollower(
  state: ZoneState,
  history: readonly Observation[],
  at: Instant,
  turn: () => Promise<void>,
): Promise<ZoneFollower> {
  const outlook = createZoneOutlook(HORIZON_HOURS, PAST_DAYS);
  const values = hourlyMeans(history);
  const hours = [...values.keys()];
  const first = Math.min(...hours, hourOf(at));
  const newest = Math.max(...hours, hourOf(state.reading?.validFrom ?? 0), first);
  const usual = Math.min(Math.max(hourOf(at) - newest, 0), LARGEST_LAG);
  let lag = usual;
  let reached = first - 1;
  let observed = first - 1;
  let points: Expectation['points'] = [];

  function observe(until: number): void {
    for (let hour = observed + 1; hour <= until; hour++) {
      const value = values.get(hour);
      if (value === undefined) continue;
      outlook.observe(hour, value.mean);
      observed = hour;
    }
  }

  function goTo(hour: number, late: number): void {
    observe(hour - late);
    const expectation = outlook.advance(hour);
    reached = hour;
    points =
      expectation === null
        ? []
        : Array.from(expectation.expected, (gramsPerKwh, ahead) => ({
            at: (hour + ahead) * HOUR,
            gramsPerKwh,
            expectedError: expectation.errors[ahead] ?? null,
          }));
  }

  for (let hour = first; hour < hourOf(at); hour++) {
    goTo(hour, usual);
    if ((hour - first) % STRETCH === STRETCH - 1) await turn();
  }
  for (const hour of hours) if (hour <= observed) values.delete(hour);

  return {
    pair: state.reading === null ? '' : pairName(state.reading),
    take({ reading, forecast: published }, now) {
      const hour = hourOf(now);
      if (reading !== null && hourOf(reading.validFrom) > observed) {
        addTo(values, reading);
      }
      const known = Math.max(observed, ...values.keys());
      if (hour <= reached) return;
      const awaited = hour - known > lag && now % HOUR < PATIENCE && reached === hour - 1;
      if (awaited && points.length > 0) return;
      lag = Math.min(Math.max(hour - known, 0), LARGEST_LAG);
      const start = published?.points[0]?.at;
      if (published !== null && start !== undefined && published.resolution === HOUR) {
        outlook.publish(
          hourOf(start),
          published.points.map((point) => point.gramsPerKwh),
        );
      }
      while (reached < hour) goTo(reached + 1, 0);
      for (const past of values.keys()) if (past <= observed) values.delete(past);
    },
    expectation(now) {
      if (points.length === 0) return null;
      return { points, resolution: HOUR, pastForecasts: outlook.past(hourOf(now)) };
    },
  };
}

type Means = Map<number, { mean: number; count: number; newest: Instant }>;

function hourlyMeans(observations: readonly Observation[]): Means {
  const means: Means = new Map();
  for (const observation of observations) addTo(means, observation);
  return means;
}

/** Each reading counts once, however often it is told. */
function addTo(means: Means, { validFrom, gramsPerKwh }: Observation): void {
  const hour = hourOf(validFrom);
  const known = means.get(hour);
  if (known === undefined) {
    means.set(hour, { mean: gramsPerKwh, count: 1, newest: validFrom });
  } else if (validFrom > known.newest) {
    known.count += 1;
    known.mean += (gramsPerKwh - known.mean) / known.count;
    known.newest = validFrom;
  }
}
