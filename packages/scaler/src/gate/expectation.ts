import { setImmediate as turn } from 'node:timers/promises';
import { HOUR, type Instant, type Millis, pairName } from '@windvane/carbon-map';
import {
  createZoneFollower,
  type Expectation,
  joined,
  type Observation,
  type ZoneFollower,
} from '@windvane/controller/outlook';
import type { ZoneOutlook } from '../policy/snapshot.ts';

/**
 * What is expected of the zone that an outlook tells of; null while too little of its past is known, and when its newest
 * reading is too old: then the published forecast is all there is.
 */
export type Expect = (outlook: ZoneOutlook, now: Instant) => Promise<Expectation | null>;

/** Readings older than this say little of the hours to come. */
const NEWEST: Millis = 12 * HOUR;
/** Hours of the past that must be known before anything is learned from them. */
const ENOUGH_HOURS = 72;

/**
 * The forecaster of the hub's planner, on the history that an outlook holds: it learns the month before it is first asked
 * (about 0.2 s, with turns for others), then goes on by the hour. After a gap it learns anew. Follows one zone, in 2 MB.
 * @param failed told of what should never happen: a Job must not be late for the want of a forecast
 */
export function createExpect(failed: (error: unknown) => void): Expect {
  let following: { readonly of: string; readonly follower: Promise<ZoneFollower>; at: Instant } | null = null;

  return async (outlook, now) => {
    const { state, history } = outlook;
    const { reading } = state;
    if (reading === null || state.data === 'baseline' || now - reading.validFrom > NEWEST) return null;
    const of = `${state.zone} ${pairName(reading)}`;
    const hours = following === null ? 0 : Math.floor(now / HOUR) - Math.floor(following.at / HOUR);
    if (following?.of !== of || hours < 0 || hours > 1) {
      const past = observations(history);
      if (past.length < ENOUGH_HOURS) return null;
      following = { of, follower: createZoneFollower(state, past, now, () => turn()), at: now };
    }
    following.at = now;
    try {
      const follower = await following.follower;
      follower.take(state, now);
      return joined(follower.expectation(now), state.forecast);
    } catch (error) {
      following = null;
      failed(error);
      return null;
    }
  };
}

function observations(history: ZoneOutlook['history']): Observation[] {
  if (history === null) return [];
  return history.values.flatMap((gramsPerKwh, hour) =>
    gramsPerKwh === null ? [] : [{ validFrom: history.start + hour * HOUR, gramsPerKwh }],
  );
}
