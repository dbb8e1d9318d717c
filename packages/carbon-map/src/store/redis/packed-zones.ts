import type { ZoneData, ZoneState } from '../../model/carbon-map.ts';
import {
  type Forecast,
  type Reading,
  type SignalPair,
  samePair,
  type ZoneCode,
} from '../../model/reading.ts';
import { packPoints, unpackPoints } from './packed-points.ts';

/*
 * The zones of a map: how many bytes the names and the numbers take, the names, and the numbers (little-endian, as all
 * machines are that Node runs on).
 *
 * Names are JSON, [codes, English names, sources, states that fit no row]: they hardly ever change, so that a reader who
 * has seen the same bytes before does not parse them. Then comes a row of doubles for every zone, then the points of the
 * forecasts, those of each zone where its row says. What the zone and the pair of the map say already is left out. A
 * state that does not fit (points at uneven times, a number of another pair) is kept whole, as JSON.
 */

type Names = readonly [
  codes: readonly ZoneCode[],
  names: readonly string[],
  sources: readonly string[],
  odd: Readonly<Record<ZoneCode, ZoneState>>,
];

const DATA: readonly (ZoneData | null)[] = [null, 'live', 'baseline', 'stale'];

/** What stands where in a row; a source is its place among the sources, -1 where there is no reading or forecast. */
const AT = {
  data: 0,
  source: 1,
  estimated: 2,
  grams: 3,
  from: 4,
  length: 5,
  delay: 6,
  forecastSource: 7,
  issuedAt: 8,
  resolution: 9,
  first: 10,
  count: 11,
  kind: 12,
  /** In bytes from the first of all points. */
  start: 13,
} as const;
const ROW = 14;
const NONE = -1;
/** The two lengths. */
const HEAD = 16;

export function packZones(zones: Readonly<Record<ZoneCode, ZoneState>>, pair: SignalPair): Buffer {
  const entries = Object.entries(zones);
  const sources = new Map<string, number>();
  const sourceOf = (name: string): number => {
    const known = sources.get(name) ?? sources.size;
    sources.set(name, known);
    return known;
  };
  const odd: Record<ZoneCode, ZoneState> = Object.create(null);
  const rows = new Float64Array(entries.length * ROW);
  const points: Uint8Array[] = [];
  let start = 0;
  for (const [index, [zone, state]] of entries.entries()) {
    const row = rows.subarray(index * ROW, (index + 1) * ROW);
    if (!fits(zone, state, pair)) {
      odd[zone] = state;
      continue;
    }
    row[AT.data] = DATA.indexOf(state.data);
    packReading(row, state.reading, sourceOf);
    const packed = packForecast(row, state.forecast, sourceOf, start);
    points.push(packed);
    start += packed.length;
  }
  const names: Names = [
    entries.map(([zone]) => zone),
    entries.map(([, { name }]) => name),
    [...sources.keys()],
    odd,
  ];
  const text = Buffer.from(JSON.stringify(names));
  const lengths = new Float64Array([text.length, rows.byteLength + start]);
  return Buffer.concat([bytesOf(lengths), text, bytesOf(rows), ...points]);
}

function fits(zone: ZoneCode, { zone: own, reading, forecast }: ZoneState, pair: SignalPair): boolean {
  return (
    own === zone &&
    (reading === null || (reading.zone === zone && samePair(reading, pair))) &&
    (forecast === null || (forecast.zone === zone && samePair(forecast, pair) && isEven(forecast)))
  );
}

function isEven({ points, resolution }: Forecast): boolean {
  const first = points[0]?.at ?? 0;
  return points.every(({ at }, i) => at === first + i * resolution);
}

function packReading(row: Float64Array, reading: Reading | null, sourceOf: (name: string) => number): void {
  row[AT.source] = NONE;
  if (reading === null) return;
  const { source, gramsPerKwh, estimated, validFrom, validTo, fetchedAt } = reading;
  row.set(
    [sourceOf(source), estimated ? 1 : 0, gramsPerKwh, validFrom, validTo - validFrom, fetchedAt - validFrom],
    AT.source,
  );
}

/** Returns the points. */
function packForecast(
  row: Float64Array,
  forecast: Forecast | null,
  sourceOf: (name: string) => number,
  start: number,
): Uint8Array {
  row[AT.forecastSource] = NONE;
  if (forecast === null) return new Uint8Array(0);
  const { source, issuedAt, resolution, points } = forecast;
  const { kind, bytes } = packPoints(points);
  const first = points[0]?.at ?? 0;
  row.set([sourceOf(source), issuedAt, resolution, first, points.length, kind, start], AT.forecastSource);
  return bytes;
}

