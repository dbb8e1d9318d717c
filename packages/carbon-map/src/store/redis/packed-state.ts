import type { ZoneData, ZoneState } from '../../model/carbon-map.ts';
import {
  type Forecast,
  type ForecastPoint,
  type Reading,
  type SignalPair,
  samePair,
  type ZoneCode,
} from '../../model/reading.ts';

/*
 * A zone's state as a JSON array without names, and without what the zone and the pair of the map say already: a third of
 * the bytes. A state that does not fit (points at uneven times, a number of another pair) is written as it is, as an object.
 */

type PackedReading = readonly [
  source: string,
  grams: number,
  estimated: 0 | 1,
  from: number,
  length: number,
  delay: number,
];
type PackedForecast = readonly [
  source: string,
  issuedAt: number,
  resolution: number,
  first: number,
  grams: readonly number[],
  /** Null when no point has an expected error. */
  errors: readonly (number | null)[] | null,
];
type Packed = readonly [
  name: string,
  data: ZoneData | null,
  reading: PackedReading | null,
  forecast: PackedForecast | null,
];

export function packState(zone: ZoneCode, state: ZoneState, pair: SignalPair): string {
  const { name, data, reading, forecast } = state;
  const fits =
    state.zone === zone &&
    (reading === null || (reading.zone === zone && samePair(reading, pair))) &&
    (forecast === null || (forecast.zone === zone && samePair(forecast, pair) && isEven(forecast)));
  if (!fits) return JSON.stringify(state);
  const packed: Packed = [
    name,
    data,
    reading === null ? null : packReading(reading),
    forecast === null ? null : packForecast(forecast),
  ];
  return JSON.stringify(packed);
}

export function unpackState(zone: ZoneCode, text: string, pair: SignalPair): ZoneState {
  if (text.startsWith('{')) {
    const state: ZoneState = JSON.parse(text);
    return state;
  }
  const [name, data, reading, forecast]: Packed = JSON.parse(text);
  return {
    zone,
    name,
    reading: reading === null ? null : unpackReading(zone, reading, pair),
    data,
    forecast: forecast === null ? null : unpackForecast(zone, forecast, pair),
  };
}

function packReading(reading: Reading): PackedReading {
  const { source, gramsPerKwh, estimated, validFrom, validTo, fetchedAt } = reading;
  return [source, gramsPerKwh, estimated ? 1 : 0, validFrom, validTo - validFrom, fetchedAt - validFrom];
}

function unpackReading(zone: ZoneCode, packed: PackedReading, { signal, basis }: SignalPair): Reading {
  const [source, gramsPerKwh, estimated, validFrom, length, delay] = packed;
  return {
    zone,
    gramsPerKwh,
    signal,
    basis,
    source,
    estimated: estimated === 1,
    validFrom,
    validTo: validFrom + length,
    fetchedAt: validFrom + delay,
  };
}

function isEven({ points, resolution }: Forecast): boolean {
  const first = points[0]?.at ?? 0;
  return points.every(({ at }, i) => at === first + i * resolution);
}

function packForecast({ source, issuedAt, resolution, points }: Forecast): PackedForecast {
  const errors = points.map(({ expectedError }) => expectedError);
  return [
    source,
    issuedAt,
    resolution,
    points[0]?.at ?? 0,
    points.map(({ gramsPerKwh }) => gramsPerKwh),
    errors.every((error) => error === null) ? null : errors,
  ];
}

function unpackForecast(zone: ZoneCode, packed: PackedForecast, { signal, basis }: SignalPair): Forecast {
  const [source, issuedAt, resolution, first, grams, errors] = packed;
  const points = grams.map(
    (gramsPerKwh, i): ForecastPoint => ({
      at: first + i * resolution,
      gramsPerKwh,
      expectedError: errors?.[i] ?? null,
    }),
  );
  return { zone, signal, basis, source, issuedAt, resolution, points };
}
