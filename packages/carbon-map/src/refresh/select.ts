import type { ZoneData } from '../model/carbon-map.ts';
import type { Reading } from '../model/reading.ts';
import type { Instant, Millis } from '../model/time.ts';
import type { CarbonProvider } from '../provider/provider.ts';
import { replaces } from '../store/history.ts';

/** A reading and what it is worth. */
export interface Selected {
  readonly reading: Reading;
  readonly data: ZoneData;
}

/** Whether a reading still counts as live: its validity ended less than `allowedAge` ago. */
export function isFresh(reading: Reading, at: Instant, allowedAge: Millis): boolean {
  return reading.validTo + allowedAge > at;
}

/**
 * Of several readings of one zone in one pair, the one to go by.
 * The chain's order decides among fresh ones, except that a kept reading of a better source which is still valid
 * is not given up for a worse source: one failed request must not shake the ranking.
 * Without a fresh one: the yearly average if the chain has it, else the newest of all, as stale.
 * @param fetched the answers of this round in the order of the chain
 * @param kept the last good reading of an earlier round
 */
export function selectReading(
  fetched: readonly Reading[],
  kept: Reading | undefined,
  chain: readonly CarbonProvider[],
  at: Instant,
  allowedAge: Millis,
): Selected | null {
  const rankOf = (reading: Reading): number => {
    const index = chain.findIndex((provider) => provider.name === reading.source);
    return index < 0 ? chain.length : index;
  };
  const yearly = (reading: Reading): boolean => chain[rankOf(reading)]?.countsAsFresh === false;
  const observed = fetched.filter((reading) => !yearly(reading));
  const fresh = observed.find((reading) => isFresh(reading, at, allowedAge));
  if (kept !== undefined && isFresh(kept, at, allowedAge)) {
    if (fresh === undefined) return { reading: kept, data: 'live' };
    if (rankOf(kept) < rankOf(fresh) && kept.validTo > at) return { reading: kept, data: 'live' };
    if (kept.source === fresh.source && isOlder(fresh, kept)) return { reading: kept, data: 'live' };
  }
  if (fresh !== undefined) return { reading: fresh, data: 'live' };
  const average = fetched.find(yearly);
  if (average !== undefined) return { reading: average, data: 'baseline' };
  const [newest] = [...observed, ...(kept === undefined ? [] : [kept])].sort((a, b) => b.validTo - a.validTo);
  return newest === undefined ? null : { reading: newest, data: 'stale' };
}

/** Whether an answer of the same source says less than the one that is kept: an earlier time, or an estimate of a measured one. */
function isOlder(next: Reading, kept: Reading): boolean {
  if (next.validFrom !== kept.validFrom) return next.validFrom < kept.validFrom;
  return !replaces(kept, next);
}
