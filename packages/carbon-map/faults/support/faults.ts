import { DAY, HOUR, type Instant, MINUTE, type Millis, SECOND, type VirtualClock } from '../../src/index.ts';
import type { Answering, Source } from './sources.ts';

/** One way in which a source fails. */
export interface Fault {
  readonly name: string;
  /** In place of the documented answer. */
  respond?(request: FaultyRequest): Promise<Response>;
  /** The documented answer with something wrong in it. */
  readonly how?: Partial<Answering>;
  /** Only while this says so (always). */
  during?(now: Instant): boolean;
}

interface FaultyRequest {
  readonly clock: VirtualClock;
  readonly abort: AbortSignal;
  good(): string;
}

const SOUND: Answering = {
  value: (grams) => grams,
  zone: (zone) => zone,
  time: (at) => at,
  points: (points) => points,
};

const status = (code: number, headers: Record<string, string> = {}): Fault => ({
  name: `${code}${headers['retry-after'] === undefined ? '' : ` Retry-After ${headers['retry-after']}`}`,
  respond: async () => new Response('{"error":"no"}', { status: code, headers }),
});

const body = (name: string, text: string, type = 'application/json'): Fault => ({
  name,
  respond: async () => new Response(text, { headers: { 'content-type': type } }),
});

const value = (name: string, sent: (grams: number) => unknown): Fault => ({ name, how: { value: sent } });

/** Rejects when the request is given up; never resolves. */
const givenUp = (abort: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    abort.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')), { once: true });
  });

/** One byte per second of virtual time. */
function drip(text: string, { clock, abort }: FaultyRequest): Response {
  const bytes = new TextEncoder().encode(text);
  let sent = 0;
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      // As fetch does with the body of a request that was given up.
      abort.throwIfAborted();
      await Promise.race([new Promise<void>((resolve) => void clock.after(SECOND, resolve)), givenUp(abort)]);
      controller.enqueue(bytes.slice(sent, ++sent));
      if (sent === bytes.length) controller.close();
    },
  });
  return new Response(stream);
}

export const FAULTS: readonly Fault[] = [
  status(401),
  status(403),
  status(404),
  status(429),
  status(429, { 'retry-after': '600' }),
  status(500),
  { name: 'timeout', respond: ({ abort }) => givenUp(abort) },
  {
    name: 'reset',
    respond: async () => {
      throw new TypeError('fetch failed', {
        cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }),
      });
    },
  },
  { name: 'slow drip', respond: async (request) => drip(request.good(), request) },
  body('HTML', '<html>maintenance</html>', 'text/html'),
  body('{}', '{}'),
  body('null', 'null'),
  value('value null', () => null),
  value('value NaN', () => Number.NaN),
  value('value text', () => 'clean'),
  value('value negative', (grams) => -grams),
  value('value zero', () => 0),
  value('value 10^6', () => 1e6),
  value('value in kg', (grams) => grams / 1000),
  value('value a percentile', () => 12),
  { name: 'wrong zone', how: { zone: () => 'ELSEWHERE' } },
  { name: 'future times', how: { time: (at) => at + 3 * DAY } },
  { name: 'past times', how: { time: (at) => at - 2 * DAY } },
  {
    name: 'duplicate points',
    how: { points: (points, again) => points.flatMap((point) => [point, again(point)]) },
  },
  {
    name: 'flapping',
    respond: async () => new Response('{}', { status: 503 }),
    during: (now) => Math.floor(now / (5 * MINUTE)) % 2 === 0,
  },
];

/** The network between a provider and its source; `fault` says what is wrong just now. */
export function faultyFetch(
  source: Source,
  clock: VirtualClock,
  fault: () => Fault | null,
  count: () => void,
): typeof globalThis.fetch {
  return async (input, init) => {
    count();
    const url = new URL(input instanceof Request ? input.url : input);
    const now = clock.now();
    const present = fault();
    const wrong = present !== null && (present.during?.(now) ?? true) ? present : null;
    const abort = init?.signal ?? new AbortController().signal;
    const document = (how: Answering): string =>
      // NaN is no JSON; some servers write it nevertheless.
      JSON.stringify(source.answer(url, now, how), (_key, each: unknown) =>
        typeof each === 'number' && Number.isNaN(each) ? '__NaN__' : each,
      ).replaceAll('"__NaN__"', 'NaN');
    if (wrong?.respond !== undefined) return wrong.respond({ clock, abort, good: () => document(SOUND) });
    return new Response(document({ ...SOUND, ...wrong?.how }), {
      headers: { 'content-type': 'application/json' },
    });
  };
}

/** When faults begin and end: across a full hour, so that what was known before runs out on the way. */
export const FAULT_FROM: Millis = 2 * HOUR + 45 * MINUTE;
export const FAULT_FOR: Millis = 30 * MINUTE;
export const WATCH_FOR: Millis = 60 * MINUTE;
