import { pairName, type Reading, type SignalPair, type ZoneCode } from '../model/reading.ts';
import type { Instant, Millis } from '../model/time.ts';
import { type CarbonProvider, ProviderError } from '../provider/provider.ts';
import { askLatest } from './ask.ts';
import type { HealthLog } from './health.ts';
import { isFresh } from './select.ts';

/** The answers for one zone in one pair, in the order of its chain. */
export interface PairAnswers {
  readonly pair: SignalPair;
  readonly chain: readonly CarbonProvider[];
  readonly readings: readonly Reading[];
}

export interface RoundContext {
  readonly at: Instant;
  readonly allowedAge: Millis;
  readonly abort: AbortSignal;
  readonly health: HealthLog;
}

/**
 * Asks a zone's chain, each pair for itself: in order, until one answers with a fresh reading.
 * A provider that fails is noted and passed over.
 */
export async function askZone(
  zone: ZoneCode,
  chain: readonly CarbonProvider[],
  context: RoundContext,
): Promise<readonly PairAnswers[]> {
  const byPair = Map.groupBy(chain, (provider) => pairName(provider.pair));
  const answers: PairAnswers[] = [];
  for (const providers of byPair.values()) {
    const [first] = providers;
    if (first === undefined) continue;
    answers.push({
      pair: first.pair,
      chain: providers,
      readings: await askInOrder(zone, providers, context),
    });
  }
  return answers;
}

async function askInOrder(
  zone: ZoneCode,
  providers: readonly CarbonProvider[],
  { at, allowedAge, abort, health }: RoundContext,
): Promise<readonly Reading[]> {
  const readings: Reading[] = [];
  for (const provider of providers) {
    if (!provider.covers(zone)) continue;
    try {
      const reading = await askLatest(provider, zone, at, abort);
      health.succeeded(provider, zone, 'reading', at);
      readings.push(reading);
      if (provider.countsAsFresh && isFresh(reading, at, allowedAge)) break;
    } catch (error) {
      if (abort.aborted || !(error instanceof ProviderError)) throw error;
      health.failed(provider, zone, 'reading', at, error);
    }
  }
  return readings;
}
