import { pairName, type SignalPair } from '../model/reading.ts';

/** Pairs in the order that breaks ties. */
const TIE_ORDER: readonly [SignalPair, ...SignalPair[]] = [
  { signal: 'average', basis: 'lifecycle' },
  { signal: 'average', basis: 'direct' },
  { signal: 'marginal', basis: 'direct' },
  { signal: 'marginal', basis: 'lifecycle' },
];

/**
 * The pair in which this version of the map compares zones: the one with the most zones that have a fresh reading
 * of a provider other than `baseline` in it. `freshPairs` holds one entry per zone and pair, in any order.
 */
export function choosePair(freshPairs: Iterable<SignalPair>): SignalPair {
  const counts = new Map<string, number>();
  for (const pair of freshPairs) counts.set(pairName(pair), (counts.get(pairName(pair)) ?? 0) + 1);
  const [first, ...others] = TIE_ORDER;
  let best = first;
  for (const pair of others) {
    if ((counts.get(pairName(pair)) ?? 0) > (counts.get(pairName(best)) ?? 0)) best = pair;
  }
  return best;
}
