import { type Instant, MINUTE } from '../../model/time.ts';
import { checkedPayload } from '../check.ts';
import { basicAuth, getJson, type HttpOptions, type JsonRequest } from '../http.ts';
import { ProviderError } from '../provider.ts';
import { loginPayload } from './payload.ts';

export interface SessionOptions extends HttpOptions {
  readonly provider: string;
  readonly baseUrl: string;
  readonly username: string;
  readonly password: string;
}

/** Requests under a token that is fetched, kept and renewed as needed. */
export interface Session {
  get(request: Pick<JsonRequest, 'path' | 'query' | 'abort'>): Promise<unknown>;
}

/** A token holds for 30 minutes. */
const RENEW_AFTER = 25 * MINUTE;
/** Logins are limited to 100 in five minutes, and a refused one will not pass by being repeated for each zone. */
const REFUSED_FOR = MINUTE;

/** Logs in by basic authentication (`GET /login`), once for all who wait; a token that is refused is renewed once. */
export function createSession(options: SessionOptions): Session {
  const { provider, baseUrl, clock } = options;
  let current: { token: Promise<string>; since: Instant } | null = null;
  let refused: { error: ProviderError; until: Instant } | null = null;

  async function login(): Promise<string> {
    const authorization = basicAuth(options.username, options.password);
    try {
      const body = await getJson({ provider, baseUrl, path: 'login', headers: { authorization } }, options);
      return checkedPayload(provider, loginPayload, body, 'login').token;
    } catch (error) {
      current = null;
      if (error instanceof ProviderError && /^(unauthorized|forbidden|rate-limited)$/.test(error.kind)) {
        refused = { error, until: clock.now() + Math.max(REFUSED_FOR, error.retryAfter ?? 0) };
      }
      throw error;
    }
  }

  async function token(): Promise<string> {
    if (refused !== null && clock.now() < refused.until) throw refused.error;
    if (current === null || clock.now() >= current.since + RENEW_AFTER) {
      current = { token: login(), since: clock.now() };
    }
    return current.token;
  }

  async function get(request: Pick<JsonRequest, 'path' | 'query' | 'abort'>): Promise<unknown> {
    const ask = async (bearer: string): Promise<unknown> =>
      getJson({ ...request, provider, baseUrl, headers: { authorization: `Bearer ${bearer}` } }, options);
    const first = await token();
    try {
      return await ask(first);
    } catch (error) {
      if (!(error instanceof ProviderError) || error.kind !== 'unauthorized') throw error;
      // Someone else may have renewed it meanwhile.
      if (current !== null && (await current.token) === first) current = null;
      return ask(await token());
    }
  }

  return { get };
}
