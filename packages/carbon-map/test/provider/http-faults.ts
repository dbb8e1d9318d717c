import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type CarbonProvider,
  createVirtualClock,
  HOUR,
  type Instant,
  MINUTE,
  ProviderError,
  type ProviderErrorKind,
  type VirtualClock,
} from '../../src/index.ts';
import { NOON } from '../support/fixtures.ts';
import { type Handler, json, raw, startHttpServer, type TestServer } from '../support/http-server.ts';
import { transportFaults } from './transport-faults.ts';

/** How one HTTP provider is made, and what a good answer of its source looks like. */
export interface HttpProviderCase {
  /** `secret` is the key that must never be seen again. */
  create(url: string, secret: string, clock: VirtualClock): CarbonProvider;
  readonly zone: string;
  /** A documented answer to `latest`; the value may be anything, to be broken at will. */
  payload(value: unknown, at: Instant, zone: string): unknown;
  /** Whether the source means it when it says zero. */
  readonly zeroIsReal: boolean;
  /** Whether answers repeat the zone that they are for (true). */
  readonly echoesZone?: boolean;
  /** What the source's number is in g/kWh (the number itself). */
  gramsOf?(sent: unknown): number;
  /** Answers what comes before the data, such as a login, and hands the rest on. */
  route?(handler: Handler): Handler;
  /** Kinds of error, by name of the case, where this source documents another meaning. */
  readonly kinds?: Readonly<Record<string, ProviderErrorKind>>;
  /** Whether numbers come as text, so that a text may be one. */
  readonly numbersAreText?: boolean;
}

const SECRET = 'k3y-that-nobody-may-see';
const NOW = NOON + 20 * MINUTE;

/** A secret shows in no form that it is sent in: as it is, in base64, in a URL. */
function expectNoSecret(error: ProviderError, secret = SECRET): void {
  const told = `${error.message} ${error.stack} ${String(error.cause)} ${JSON.stringify(error)}`;
  for (const form of [
    secret,
    Buffer.from(secret).toString('base64').slice(0, -4),
    encodeURIComponent(secret),
  ]) {
    expect(told).not.toContain(form);
  }
  // As it stands at the end of `user:secret` or `Bearer secret`, whatever base64 makes of its beginning.
  expect(told).not.toContain(Buffer.from(`user:${secret}`).toString('base64').slice(8, -4));
}

/** Says everything that it was told, wherever an answer can say something. */
const parrot =
  (status: number): Handler =>
  (request, response) => {
    const heard = Object.fromEntries([...Object.entries(request.headers), ['url', request.url]]);
    const said = Object.values(heard).map(String).join(' ');
    response.writeHead(status, {
      'content-type': said,
      'retry-after': said,
      location: said,
      'www-authenticate': said,
    });
    response.end(JSON.stringify({ ...heard, zone: said, data: heard, meta: heard, [said]: said }));
  };

