import { pairName, type SignalPair, type ZoneCode } from '../../model/reading.ts';

/**
 * Every key and channel of the Redis store. The braces keep all keys of one prefix in one slot of a cluster,
 * so that a script may touch several.
 *
 * | key | type | life | holds |
 * |---|---|---|---|
 * | `{prefix}:map` | string | none | a whole version: see encoding.ts |
 * | `{prefix}:lease` | string | the lease | name of the holder |
 * | `{prefix}:fence` | hash | none | `token` and `holder` of the newest lease |
 * | `{prefix}:note:<name>` | string | the history | what one writer notes for the next |
 * | `{prefix}:history:<signal>/<basis>:<zone>` | sorted set by validFrom | the history | one encoded reading per member |
 */
export interface StoreKeys {
  readonly map: string;
  readonly lease: string;
  readonly fence: string;
  /** Channel that carries each new version number. */
  readonly changes: string;
  note(name: string): string;
  history(zone: ZoneCode, pair: SignalPair): string;
}

export function storeKeys(prefix: string): StoreKeys {
  const base = `{${prefix}}`;
  return {
    map: `${base}:map`,
    lease: `${base}:lease`,
    fence: `${base}:fence`,
    changes: `${base}:changes`,
    note: (name) => `${base}:note:${name}`,
    history: (zone, pair) => `${base}:history:${pairName(pair)}:${zone}`,
  };
}
