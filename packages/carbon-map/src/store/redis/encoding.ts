import type { CarbonMap, ZoneState } from '../../model/carbon-map.ts';
import type { Reading, SignalPair, ZoneCode } from '../../model/reading.ts';
import { packState, unpackState } from './packed-state.ts';

/*
 * What the store writes it reads again, and nobody else writes there: no schema stands between.
 *
 * A map is text in lines: the version, so that a poll and the scripts read it without the rest; the map without its zones as
 * JSON; then per zone its name as JSON, a tab, and its state. A zone is decoded when it is first looked at, because most
 * readers want a few of hundreds.
 */

export function encodeMap(map: CarbonMap): string {
  const { zones, ...head } = map;
  const lines = Object.entries(zones).map(
    ([zone, state]) => `${JSON.stringify(zone)}\t${packState(zone, state, map.pair)}`,
  );
  return [map.version, JSON.stringify(head), ...lines].join('\n');
}

/** The version at the head of an encoded map, or of its first bytes; null when there is none. */
export function encodedVersion(text: string): number | null {
  const digits = /^\d+/.exec(text)?.[0];
  return digits === undefined ? null : Number(digits);
}

export function decodeMap(text: string): CarbonMap {
  const [, json = '', ...lines] = text.split('\n');
  const head: Omit<CarbonMap, 'zones'> = JSON.parse(json);
  const zones: Record<ZoneCode, ZoneState> = {};
  for (const line of lines) {
    const tab = line.indexOf('\t');
    const zone = unquoted(line.slice(0, tab));
    defineLazily(zones, zone, () => unpackState(zone, line.slice(tab + 1), head.pair));
  }
  return { ...head, zones };
}

/** A string from its JSON; nearly all zones are letters only, and a parser takes longer than the rest of the line. */
function unquoted(json: string): string {
  if (!json.includes('\\')) return json.slice(1, -1);
  const text: string = JSON.parse(json);
  return text;
}

/** A property that is made when it is first read. */
function defineLazily<T>(target: Record<string, T>, key: string, make: () => T): void {
  let value: T | undefined;
  Object.defineProperty(target, key, { configurable: true, enumerable: true, get: () => (value ??= make()) });
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
