import type { CarbonMap } from '../../model/carbon-map.ts';
import type { Reading, SignalPair, ZoneCode } from '../../model/reading.ts';
import { createZoneUnpacker, packZones, type UnpackZones } from './packed-zones.ts';

/*
 * What the store writes it reads again, and nobody else writes there: no schema stands between.
 *
 * A map is its version and the number of this format in digits, so that a poll and the scripts read the version without
 * the rest; then, each after a line break, the map without its zones as JSON, and its zones: see packed-zones.ts.
 */

const FORMAT = 2;
const LINE_BREAK = 10;

export function encodeMap(map: CarbonMap): Buffer {
  const { zones, ...head } = map;
  const text = `${map.version} ${FORMAT}\n${JSON.stringify(head)}\n`;
  return Buffer.concat([Buffer.from(text), packZones(zones, map.pair)]);
}

/** The version at the head of an encoded map, or of its first bytes; null when there is none. */
export function encodedVersion(text: string): number | null {
  const digits = /^\d+/.exec(text)?.[0];
  return digits === undefined ? null : Number(digits);
}

/** Decodes one version after the other. What they have in common is decoded once. */
export interface MapDecoder {
  /** The version of an encoded map, without the rest. */
  version(bytes: Buffer): number | null;
  /** Null for what another release wrote in a format of its own, and for what was damaged: the next version mends it. */
  decode(bytes: Buffer): CarbonMap | null;
}

export function createMapDecoder(): MapDecoder {
  const unpack: UnpackZones = createZoneUnpacker();
  return {
    version: (bytes) => encodedVersion(bytes.toString('latin1', 0, 21)),
    decode(bytes) {
      const first = bytes.indexOf(LINE_BREAK);
      const second = bytes.indexOf(LINE_BREAK, first + 1);
      if (second < 0 || !bytes.toString('latin1', 0, first).endsWith(` ${FORMAT}`)) return null;
      try {
        const head: Omit<CarbonMap, 'zones'> = JSON.parse(bytes.toString('utf8', first + 1, second));
        return { ...head, zones: unpack(bytes.subarray(second + 1), head.pair) };
      } catch (error) {
        if (error instanceof SyntaxError || error instanceof RangeError) return null;
        throw error;
      }
    },
  };
}

/*
 * A reading without its zone and pair, which are in the key: one letter, m for measured or e for estimated, then begin,
 * length and delay of the fetch in milliseconds to the base of 36, the value, and the source; a blank between them.
 */

export function encodeReading(reading: Reading): string {
  const { validFrom, validTo, gramsPerKwh, source, fetchedAt } = reading;
  const times = [validFrom, validTo - validFrom, fetchedAt - validFrom].map((time) =>
    Math.round(time).toString(36),
  );
  return `${reading.estimated ? 'e' : 'm'}${times.join(' ')} ${gramsPerKwh} ${source}`;
}

export function decodeReading(zone: ZoneCode, pair: SignalPair, member: string): Reading {
  const [from = '', length = '', delay = '', grams = '', ...source] = member.slice(1).split(' ');
  const validFrom = Number.parseInt(from, 36);
  const { signal, basis } = pair;
  return {
    zone,
    gramsPerKwh: Number(grams),
    signal,
    basis,
    source: source.join(' '),
    estimated: member.startsWith('e'),
    validFrom,
    validTo: validFrom + Number.parseInt(length, 36),
    fetchedAt: validFrom + Number.parseInt(delay, 36),
  };
}