/** What every HTTP provider does with every way in which a source can fail. */
export function httpFaults(given: HttpProviderCase): void {
  async function within(
    run: (server: TestServer, provider: CarbonProvider, clock: VirtualClock) => Promise<void>,
  ): Promise<void> {
    const server = await startHttpServer();
    const clock = createVirtualClock(NOW);
    const routed: TestServer = {
      ...server,
      answer: (next) => server.answer(given.route?.(next) ?? next),
    };
    try {
      await run(routed, given.create(server.url, SECRET, clock), clock);
    } finally {
      await server.close();
    }
  }

  async function failure(provider: CarbonProvider): Promise<ProviderError> {
    const error = await provider.latest(given.zone, NOW).then(
      (reading) => new Error(`got ${JSON.stringify(reading)}`),
      (reason: unknown) => reason,
    );
    if (!(error instanceof ProviderError)) throw error;
    expectNoSecret(error);
    expect(error.message).toMatch(new RegExp(`^${provider.name}: `));
    return error;
  }

  const gramsOf = (sent: unknown): number =>
    given.gramsOf === undefined ? Number(sent) : given.gramsOf(sent);
  const kindOf = (name: string): ProviderErrorKind => given.kinds?.[name] ?? 'bad-payload';
  const good = (value: unknown = 321, at: Instant = NOON, zone = given.zone): unknown =>
    given.payload(value, at, zone);

  transportFaults({
    name: given.create('http://127.0.0.1:1', SECRET, createVirtualClock(NOW)).name,
    ask: (url, clock, signal) => given.create(url, SECRET, clock).latest(given.zone, NOW, signal),
    judge: (error) => expectNoSecret(error),
    ...(given.route && { route: (handler: Handler) => given.route?.(handler) ?? handler }),
    ...(given.kinds && { kinds: given.kinds }),
  });

  it('takes the documented answer as it is', () =>
    within(async (server, provider) => {
      server.answer(json(good()));
      const reading = await provider.latest(given.zone, NOW);
      expect(reading).toMatchObject({
        zone: given.zone,
        gramsPerKwh: gramsOf(321),
        validFrom: NOON,
        fetchedAt: NOW,
      });
    }));

  it.each([200, 302, 400, 401, 403, 404, 429, 500])(
    'repeats no secret of a server that repeats it (%d)',
    (status) =>
      within(async (server, provider) => {
        server.answer(parrot(status));
        expectNoSecret(await failure(provider));
      }),
  );

  it.each(['line\nbreak', 'snowman \u2603'])('keeps a secret that cannot be sent to itself (%j)', (rest) =>
    within(async (server, _provider, clock) => {
      server.answer(json({}, 500));
      expectNoSecret(await failure(given.create(server.url, `${SECRET} ${rest}`, clock)));
    }),
  );

  it('sends a password in the address as basic authentication, and does not show it', () =>
    within(async (server, _provider, clock) => {
      server.answer(json({}, 500));
      const address = server.url.replace('//', `//user:${SECRET}@`);
      expectNoSecret(await failure(given.create(address, 'other', clock)));
      const [first] = server.requests;
      expect(first?.url).not.toContain(SECRET);
      expect(first?.headers.authorization).toBeDefined();
    }));

  it('shows neither what stands in the path of its base address nor an address that is none', () =>
    within(async (server, _provider, clock) => {
      server.answer(json({}, 500));
      expectNoSecret(await failure(given.create(`${server.url}/${SECRET}`, 'other', clock)));
      expect(server.requests.length).toBeGreaterThan(0);
      for (const none of [
        `htp:/${SECRET}`,
        `${server.url}?key=${SECRET}`,
        `${server.url}#${SECRET}`,
        SECRET,
      ]) {
        const error = await failure(given.create(none, 'other', clock));
        expectNoSecret(error);
        expect(error.message).toContain('write https://host/path');
      }
      // A percent sign that escapes nothing.
      const address = server.url.replace('//', `//user:%zz${SECRET}@`);
      expectNoSecret(await failure(given.create(address, 'other', clock)));
    }));

  it.each([
    ['null', null],
    ['a negative value', -1],
    ['a million', 1_000_000],
    ['a text', given.numbersAreText === true ? 'many' : '321'],
    ['a list', [321]],
    ['true', true],
  ])('rejects %s as intensity', (name, value) =>
    within(async (server, provider) => {
      server.answer(json(good(value)));
      expect((await failure(provider)).kind).toBe(kindOf(`value ${name}`));
    }),
  );

  it.each(['NaN', 'Infinity', '1e999', '-0.001'])('rejects %s as intensity', (text) =>
    within(async (server, provider) => {
      const written = given.numbersAreText === true ? JSON.stringify(text) : text;
      server.answer(raw(JSON.stringify(good('@')).replaceAll('"@"', written)));
      expect((await failure(provider)).kind).toBe('bad-payload');
    }),
  );

  it(`${given.zeroIsReal ? 'takes' : 'rejects'} zero`, () =>
    within(async (server, provider) => {
      server.answer(json(good(0)));
      const told = await provider.latest(given.zone, NOW).then(
        ({ gramsPerKwh }) => gramsPerKwh,
        (error: unknown) => (error instanceof ProviderError ? error.kind : error),
      );
      expect(told).toBe(given.zeroIsReal ? 0 : 'bad-payload');
    }));

  const otherZones = given.echoesZone === false ? [] : ['NO-NO1', 'XX'];
  it.each(otherZones)('rejects an answer for another zone (%s)', (other) =>
    within(async (server, provider) => {
      server.answer(json(good(12, NOON, other)));
      expect((await failure(provider)).kind).toBe('bad-payload');
    }),
  );

  it('rejects a time of the future', () =>
    within(async (server, provider) => {
      server.answer(json(good(321, NOON + HOUR)));
      expect((await failure(provider)).kind).toBe('bad-payload');
    }));

  it('takes an old time for what it is', () =>
    within(async (server, provider) => {
      server.answer(json(good(321, NOON - 30 * HOUR)));
      expect((await provider.latest(given.zone, NOW)).validFrom).toBe(NOON - 30 * HOUR);
    }));

  it.each(['2022-03-27T00:00:00Z', '2022-10-30T00:00:00Z'])(
    'tells apart the hours that a local clock leaves out or repeats, after %s',
    (midnight) =>
      within(async (server) => {
        for (let hours = 0; hours < 4; hours += 1) {
          const at = Date.parse(midnight) + hours * HOUR;
          const clock = createVirtualClock(at + 10 * MINUTE);
          server.answer(json(good(321, at)));
          const provider = given.create(server.url, SECRET, clock);
          expect((await provider.latest(given.zone, clock.now())).validFrom).toBe(at);
        }
      }),
  );

  it('never makes a reading that is impossible, older than claimed or cleaner than what was sent', () =>
    within(async (server, provider) => {
      const value = fc.oneof(fc.anything({ maxDepth: 1 }), fc.double(), fc.integer({ min: -10, max: 3_000 }));
      const at = fc.integer({ min: -48, max: 48 }).map((hours) => NOON + hours * HOUR);
      await fc.assert(
        fc.asyncProperty(value, at, fc.constantFrom(given.zone, 'XX', ''), async (sent, time, zone) => {
          const text = JSON.stringify(given.payload(sent, time, zone), (_key, part: unknown) =>
            typeof part === 'bigint' ? String(part) : part,
          );
          server.answer(raw(text));
          const reading = await provider.latest(given.zone, NOW).catch((error: unknown) => {
            if (error instanceof ProviderError) return null;
            throw error;
          });
          if (reading === null) return;
          // By value: a negative zero comes back as zero.
          expect(reading.gramsPerKwh === gramsOf(sent)).toBe(true);
          expect(reading.gramsPerKwh).toBeGreaterThanOrEqual(given.zeroIsReal ? 0 : Number.MIN_VALUE);
          expect(reading.gramsPerKwh).toBeLessThanOrEqual(2_500);
          expect(reading.zone).toBe(given.echoesZone === false ? given.zone : zone);
          expect(reading.validFrom).toBe(time);
          expect(time).toBeLessThanOrEqual(NOW);
        }),
        { numRuns: 150 },
      );
    }));
}
