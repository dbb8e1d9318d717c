import type { SignalPair, ZoneCode } from '../model/reading.ts';
import { pairName } from '../model/reading.ts';
import type { Instant, Millis } from '../model/time.ts';

/**
 * Which sources have answered without a failure for long enough that a zone may return to them. Two sources of one zone
 * differ by more than their zones do: a source that comes and goes must not move the ranking each time.
 */
export interface Probation {
  answered(source: string, zone: ZoneCode, pair: SignalPair, at: Instant): void;
  failed(source: string, zone: ZoneCode, pair: SignalPair): void;
  /** Whether it still has to prove itself: it failed, or was never asked, within the dwell. */
  holds(source: string, zone: ZoneCode, pair: SignalPair, at: Instant): boolean;
}

export function createProbation(dwell: Millis): Probation {
  const goodSince = new Map<string, Instant>();
  const keyOf = (source: string, zone: ZoneCode, pair: SignalPair): string =>
    `${source} ${zone} ${pairName(pair)}`;
  return {
    answered(source, zone, pair, at) {
      const key = keyOf(source, zone, pair);
      if (!goodSince.has(key)) goodSince.set(key, at);
    },
    failed: (source, zone, pair) => void goodSince.delete(keyOf(source, zone, pair)),
    holds: (source, zone, pair, at) => (goodSince.get(keyOf(source, zone, pair)) ?? Infinity) > at - dwell,
  };
}
