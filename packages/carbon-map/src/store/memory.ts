import type { CarbonMap } from '../model/carbon-map.ts';
import { pairName, type Reading } from '../model/reading.ts';
import { type Clock, DAY, type Instant, systemClock } from '../model/time.ts';
import { firstAtOrAfter, replaces } from './history.ts';
import { FencedWriteError, type MapStore, type WriterLease } from './store.ts';

export interface MemoryStoreOptions {
  readonly clock?: Clock;
  /** How long readings are kept, in days (30). */
  readonly historyDays?: number;
}

/** The default store: one process, nothing survives it. */
export function createMemoryStore(options: MemoryStoreOptions = {}): MapStore {
  const clock = options.clock ?? systemClock;
  const keep = (options.historyDays ?? 30) * DAY;
  const histories = new Map<string, Reading[]>();
  const notes = new Map<string, string>();
  const listeners = new Set<(version: number) => void>();
  let current: CarbonMap | null = null;
  let newest: WriterLease | null = null;
  let leaseEnds: Instant = 0;

  function put(reading: Reading): void {
    const key = `${reading.zone} ${pairName(reading)}`;
    let list = histories.get(key);
    if (list === undefined) histories.set(key, (list = []));
    const index = firstAtOrAfter(list, reading.validFrom);
    const there = list[index];
    const same = there !== undefined && there.validFrom === reading.validFrom;
    if (same && !replaces(there, reading)) return;
    list.splice(index, same ? 1 : 0, reading);
    const old = firstAtOrAfter(list, clock.now() - keep);
    if (old > 0) list.splice(0, old);
  }

  return {
    kind: 'memory',
    connected: () => true,
    read: async () => current,
    async write(map, lease) {
      if (newest === null || lease.token !== newest.token || lease.holder !== newest.holder) {
        throw new FencedWriteError(
          `${lease.holder} no longer holds the writer lease; its version ${map.version} is dropped`,
        );
      }
      if (current !== null && map.version <= current.version) {
        throw new FencedWriteError(`version ${map.version} is not newer than the stored ${current.version}`);
      }
      current = map;
      for (const listener of listeners) listener(map.version);
    },
    async acquireWriter(holder, ttl) {
      const now = clock.now();
      const held = newest !== null && now < leaseEnds;
      if (held && newest?.holder !== holder) return null;
      if (!held || newest === null) newest = { holder, token: (newest?.token ?? 0) + 1 };
      leaseEnds = now + ttl;
      return newest;
    },
    async releaseWriter(lease) {
      if (newest?.token === lease.token && newest.holder === lease.holder) leaseEnds = 0;
    },
    async appendHistory(readings) {
      for (const reading of readings) put(reading);
    },
    async history(zone, pair, from, to) {
      const list = histories.get(`${zone} ${pairName(pair)}`) ?? [];
      return list.slice(firstAtOrAfter(list, from), firstAtOrAfter(list, to));
    },
    readNote: async (name) => notes.get(name) ?? null,
    writeNote: async (name, text) => void notes.set(name, text),
    subscribe(listener) {
      // Wrapped, so that one function subscribed twice is two subscriptions.
      const own = (version: number): void => listener(version);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    async close() {
      listeners.clear();
    },
  };
}
