import { MAX_GRAMS_PER_KWH, type Reading, samePair, type ZoneCode } from '../model/reading.ts';
import type { Instant } from '../model/time.ts';
import { type CarbonProvider, ProviderError } from '../provider/provider.ts';

/**
 * One reading, held against the contract: a provider may come from outside this package.
 * Throws nothing but {@link ProviderError}.
 */
export async function askLatest(
  provider: CarbonProvider,
  zone: ZoneCode,
  at: Instant,
  abort: AbortSignal,
): Promise<Reading> {
  const reading = await asProviderError(provider, () => provider.latest(zone, at, abort));
  const problem = brokenRule(provider, reading, zone, at);
  if (problem !== null)
    throw new ProviderError('bad-payload', provider.name, `${problem}; the reading is not used`);
  return reading;
}

/** Runs a call of a provider; what it throws besides {@link ProviderError} is a fault of the provider. */
export async function asProviderError<T>(provider: CarbonProvider, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof ProviderError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new ProviderError('unavailable', provider.name, `failed unexpectedly: ${message}`, {
      cause: error,
    });
  }
}

/** What a reading does that the contract forbids, or null. */
export function brokenRule(
  provider: CarbonProvider,
  reading: Reading,
  zone: ZoneCode,
  at: Instant,
): string | null {
  const { gramsPerKwh, validFrom, validTo } = reading;
  if (reading.zone !== zone) return `answered for zone ${reading.zone} when asked for ${zone}`;
  if (!samePair(reading, provider.pair)) return `answered in another signal or basis than it declares`;
  if (!Number.isFinite(gramsPerKwh) || gramsPerKwh < 0 || gramsPerKwh > MAX_GRAMS_PER_KWH) {
    return `answered with an impossible intensity (${gramsPerKwh})`;
  }
  if (!(validFrom < validTo)) return 'answered with an empty time of validity';
  if (validFrom > at) return 'answered with a reading of the future';
  return null;
}
