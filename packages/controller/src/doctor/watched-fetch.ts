import { type Clock, type Millis, SECOND } from '@windvane/carbon-map';
import type { FetchOf } from '../app/providers.ts';

/** What the answers of one source said beside their content. */
interface AnswerNotes {
  /** The source's clock less ours; null when it tells no time. */
  readonly clockSkew: Millis | null;
  /** Requests left, as the source writes it; null when it does not. */
  readonly quotaLeft: string | null;
}

/** An HTTP client that remembers what answers say of time and quota. */
export interface WatchedFetch {
  readonly fetchOf: FetchOf;
  notes(provider: string): AnswerNotes;
}

const NOTHING: AnswerNotes = { clockSkew: null, quotaLeft: null };
const QUOTA_HEADERS = ['x-ratelimit-remaining', 'ratelimit-remaining', 'x-rate-limit-remaining'];

export function createWatchedFetch(clock: Clock): WatchedFetch {
  const kept = new Map<string, AnswerNotes>();
  return {
    fetchOf: (provider) => async (input, init) => {
      const response = await fetch(input, init);
      const before = kept.get(provider) ?? NOTHING;
      kept.set(provider, {
        clockSkew: skewOf(response.headers, clock) ?? before.clockSkew,
        quotaLeft: quotaOf(response.headers) ?? before.quotaLeft,
      });
      return response;
    },
    notes: (provider) => kept.get(provider) ?? NOTHING,
  };
}

/** `Date` (RFC 9110) with the `Age` of an answer from a cache on top. */
function skewOf(headers: Headers, clock: Clock): Millis | null {
  const date = Date.parse(headers.get('date') ?? '');
  const age = Number(headers.get('age') ?? 0);
  return Number.isNaN(date) ? null : date + (Number.isFinite(age) ? age * SECOND : 0) - clock.now();
}

/** Numbers only: what else a header may hold is not for our output. */
function quotaOf(headers: Headers): string | null {
  const values = QUOTA_HEADERS.map((name) => headers.get(name));
  return values.find((value) => value !== null && /^\d+$/.test(value)) ?? null;
}
