import { expect, it } from 'vitest';
import {
  createVirtualClock,
  type Instant,
  MINUTE,
  ProviderError,
  type ProviderErrorKind,
  SECOND,
  type VirtualClock,
} from '../../src/index.ts';
import { NOON } from '../support/fixtures.ts';
import { type Handler, json, raw, startHttpServer, type TestServer } from '../support/http-server.ts';

/** What is asked of a source over HTTP, whatever it is about. */
export interface TransportCase {
  /** Name of the source, with which every message begins. */
  readonly name: string;
  /** Asks a server for the newest value at `clock`. */
  ask(url: string, clock: VirtualClock, signal?: AbortSignal): Promise<unknown>;
  /** Answers what comes before the data, such as a login, and hands the rest on. */
  route?(handler: Handler): Handler;
  /** Kinds of error, by name of the case, where this source documents another meaning. */
  readonly kinds?: Readonly<Record<string, ProviderErrorKind>>;
  /** Statuses that are an answer of this source and no fault. */
  readonly answers?: readonly number[];
  /** What else must hold of every error. */
  judge?(error: ProviderError): void;
}

const NOW: Instant = NOON + 20 * MINUTE;

interface Scene {
  readonly server: TestServer;
  readonly clock: VirtualClock;
  readonly ask: (signal?: AbortSignal) => Promise<unknown>;
}

/** What a source does with every way in which a connection or a server can fail: a ProviderError that says which. */
export function transportFaults(given: TransportCase): void {
  async function within(run: (scene: Scene) => Promise<void>): Promise<void> {
    const server = await startHttpServer();
    const clock = createVirtualClock(NOW);
    try {
      await run({
        server: { ...server, answer: (next) => server.answer(given.route?.(next) ?? next) },
        clock,
        ask: (signal) => given.ask(server.url, clock, signal),
      });
    } finally {
      await server.close();
    }
  }

  async function failure(ask: () => Promise<unknown>): Promise<ProviderError> {
    const error = await ask().then(
      (answer) => new Error(`got ${JSON.stringify(answer)}`),
      (reason: unknown) => reason,
    );
    if (!(error instanceof ProviderError)) throw error;
    given.judge?.(error);
    expect(error.message).toMatch(new RegExp(`^${given.name}: `));
    return error;
  }

  const kindOf = (name: string): ProviderErrorKind => given.kinds?.[name] ?? 'bad-payload';
  const statuses: readonly [number, ProviderErrorKind][] = [
    [400, 'unavailable'],
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [404, 'unknown-zone'],
    [429, 'rate-limited'],
    [500, 'unavailable'],
    [502, 'unavailable'],
    [503, 'unavailable'],
    [204, 'unavailable'],
  ];

  it.each(statuses.filter(([status]) => given.answers?.includes(status) !== true))(
    'answers status %d with %s',
    (status, kind) =>
      within(async ({ server, ask }) => {
        server.answer(status === 204 ? raw('', 204) : json({ error: 'no' }, status));
        const error = await failure(ask);
        expect(error.kind).toBe(given.kinds?.[status] ?? kind);
        expect(error.retryAfter).toBeNull();
        expect(error.message).toContain(String(status));
      }),
  );

  it.each([
    ['seconds', '90', 90 * SECOND],
    ['a date', new Date(NOW + 3 * MINUTE).toUTCString(), 3 * MINUTE],
    ['a date gone by', new Date(NOW - MINUTE).toUTCString(), 0],
    ['nonsense', 'soon', null],
  ])('reads Retry-After as %s', (_name, header, expected) =>
    within(async ({ server, ask }) => {
      server.answer(json({}, 429, { 'retry-after': header }));
      expect((await failure(ask)).retryAfter).toBe(expected);
    }),
  );

  it('follows no redirect, which could carry the key elsewhere', () =>
    within(async ({ server, ask }) => {
      server.answer(raw('', 302, { location: `${server.url}/elsewhere` }));
      expect((await failure(ask)).kind).toBe('unavailable');
      expect(server.requests.filter(({ url }) => url === '/elsewhere')).toEqual([]);
    }));

  it.each([
    ['HTML', raw('<html>Sign in</html>', 200, { 'content-type': 'text/html' })],
    ['nothing', raw('')],
    ['half a document', raw('{"zone":')],
    ['{}', json({})],
    ['[]', json([])],
    ['null', json(null)],
    ['a word', json('ok')],
  ])('rejects %s in place of a document', (name, handler) =>
    within(async ({ server, ask }) => {
      server.answer(handler);
      expect((await failure(ask)).kind).toBe(kindOf(name));
    }),
  );

  it('gives up on a source that does not answer', () =>
    within(async ({ server, ask, clock }) => {
      server.answer(() => clock.advance(10 * SECOND));
      const error = await failure(ask);
      expect(error.kind).toBe('unavailable');
      expect(error.message).toContain('took longer than 10 s');
    }));

  it('gives up on a source that drips', () =>
    within(async ({ server, ask, clock }) => {
      server.answer((_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        // The first bytes are on their way when the time is up.
        response.write('{"zone"', () => clock.advance(10 * SECOND));
      });
      expect((await failure(ask)).message).toContain('took longer than 10 s');
    }));

  it('survives a connection that breaks before or amid the answer', () =>
    within(async ({ server, ask }) => {
      server.answer((request) => request.socket.destroy());
      expect((await failure(ask)).kind).toBe('unavailable');
      server.answer((request, response) => {
        response.writeHead(200, { 'content-length': '1000' });
        response.write('{"zone"', () => request.socket.destroy());
      });
      expect((await failure(ask)).kind).toBe('unavailable');
    }));

  it('says which host refused the connection', async () => {
    const error = await failure(() => given.ask('http://127.0.0.1:1', createVirtualClock(NOW)));
    expect(error.kind).toBe('unavailable');
    expect(error.message).toContain('127.0.0.1');
  });

  it('ends with the signal of the caller', () =>
    within(async ({ server, ask }) => {
      const aborter = new AbortController();
      server.answer(() => aborter.abort());
      await expect(ask(aborter.signal)).rejects.toBeInstanceOf(ProviderError);
    }));
}
