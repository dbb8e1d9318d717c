import type { Clock, Millis } from '../model/time.ts';
import { SECOND } from '../model/time.ts';
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
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly abort?: AbortSignal | undefined;
}

/** Larger answers are cut off: a week of five-minute values is a fraction of it. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

/**
 * GETs a JSON document. Throws {@link ProviderError} and nothing else; messages name the path, never the query or a
 * header, because secrets live there. Redirects are not followed: they could carry a key to another host.
 */
export async function getJson(request: JsonRequest, options: HttpOptions): Promise<unknown> {
  const { provider, url } = request;
  const timeout = options.timeout ?? 10 * SECOND;
  const what = `GET ${url.origin}${url.pathname}`;
  const deadline = new AbortController();
  const cancel = options.clock.after(timeout, () => deadline.abort());
  const signals = request.abort === undefined ? [deadline.signal] : [deadline.signal, request.abort];
  try {
    const response = await (options.fetch ?? fetch)(url, {
      headers: { accept: 'application/json', ...request.headers },
      redirect: 'manual',
      signal: AbortSignal.any(signals),
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw statusError(provider, what, response, options.clock);
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
};

function statusError(provider: string, what: string, response: Response, clock: Clock): ProviderError {
  const kind = KIND_OF_STATUS[response.status] ?? 'unavailable';
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
    const type = response.headers.get('content-type') ?? 'no content type';
    throw new ProviderError('bad-payload', provider, `${what} answered something else than JSON (${type})`);
  }
}

/** The system's word for it (`ECONNREFUSED`); `fetch failed` alone helps nobody. */
function networkReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof Error) return 'code' in cause ? String(cause.code) : cause.message;
  return error.message;
}
