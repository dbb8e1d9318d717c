import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CarbonMap,
  type Forecast,
  HOUR,
  MINUTE,
  type Reading,
  type SignalPair,
} from '../../src/index.ts';
import {
  createMapDecoder,
  decodeReading,
  encodedVersion,
  encodeMap,
  encodeReading,
} from '../../src/store/redis/encoding.ts';
import {
  AVERAGE_DIRECT,
  AVERAGE_LIFECYCLE,
  carbonMap,
  forecast,
  NOON,
  reading,
  zoneState,
} from '../support/fixtures.ts';

/** To the hundredth, as most are, and to the last digit of a double. */
const grams = fc.oneof(
  fc.integer({ min: 0, max: 250_000 }).map((value) => value / 100),
  fc.double({ min: 0, max: 2_500, noNaN: true }).map((value) => value + 0),
);
const instants = fc.integer({ min: NOON - 400 * HOUR, max: NOON + 400 * HOUR });
const decodeMap = (bytes: Buffer): CarbonMap | null => createMapDecoder().decode(bytes);

const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const pairs = fc.constantFrom<SignalPair>(AVERAGE_LIFECYCLE, AVERAGE_DIRECT);

const readings = (zone: string): fc.Arbitrary<Reading> =>
  fc.record({
    zone: fc.constant(zone),
    gramsPerKwh: grams,
    signal: fc.constant('average' as const),
    basis: pairs.map(({ basis }) => basis),
    source: text,
    estimated: fc.boolean(),
    validFrom: instants,
    validTo: instants,
    fetchedAt: instants,
  });

const forecasts = (zone: string): fc.Arbitrary<Forecast> =>
  fc
    .record({
      pair: pairs,
      source: text,
      issuedAt: instants,
      resolution: fc.constantFrom(HOUR, 30 * MINUTE),
      uneven: fc.boolean(),
      values: fc.array(fc.tuple(grams, fc.option(grams)), { maxLength: 50 }),
    })
    .map(({ pair, source, issuedAt, resolution, uneven, values }) => ({
      zone,
      ...pair,
      source,
      issuedAt,
      resolution,
      points: values.map(([gramsPerKwh, expectedError], i) => ({
        at: issuedAt + i * resolution + (uneven && i > 2 ? 7 : 0),
        gramsPerKwh,
        expectedError,
      })),
    }));

/** Zone names as odd as a user's file may hold. */
const maps: fc.Arbitrary<CarbonMap> = fc
  .uniqueArray(fc.oneof(text, fc.constantFrom('DE', 'a\tb', 'a\nb', '__proto__', 'constructor', '7')), {
    maxLength: 5,
  })
  .chain((zones) =>
    fc.record({
      version: fc.nat(),
      at: instants,
      pair: pairs,
      pairSince: fc.option(instants),
      zones: fc
        .tuple(
          ...zones.map((zone) =>
            fc.record({
              zone: fc.constant(zone),
              name: text,
              data: fc.constantFrom('live' as const, 'baseline' as const, 'stale' as const, null),
              reading: fc.option(readings(zone)),
              forecast: fc.option(forecasts(zone)),
            }),
          ),
        )
        // A property of its own even when it is called __proto__.
        .map((states) => Object.fromEntries(states.map((state) => [state.zone, state]))),
    }),
  );

describe('an encoded map', () => {
  it('is decoded to what it was, whatever it is', () => {
    fc.assert(
      fc.property(maps, (map) => {
        expect(decodeMap(encodeMap(map))).toEqual(map);
      }),
    );
  });

  it('tells its version by its first bytes', () => {
    fc.assert(
      fc.property(maps, (map) => {
        const bytes = encodeMap(map);
        expect(encodedVersion(bytes.toString('latin1', 0, 21))).toBe(map.version);
        expect(createMapDecoder().version(bytes)).toBe(map.version);
      }),
    );
    expect(encodedVersion('')).toBeNull();
  });

  it('keeps the readings of the pair that was left', () => {
    const map: CarbonMap = {
      ...carbonMap(3),
      pairSince: NOON,
      oldPair: { pair: AVERAGE_DIRECT, readings: { DE: reading('DE', 7, AVERAGE_DIRECT) } },
    };
    expect(decodeMap(encodeMap(map))).toEqual(map);
  });

  it('is read like any other: copied, listed and written as JSON', () => {
    const map = carbonMap(3, [
      zoneState('DE', { reading: reading('DE', 300), data: 'live', forecast: forecast('DE', [300, 310]) }),
      zoneState('FR'),
    ]);
    const decoded = decodeMap(encodeMap(map))!;
    expect(Object.keys(decoded.zones)).toEqual(['DE', 'FR']);
    expect({ ...decoded.zones }).toEqual(map.zones);
    expect(JSON.parse(JSON.stringify(decoded))).toEqual(map);
    expect(structuredClone(decoded)).toEqual(map);
    expect(decoded.zones['DE']?.forecast).toBe(decoded.zones['DE']?.forecast);
    expect({ ...decoded.zones['DE'] }).toEqual(map.zones['DE']);
    expect(decoded.zones['PL']).toBeUndefined();
  });

  it('is decoded after any other by the same reader, wherever its bytes lie', () => {
    const decoder = createMapDecoder();
    fc.assert(
      fc.property(maps, fc.nat({ max: 7 }), (map, shift) => {
        const bytes = encodeMap(map);
        const elsewhere = Buffer.concat([Buffer.alloc(shift), bytes]).subarray(shift);
        expect(decoder.decode(elsewhere)).toEqual(map);
      }),
    );
  });

  it('is nothing to a reader of another format', () => {
    for (const other of ['', '7', '7\n{}\n"DE"\t[]', '7 1\n{}\nxyz', '7 22\n{}\nxyz'])
      expect(decodeMap(Buffer.from(other))).toBeNull();
  });

  it('is nothing when its end or its middle is lost', () => {
    const bytes = encodeMap(
      carbonMap(3, [zoneState('DE', { reading: reading('DE', 300), data: 'live' }), zoneState('FR')]),
    );
    for (let length = 0; length < bytes.length; length++) {
      expect(decodeMap(bytes.subarray(0, length))).toBeNull();
    }
    expect(decodeMap(Buffer.from('3 2\n{"version":3,\n'))).toBeNull();
  });

  it('takes few bytes for what repeats', () => {
    const hours = Array.from({ length: 48 }, (_, i) => 300 + i / 10);
    const state = zoneState('DE', {
      reading: reading('DE', 300),
      data: 'live',
      forecast: forecast('DE', hours),
    });
    expect(encodeMap(carbonMap(1, [state])).length).toBeLessThan(450);
    expect(JSON.stringify(carbonMap(1, [state])).length).toBeGreaterThan(3_000);
  });
});

describe('an encoded reading', () => {
  it('is decoded to what it was', () => {
    fc.assert(
      fc.property(readings('DE'), (each) => {
        expect(decodeReading('DE', each, encodeReading(each))).toEqual(each);
      }),
    );
  });

  it('begins with what tells an estimate, as the script looks at it', () => {
    expect(encodeReading(reading('DE', 1))).toMatch(/^m/);
    expect(encodeReading(reading('DE', 1, { estimated: true }))).toMatch(/^e/);
  });
});
