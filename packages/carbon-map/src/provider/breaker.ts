import type { ZoneCode } from '../model/reading.ts';
import { type Clock, type Instant, MINUTE, type Millis, SECOND } from '../model/time.ts';
import { type CarbonProvider, ProviderError, type ProviderErrorKind } from './provider.ts';

export interface BreakerOptions {
  readonly clock: Clock;
  /** Failures in a row that open it (3). */
  readonly failures?: number;
  /** First time that the source is left alone (30 seconds), doubled with each failed trial up to the longest (10 minutes). */
  readonly pause?: Millis;
  readonly longestPause?: Millis;
  /** 0..1, for jitter; Math.random unless a test decides. */
  readonly random?: () => number;
}

/** Faults of the source or the key as a whole. That one zone is unknown or has a bad value says nothing of the others. */
const FAULTS_OF_SOURCE: ReadonlySet<ProviderErrorKind> = new Set([
  'unauthorized',
  'rate-limited',
  'unavailable',
]);

/**
 * The same provider behind a circuit breaker: after several failures in a row it is left alone for a while, then one
 * call at a time tries again. A source that says for how long it wants to be left alone (`Retry-After`) is obeyed at once.
 * While open, calls fail with the last kind of error and without a request.
 */
export function withBreaker(provider: CarbonProvider, options: BreakerOptions): CarbonProvider {
  const { clock } = options;
  const limit = options.failures ?? 3;
  const pause = options.pause ?? 30 * SECOND;
  const longestPause = options.longestPause ?? 10 * MINUTE;
  const random = options.random ?? Math.random;
  let failures = 0;
  let openUntil: Instant = -Infinity;
  let lastKind: ProviderErrorKind = 'unavailable';
  let trying = false;

  function failed({ kind, retryAfter }: ProviderError): void {
    failures += 1;
    lastKind = kind;
    const doubled = Math.min(longestPause, pause * 2 ** Math.max(0, failures - limit));
    // Between 75 and 125 percent, so that processes that failed together do not come back together.
    const own = failures < limit ? 0 : doubled * (0.75 + random() / 2);
    openUntil = Math.max(openUntil, clock.now() + Math.max(own, retryAfter ?? 0));
  }

  async function guarded<T>(call: () => Promise<T>): Promise<T> {
    const halfOpen = failures >= limit;
    const left = openUntil - clock.now();
    if (left > 0 || (halfOpen && trying)) {
      const seconds = Math.max(1, Math.ceil(left / SECOND));
      throw new ProviderError(lastKind, provider.name, `left alone for ${seconds} s more after failures`, {
        retryAfter: Math.max(0, left),
      });
    }
    trying = halfOpen;
    try {
      const result = await call();
      failures = 0;
      return result;
    } catch (error) {
      if (error instanceof ProviderError && FAULTS_OF_SOURCE.has(error.kind)) failed(error);
      // Any other answer is one: the source is there.
      else failures = 0;
      throw error;
    } finally {
      trying = false;
    }
  }

  return {
    name: provider.name,
    pair: provider.pair,
    countsAsFresh: provider.countsAsFresh,
    covers: (zone: ZoneCode) => provider.covers(zone),
    latest: (zone, at, abort) => guarded(() => provider.latest(zone, at, abort)),
    forecast: (zone, at, horizon, abort) => guarded(() => provider.forecast(zone, at, horizon, abort)),
    history: (zone, from, to, abort) => guarded(() => provider.history(zone, from, to, abort)),
  };
}
