import {
  type CarbonMap,
  type Forecast,
  HOUR,
  type Instant,
  type Reading,
  type SignalPair,
  type ZoneCode,
  type ZoneState,
} from '../../src/index.ts';

export const AVERAGE_LIFECYCLE: SignalPair = { signal: 'average', basis: 'lifecycle' };
export const AVERAGE_DIRECT: SignalPair = { signal: 'average', basis: 'direct' };
export const MARGINAL_DIRECT: SignalPair = { signal: 'marginal', basis: 'direct' };

/** A Wednesday, at the full hour. */
export const NOON: Instant = Date.parse('2022-06-01T12:00:00Z');

export function reading(zone: ZoneCode, gramsPerKwh: number, changes: Partial<Reading> = {}): Reading {
  const validFrom = changes.validFrom ?? NOON;
  return {
    zone,
    gramsPerKwh,
    ...AVERAGE_LIFECYCLE,
    source: 'test',
    estimated: false,
    validFrom,
    validTo: validFrom + HOUR,
    fetchedAt: validFrom,
    ...changes,
  };
}

export function forecast(
  zone: ZoneCode,
  values: readonly number[],
  from: Instant = NOON,
  changes: Partial<Forecast> = {},
): Forecast {
  return {
    zone,
    ...AVERAGE_LIFECYCLE,
    source: 'test',
    issuedAt: from,
    resolution: HOUR,
    points: values.map((gramsPerKwh, i) => ({ at: from + i * HOUR, gramsPerKwh, expectedError: null })),
    ...changes,
  };
}

export function zoneState(zone: ZoneCode, changes: Partial<ZoneState> = {}): ZoneState {
  return { zone, name: zone, reading: null, data: null, forecast: null, ...changes };
}

export function carbonMap(version: number, states: readonly ZoneState[] = [], at: Instant = NOON): CarbonMap {
  return {
    version,
    at,
    pair: AVERAGE_LIFECYCLE,
    pairSince: null,
    zones: Object.fromEntries(states.map((state) => [state.zone, state])),
  };
}
