import { setImmediate as turn } from 'node:timers/promises';
import {
  type CarbonMap,
  HOUR,
  type MapStore,
  pairName,
  type ZoneCode,
  type ZoneState,
} from '@windvane/carbon-map';
import { neverRevised } from '../engine/forecast/outlook.ts';
import { HORIZON_HOURS } from '../engine/options.ts';
import { type Expectation, joined } from './outlook.ts';
import { createZoneFollower, LEARNT_FROM, type ZoneFollower } from './zone-follower.ts';

/** What is expected of the zones in use. */
export interface ZoneOutlooks {
  /** Null while too little is known of a zone. */
  expectation(zone: ZoneCode): Expectation | null;
  /** Works out the expectations of a version. A zone that is new is learned from the history in the store first. */
  prepare(map: CarbonMap, zones: readonly ZoneCode[]): Promise<void>;
}

export interface ZoneOutlooksOptions {
  readonly store: Pick<MapStore, 'history'>;
  /** Told of a zone whose history could not be read: it is tried again with the next version. */
  readonly failed: (zone: ZoneCode, error: unknown) => void;
}

/** A yearly average does not change by the hour, and never did. */
const CONSTANT: Expectation = {
  points: [],
  resolution: HOUR,
  pastForecasts: neverRevised(HORIZON_HOURS),
};

/**
 * Follows every zone with live readings as the simulator does. About 1.5 MB a zone, for no more zones than are in use.
 */
export function createZoneOutlooks({ store, failed }: ZoneOutlooksOptions): ZoneOutlooks {
  const followers = new Map<ZoneCode, ZoneFollower>();
  let expectations = new Map<ZoneCode, Expectation>();

  async function followed(state: ZoneState, map: CarbonMap): Promise<Expectation | null> {
    const { zone, reading, data } = state;
    if (data === 'baseline') return CONSTANT;
    if (data !== 'live' || reading === null) return null;
    let follower = followers.get(zone);
    if (follower?.pair !== pairName(reading)) {
      const past = await store.history(zone, reading, map.at - LEARNT_FROM, map.at);
      follower = await createZoneFollower(state, past, map.at, () => turn());
      followers.set(zone, follower);
    }
    follower.take(state, map.at);
    return joined(follower.expectation(map.at), state.forecast);
  }

  return {
    expectation: (zone) => expectations.get(zone) ?? null,
    async prepare(map, zones) {
      const wanted = new Set(zones);
      for (const zone of followers.keys()) if (!wanted.has(zone)) followers.delete(zone);
      const next = new Map<ZoneCode, Expectation>();
      for (const zone of wanted) {
        const state = map.zones[zone];
        if (state === undefined) continue;
        try {
          const expectation = await followed(state, map);
          if (expectation !== null) next.set(zone, expectation);
        } catch (error) {
          failed(zone, error);
        }
      }
      expectations = next;
    },
  };
}
