import type { CarbonMap } from '../../model/carbon-map.ts';
import type { Reading, SignalPair, ZoneCode } from '../../model/reading.ts';

/*
 * What the store writes it reads again, and nobody else writes there: no schema stands between.
 * The version comes first, so that a poll and the scripts read it without the rest.
 */

export function encodeMap(map: CarbonMap): string {
  return `${map.version}\n${JSON.stringify(map)}`;
}

/** The version at the head of an encoded map, or of its first bytes; null when there is none. */
export function encodedVersion(text: string): number | null {
  const digits = /^\d+/.exec(text)?.[0];
  return digits === undefined ? null : Number(digits);
}

export function decodeMap(text: string): CarbonMap {
  const map: CarbonMap = JSON.parse(text.slice(text.indexOf('\n') + 1));
  return map;
}

type Packed = readonly [from: number, to: number, grams: number, source: string, fetchedAt: number];

/** A reading without its zone and pair, which are in the key. The first letter tells measured from estimated. */
export function encodeReading(reading: Reading): string {
  const { validFrom, validTo, gramsPerKwh, source, fetchedAt } = reading;
  const packed: Packed = [validFrom, validTo, gramsPerKwh, source, fetchedAt];
  return `${reading.estimated ? 'e' : 'm'}${JSON.stringify(packed)}`;
}

export function decodeReading(zone: ZoneCode, pair: SignalPair, member: string): Reading {
  const packed: Packed = JSON.parse(member.slice(1));
  const [validFrom, validTo, gramsPerKwh, source, fetchedAt] = packed;
  const { signal, basis } = pair;
  return {
    zone,
    gramsPerKwh,
    signal,
    basis,
    source,
    estimated: member.startsWith('e'),
    validFrom,
    validTo,
    fetchedAt,
  };
}
