import { pairName, type Reading, type SignalPair, type ZoneCode } from '../model/reading.ts';
import type { Instant, Millis } from '../model/time.ts';
import { type CarbonProvider, ProviderError, type ProviderErrorKind } from '../provider/provider.ts';
import { askLatest } from './ask.ts';
import type { HealthLog } from './health.ts';
import type { Probation } from './probation.ts';
import type { Quarantine } from './quarantine.ts';
import { isFresh } from './select.ts';

/** The answers for one zone in one pair, in the order of its chain. */
export interface PairAnswers {
  readonly pair: SignalPair;
  readonly chain: readonly CarbonProvider[];
  readonly readings: readonly Reading[];
  /** A provider failed in a way that may be over soon. */
  readonly passing: boolean;
}

export interface RoundContext {
  readonly at: Instant;
  readonly allowedAge: Millis;
  readonly abort: AbortSignal;
  readonly health: HealthLog;
  readonly quarantine: Quarantine;
  readonly probation: Probation;
  /** Source of the last live reading of a zone in a pair. */
  readonly serving: (zone: ZoneCode, pair: SignalPair) => string | undefined;
}

const PASSING: ReadonlySet<ProviderErrorKind> = new Set(['rate-limited', 'unavailable']);

/**
 * Asks a zone's chain, each pair for itself: in order, until one answers with a fresh reading. A provider that fails is
 * noted and passed over. While a better source than the serving one proves itself, both are asked.
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
      ...(await askInOrder(zone, providers, context)),
    });
  }
  return answers;
}

async function askInOrder(
  zone: ZoneCode,
  providers: readonly CarbonProvider[],
  { at, allowedAge, abort, health, quarantine, probation, serving }: RoundContext,
): Promise<Pick<PairAnswers, 'readings' | 'passing'>> {
  const readings: Reading[] = [];
  let passing = false;
  for (const [index, provider] of providers.entries()) {
    if (!provider.covers(zone)) continue;
    const { name, pair } = provider;
    try {
      const reading = await askLatest(provider, zone, at, abort);
      const { refused, agrees } = await quarantine.judge(provider, reading, at);
      if (agrees) probation.answered(name, zone, pair, at);
      else probation.failed(name, zone, pair);
      if (refused !== null) {
        health.failed(provider, zone, 'reading', at, refused);
        continue;
      }
      health.succeeded(provider, zone, 'reading', at);
      readings.push(reading);
      if (!provider.countsAsFresh) continue;
      if (!isFresh(reading, at, allowedAge)) {
        probation.failed(name, zone, pair);
        continue;
      }
      const servedBy = serving(zone, pair);
      const better = providers.findIndex((other) => other.name === servedBy) > index;
      if (!better || !probation.holds(name, zone, pair, at)) break;
    } catch (error) {
      if (abort.aborted || !(error instanceof ProviderError)) throw error;
      health.failed(provider, zone, 'reading', at, error);
      probation.failed(name, zone, pair);
      passing ||= PASSING.has(error.kind);
    }
  }
  return { readings, passing };
}