function bytesOf({ buffer, byteOffset, byteLength }: Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Zones from their bytes; forecasts are decoded when they are first looked at. Throws for damaged ones. */
export type UnpackZones = (bytes: Buffer, pair: SignalPair) => Record<ZoneCode, ZoneState>;

export function createZoneUnpacker(): UnpackZones {
  let known: { readonly bytes: Buffer; readonly names: Names } | null = null;

  function namesIn(bytes: Buffer): Names {
    if (known?.bytes.equals(bytes) !== true) {
      const names: Names = JSON.parse(bytes.toString('utf8'));
      known = { bytes: Buffer.from(bytes), names };
    }
    return known.names;
  }

  return (bytes, pair) => {
    const end = HEAD + bytes.readDoubleLE(0);
    // Forecasts are looked at late: what is missing shall show now.
    if (bytes.length !== end + bytes.readDoubleLE(8)) throw new RangeError('a part of the map is missing');
    const [codes, names, sources, odd] = namesIn(bytes.subarray(HEAD, end));
    const numbers = new DataView(bytes.buffer, bytes.byteOffset + end, bytes.length - end);
    const table = { pair, sources, numbers, points: 8 * codes.length * ROW };
    // Without a prototype any name is an own property, and hundreds of names cost a third.
    const zones: Record<ZoneCode, ZoneState> = Object.create(null);
    for (let index = 0; index < codes.length; index++) {
      const zone = codes[index] ?? '';
      zones[zone] = new UnpackedState(table, index * ROW, zone, names[index] ?? '');
    }
    return Object.assign(zones, odd);
  };
}

interface Table {
  readonly pair: SignalPair;
  readonly sources: readonly string[];
  /** Rows, then points. */
  readonly numbers: DataView;
  /** Where the points begin, in bytes. */
  readonly points: number;
}

/** One getter for all states: a closure for each would take longer to make than the state. */
const LAZY_FORECAST: PropertyDescriptor & ThisType<UnpackedState> = {
  configurable: true,
  enumerable: true,
  get() {
    return this.forecastOnce();
  },
};

/** A state whose forecast is decoded when it is first looked at. */
class UnpackedState implements ZoneState {
  readonly zone: ZoneCode;
  readonly name: string;
  readonly reading: Reading | null;
  readonly data: ZoneData | null;
  declare readonly forecast: Forecast | null;
  readonly #table: Table;
  readonly #row: number;
  #forecast: Forecast | null | undefined;

  constructor(table: Table, row: number, zone: ZoneCode, name: string) {
    this.zone = zone;
    this.name = name;
    this.reading = unpackReading(table, row, zone);
    this.data = DATA[table.numbers.getFloat64(8 * (row + AT.data), true)] ?? null;
    this.#table = table;
    this.#row = row;
    Object.defineProperty(this, 'forecast', LAZY_FORECAST);
  }

  forecastOnce(): Forecast | null {
    this.#forecast ??= unpackForecast(this.#table, this.#row, this.zone);
    return this.#forecast;
  }
}

function unpackReading({ numbers, sources, pair }: Table, row: number, zone: ZoneCode): Reading | null {
  const source = numbers.getFloat64(8 * (row + AT.source), true);
  if (source === NONE) return null;
  const validFrom = numbers.getFloat64(8 * (row + AT.from), true);
  return {
    zone,
    gramsPerKwh: numbers.getFloat64(8 * (row + AT.grams), true),
    signal: pair.signal,
    basis: pair.basis,
    source: sources[source] ?? '',
    estimated: numbers.getFloat64(8 * (row + AT.estimated), true) === 1,
    validFrom,
    validTo: validFrom + numbers.getFloat64(8 * (row + AT.length), true),
    fetchedAt: validFrom + numbers.getFloat64(8 * (row + AT.delay), true),
  };
}

function unpackForecast(
  { numbers, sources, pair, points }: Table,
  row: number,
  zone: ZoneCode,
): Forecast | null {
  const at = (field: number): number => numbers.getFloat64(8 * (row + field), true);
  const source = at(AT.forecastSource);
  if (source === NONE) return null;
  const resolution = at(AT.resolution);
  return {
    zone,
    signal: pair.signal,
    basis: pair.basis,
    source: sources[source] ?? '',
    issuedAt: at(AT.issuedAt),
    resolution,
    points: unpackPoints(at(AT.kind), numbers, points + at(AT.start), {
      count: at(AT.count),
      first: at(AT.first),
      resolution,
    }),
  };
}
