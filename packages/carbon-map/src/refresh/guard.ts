import { type Clock, MINUTE, type Millis, SECOND } from '../model/time.ts';
import { withBreaker } from '../provider/breaker.ts';
import { type CarbonProvider, ProviderError } from '../provider/provider.ts';
import { withCoalescing } from './coalesce.ts';
import { createTokenBucket, type RateLimit, type TokenBucket } from './token-bucket.ts';

export interface GuardOptions {
  readonly clock: Clock;
  /** The limit of a provider's key; null or absent for none. */
  readonly rateLimit?: (provider: CarbonProvider) => RateLimit | null;
  /** 0..1, for jitter. */
  readonly random?: () => number;
}

/** Longest rest of a source that fails: short enough that its return is noticed within minutes. */
const LONGEST_PAUSE: Millis = 2 * MINUTE;

/**
 * Puts what stands between the refresher and every source around a provider: circuit breakers, the rate limit of its key,
 * and one request for equal questions at the same time. The same provider gives the same guarded one.
 */
export function createGuards({
  clock,
  rateLimit,
  random,
}: GuardOptions): (provider: CarbonProvider) => CarbonProvider {
  const buckets = new Map<string, TokenBucket>();
  const guarded = new WeakMap<CarbonProvider, CarbonProvider>();

  function bucketOf(provider: CarbonProvider): TokenBucket | null {
    const limit = rateLimit?.(provider) ?? null;
    if (limit === null) return null;
    const key = `${provider.name} ${limit.key}`;
    let bucket = buckets.get(key);
    if (bucket === undefined) buckets.set(key, (bucket = createTokenBucket(limit, clock)));
    return bucket;
  }

  function guard(provider: CarbonProvider): CarbonProvider {
    const bucket = bucketOf(provider);
    const breaker = { clock, longestPause: LONGEST_PAUSE, ...(random === undefined ? {} : { random }) };
    const readings = watched(provider, bucket, (inner) => withBreaker(inner, breaker));
    // Of their own, because a source whose forecasts fail may well have readings.
    const others = watched(provider, bucket, (inner) => withBreaker(inner, breaker));
    return withCoalescing({
      ...readings,
      forecast: (zone, at, horizon, abort) => others.forecast(zone, at, horizon, abort),
      history: (zone, from, to, abort) => others.history(zone, from, to, abort),
    });
  }

  return (provider) => {
    let known = guarded.get(provider);
    if (known === undefined) {
      known = guard(provider);
      guarded.set(provider, known);
      // What is guarded already stays as it is.
      guarded.set(known, known);
    }
    return known;
  };
}

/**
 * A provider in a breaker, counted by a bucket: a request that the breaker holds back takes nothing from the limit, and
 * one that the limit holds back is no failure. While the breaker is open, errors still say what the source's fault was.
 */
function watched(
  provider: CarbonProvider,
  bucket: TokenBucket | null,
  brake: (inner: CarbonProvider) => CarbonProvider,
): CarbonProvider {
  const own = new WeakSet<ProviderError>();
  let last = '';

  async function sent<T>(request: () => Promise<T>): Promise<T> {
    bucket?.take();
    try {
      return await request();
    } catch (error) {
      if (error instanceof ProviderError) {
        own.add(error);
        last = error.message.replace(`${provider.name}: `, '');
      }
      throw error;
    }
  }

  const braked = brake({
    name: provider.name,
    pair: provider.pair,
    countsAsFresh: provider.countsAsFresh,
    covers: (zone) => provider.covers(zone),
    latest: (zone, at, abort) => sent(() => provider.latest(zone, at, abort)),
    forecast: (zone, at, horizon, abort) => sent(() => provider.forecast(zone, at, horizon, abort)),
    history: (zone, from, to, abort) => sent(() => provider.history(zone, from, to, abort)),
  });

  async function held<T>(call: () => Promise<T>): Promise<T> {
    const wait = bucket?.wait() ?? 0;
    if (wait > 0) {
      throw new ProviderError(
        'rate-limited',
        provider.name,
        `not asked: the configured limit of its key allows the next request in ${Math.ceil(wait / SECOND)} s`,
        { retryAfter: wait },
      );
    }
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ProviderError) || own.has(error) || last === '') throw error;
      const rest = error.message.replace(`${provider.name}: `, '');
      const retryAfter = error.retryAfter === null ? {} : { retryAfter: error.retryAfter };
      throw new ProviderError(error.kind, provider.name, `${last}; ${rest}`, retryAfter);
    }
  }

  return {
    ...braked,
    latest: (zone, at, abort) => held(() => braked.latest(zone, at, abort)),
    forecast: (zone, at, horizon, abort) => held(() => braked.forecast(zone, at, horizon, abort)),
    history: (zone, from, to, abort) => held(() => braked.history(zone, from, to, abort)),
  };
}
