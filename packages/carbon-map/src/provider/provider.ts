import type { Forecast, Reading, SignalPair, ZoneCode } from '../model/reading.ts';
import type { Instant, Millis } from '../model/time.ts';

/**
 * A source of carbon intensity. An implementation is a function that returns this object; it opens no connection
 * before the first call, takes its HTTP client and clock as arguments, and throws nothing but {@link ProviderError}.
 */
export interface CarbonProvider {
  /** Stable name that shows as `source` on every number. */
  readonly name: string;
  /** The one pair of every number that this instance returns. */
  readonly pair: SignalPair;
  /** False for yearly averages: their readings never count as fresh. */
  readonly countsAsFresh: boolean;
  /** Whether asking for this zone can succeed at all; answers without a network. */
  covers(zone: ZoneCode): boolean;
  /** The newest reading at `at`. */
  latest(zone: ZoneCode, at: Instant, abort?: AbortSignal): Promise<Reading>;
  /** What the source itself expects from `at` on, or null if it has no forecast for the zone. */
  forecast(zone: ZoneCode, at: Instant, horizon: Millis, abort?: AbortSignal): Promise<Forecast | null>;
  /** Past readings over [from, to), ascending; empty if the source keeps none. */
  history(zone: ZoneCode, from: Instant, to: Instant, abort?: AbortSignal): Promise<readonly Reading[]>;
}

export type ProviderErrorKind =
  | 'unauthorized'
  | 'forbidden'
  | 'unknown-zone'
  | 'rate-limited'
  | 'unavailable'
  | 'bad-payload'
  | 'no-data';

/** Why a provider gave no number. `message` never holds a secret or a URL with one. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  readonly kind: ProviderErrorKind;
  readonly provider: string;
  /** How long the source asked to be left alone, when it said so. */
  readonly retryAfter: Millis | null;

  constructor(
    kind: ProviderErrorKind,
    provider: string,
    message: string,
    options: { retryAfter?: Millis; cause?: unknown } = {},
  ) {
    super(`${provider}: ${message}`, options.cause === undefined ? {} : { cause: options.cause });
    this.kind = kind;
    this.provider = provider;
    this.retryAfter = options.retryAfter ?? null;
  }
}
