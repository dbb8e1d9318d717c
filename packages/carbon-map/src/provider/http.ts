import type { Clock, Millis } from '../model/time.ts';
import { SECOND } from '../model/time.ts';
import { networkReason } from './network-reason.ts';
import { ProviderError, type ProviderErrorKind } from './provider.ts';

/** What every HTTP provider is given, so that tests and proxies can stand in for the network. */
export interface HttpOptions {
  readonly fetch?: typeof fetch;
  readonly clock: Clock;
  /** Longest time for one request, its body included (10 seconds). */
  readonly timeout?: Millis;
}

export interface JsonRequest {
  readonly provider: string;
  /** Where the API begins, as configured. A user and password in it are sent as basic authentication. */
  readonly baseUrl: string;
  /** Path below the base; it shows in messages, so no secret may stand in it. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly abort?: AbortSignal | undefined;
  /** What a status means for this source, where that differs from the usual. */
  readonly kinds?: Readonly<Record<number, ProviderErrorKind>>;
}

/** Larger answers are cut off: a week of five-minute values is a fraction of it. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

/**
 * GETs a JSON document. Throws {@link ProviderError} and nothing else; messages name the host and the path below the
 * base, never the base's own path, the query or a header, because secrets live there. Redirects are not followed:
 * they could carry a key to another host.
 */
export async function getJson(request: JsonRequest, options: HttpOptions): Promise<unknown> {
  const { provider, kinds } = request;
  const timeout = options.timeout ?? 10 * SECOND;
  const { url, headers } = target(request);
  const what = `GET ${url.host} ${request.path}`;
  const deadline = new AbortController();
  const cancel = options.clock.after(timeout, () => deadline.abort());
  const signals = request.abort === undefined ? [deadline.signal] : [deadline.signal, request.abort];
  try {
    const response = await (options.fetch ?? fetch)(url, {
      headers: { accept: 'application/json', ...headers, ...request.headers },
      redirect: 'manual',
      signal: AbortSignal.any(signals),
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw statusError(provider, what, response, options.clock, { ...KIND_OF_STATUS, ...kinds });
    }
    return parseJson(provider, what, response, await readText(provider, what, response));
  } catch (error) {
    if (error instanceof ProviderError) throw error;
    if (deadline.signal.aborted) {
      throw new ProviderError('unavailable', provider, `${what} took longer than ${timeout / SECOND} s`);
    }
    throw new ProviderError('unavailable', provider, `${what} failed: ${networkReason(error)}`);
  } finally {
    cancel();
  }
}

/** The `Authorization` value of RFC 7617. */
export function basicAuth(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
}

/** `fetch` refuses a URL with a user in it, and repeats the whole URL when it does. */
function target({ provider, baseUrl, path, query }: JsonRequest): {
  url: URL;
  headers: Record<string, string>;
} {
  const url = URL.parse(`${baseUrl.replace(/\/+$/, '')}/${path}`);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    const remedy = 'write https://host/path, without a query';
    throw new ProviderError('unavailable', provider, `the base URL is not one: ${remedy}`);
  }
  url.search = new URLSearchParams(query).toString();
  if (url.username === '' && url.password === '') return { url, headers: {} };
  const authorization = basicAuth(decoded(url.username), decoded(url.password));
  url.username = '';
  url.password = '';
  return { url, headers: { authorization } };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const KIND_OF_STATUS: Readonly<Record<number, ProviderErrorKind>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'unknown-zone',
  429: 'rate-limited',
};

const MEANING: Partial<Record<ProviderErrorKind, string>> = {
  unauthorized: 'the key is missing or not valid',
  forbidden: 'the key may not read this zone or signal',
  'unknown-zone': 'the source does not know the zone',
  'rate-limited': 'too many requests',
  'no-data': 'the source has nothing for that',
};

function statusError(
  provider: string,
  what: string,
  response: Response,
  clock: Clock,
  kinds: Readonly<Record<number, ProviderErrorKind>>,
): ProviderError {
  const kind = kinds[response.status] ?? 'unavailable';
  const retryAfter = retryAfterOf(response.headers.get('retry-after'), clock);
  const meaning = MEANING[kind] ?? 'the source does not answer as documented';
  return new ProviderError(
    kind,
    provider,
    `${what} answered ${response.status}: ${meaning}`,
    retryAfter === null ? {} : { retryAfter },
  );
}

/** `Retry-After` as RFC 9110 has it: seconds or a date. Null when absent or unreadable; never negative. */
function retryAfterOf(header: string | null, clock: Clock): Millis | null {
  const text = header?.trim() ?? '';
  if (/^\d+$/.test(text)) return Number(text) * SECOND;
  const date = text === '' ? Number.NaN : Date.parse(text);
  return Number.isNaN(date) ? null : Math.max(0, date - clock.now());
}

async function readText(provider: string, what: string, response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BODY_BYTES) {
      throw new ProviderError('bad-payload', provider, `${what} answered more than ${MAX_BODY_BYTES} bytes`);
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function parseJson(provider: string, what: string, response: Response, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Only what has the form of a media type: a header could repeat what we sent.
    const [type = 'no content type'] =
      /^[a-z]+\/[a-z.+-]+/.exec(response.headers.get('content-type') ?? '') ?? [];
    throw new ProviderError('bad-payload', provider, `${what} answered something else than JSON (${type})`);
  }
}
