import {
  type CarbonMap,
  type ForecastPoint,
  HOUR,
  type Instant,
  type Reading,
  type ZoneState,
} from '../../src/index.ts';

const PAIR = { signal: 'average', basis: 'lifecycle' } as const;

/** A generator of the same numbers each time, 0..1 (Park and Miller's minimal standard). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

const cents = (value: number): number => Math.round(value * 100) / 100;

function hourOf(zone: string, validFrom: Instant, gramsPerKwh: number): Reading {
  return {
    zone,
    gramsPerKwh,
    ...PAIR,
    source: 'electricity-maps',
    estimated: true,
    validFrom,
    validTo: validFrom + HOUR,
    fetchedAt: validFrom + 312_345,
  };
}

/** Names of as many zones as the world has. */
export function zoneNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `ZZ-BENCH-${String(i).padStart(3, '0')}`);
}

/** A version as the refresher writes it: every zone live, each with two days of forecast under expected errors. */
export function worldMap(zones: readonly string[], hours: number, version: number, at: Instant): CarbonMap {
  const random = numbers(version);
  const states = zones.map((zone): ZoneState => {
    const level = 30 + 700 * random();
    const points = Array.from(
      { length: hours },
      (_, i): ForecastPoint => ({
        at: at + i * HOUR,
        gramsPerKwh: cents(level * (0.8 + 0.4 * random())),
        expectedError: cents(level * 0.1 * random()),
      }),
    );
    return {
      zone,
      name: `Zone ${zone} of the World`,
      reading: hourOf(zone, at, cents(level)),
      data: 'live',
      forecast: {
        zone,
        ...PAIR,
        source: 'electricity-maps+windvane',
        issuedAt: at,
        resolution: HOUR,
        points,
      },
    };
  });
  return {
    version,
    at,
    pair: PAIR,
    pairSince: null,
    zones: Object.fromEntries(states.map((state) => [state.zone, state])),
  };
}

/** The hourly past of one zone, up to `to`. */
export function pastOf(zone: string, hours: number, to: Instant): readonly Reading[] {
  const random = numbers(hours);
  return Array.from({ length: hours }, (_, i) =>
    hourOf(zone, to - (hours - i) * HOUR, cents(30 + 700 * random())),
  );
}
