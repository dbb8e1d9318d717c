import type { Clock, Instant, Millis } from '../model/time.ts';

/** How many requests a source may be sent. */
export interface RateLimit {
  /** Providers that share a key of the source share its limit: name it here, never by the secret itself. */
  readonly key: string;
  /** Requests allowed in `per`, evenly over time. */
  readonly requests: number;
  readonly per: Millis;
  /** Requests that may go out at once after a rest (`requests`). */
  readonly burst?: number;
}

/** Counts what may still be sent. */
export interface TokenBucket {
  /** Time until a request may be sent; 0 when it may now. */
  wait(): Millis;
  /** One request goes out. */
  take(): void;
}

/** A bucket that is full at first and fills at the rate of the limit. */
export function createTokenBucket({ requests, per, burst = requests }: RateLimit, clock: Clock): TokenBucket {
  const size = Math.max(1, burst);
  let tokens = size;
  let filledAt: Instant = clock.now();

  function fill(): void {
    const now = clock.now();
    tokens = Math.min(size, tokens + (Math.max(0, now - filledAt) * requests) / per);
    filledAt = now;
  }

  return {
    wait() {
      fill();
      // A hair below one is one: the sum of many small fillings does not come out even.
      return tokens >= 1 - 1e-9 ? 0 : Math.ceil(((1 - tokens) * per) / requests);
    },
    take() {
      fill();
      tokens -= 1;
    },
  };
}
