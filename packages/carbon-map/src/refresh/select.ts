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
 * The chain's order decides among fresh ones, with two exceptions that keep the ranking calm. A kept reading of a better
 * source which is still valid is not given up for a worse source: one failed request changes nothing. And a better
 * source that is on probation does not yet take over from a worse one that answers.
 * Without a fresh one: the yearly average if the chain has it, else the newest of all, as stale.
 * @param fetched the answers of this round in the order of the chain
 * @param kept the last good reading of an earlier round
 * @param onProbation whether a source failed lately
 */
export function selectReading(
  fetched: readonly Reading[],
  kept: Reading | undefined,
  chain: readonly CarbonProvider[],
  at: Instant,
  allowedAge: Millis,
  onProbation: (source: string) => boolean = () => false,
): Selected | null {
  const rankOf = (reading: Reading): number => {
    const index = chain.findIndex((provider) => provider.name === reading.source);
    return index < 0 ? chain.length : index;
  };
  const yearly = (reading: Reading): boolean => chain[rankOf(reading)]?.countsAsFresh === false;
  const observed = fetched.filter((reading) => !yearly(reading));
  const fresh = observed.filter((reading) => isFresh(reading, at, allowedAge));
  const [best] = fresh;
  if (kept !== undefined && isFresh(kept, at, allowedAge)) {
    const live = (reading: Reading): Selected => ({ reading, data: 'live' });
    if (best === undefined) return live(kept);
    const same = fresh.find(({ source }) => source === kept.source);
    const newest = same !== undefined && !saysLess(same, kept) ? same : kept;
    if (kept.source === best.source) return live(newest);
    if (rankOf(kept) < rankOf(best) && kept.validTo > at) return live(kept);
    const answers = same !== undefined || kept.validTo > at;
    if (rankOf(kept) > rankOf(best) && answers && onProbation(best.source)) return live(newest);
  }
  if (best !== undefined) return { reading: best, data: 'live' };
  const average = fetched.find(yearly);
  if (average !== undefined) return { reading: average, data: 'baseline' };
  const [newest] = [...observed, ...(kept === undefined ? [] : [kept])].sort((a, b) => b.validTo - a.validTo);
  return newest === undefined ? null : { reading: newest, data: 'stale' };
}

/** Part of an estimate by which another estimate of the same hour must differ to take its place. */
const NEW_ESTIMATE = 0.1;

/**
 * Whether an answer of the same source says less than the one that is kept: an earlier time, or an estimate of an hour
 * that is measured. An estimate that is made anew within its hour counts only when it differs by much, so that a value
 * changes once in its hour, when the measurement comes.
 */
function saysLess(next: Reading, kept: Reading): boolean {
  if (next.validFrom !== kept.validFrom) return next.validFrom < kept.validFrom;
  if (!replaces(kept, next)) return true;
  // The mean of an hour that is not over yet grows with it.
  if (next.validTo !== kept.validTo) return next.validTo < kept.validTo;
  const difference = Math.abs(next.gramsPerKwh - kept.gramsPerKwh);
  return next.estimated && kept.estimated && difference <= NEW_ESTIMATE * kept.gramsPerKwh;
}
