import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createVirtualClock,
  createWattTimeProvider,
  DAY,
  GRAMS_PER_KWH_PER_POUND_PER_MWH,
  HOUR,
  MINUTE,
  type VirtualClock,
  type WattTimeOptions,
} from '../../src/index.ts';
import { AVERAGE_DIRECT, MARGINAL_DIRECT, NOON } from '../support/fixtures.ts';
import { type Handler, json, startHttpServer, type TestServer } from '../support/http-server.ts';
import { brokenDocuments } from './broken-documents.ts';
import { providerConformance } from './conformance.ts';
import { httpFaults } from './http-faults.ts';

const NOW = NOON + 20 * MINUTE;
const STEP = 5 * MINUTE;
const ZONE = 'US-CAL-CISO';
const REGION = 'CAISO_NORTH';
const iso = (at: number): string => new Date(at).toISOString();
const grams = (pounds: unknown): number => Number(pounds) * GRAMS_PER_KWH_PER_POUND_PER_MWH;

/** The shape of `/v3/forecast` and `/v3/historical`: a value per five minutes from `from` on. */
function values(from: number, list: readonly unknown[], meta: object = {}): object {
  return {
    data: list.map((value, i) => ({ point_time: iso(from + i * STEP), value })),
    meta: {
      region: REGION,
      signal_type: 'co2_moer',
      units: 'lbs_co2_per_mwh',
      warnings: [],
      model: { date: '2023-03-01' },
      generated_at: iso(NOON + 15 * MINUTE),
      generated_at_period_seconds: 300,
      data_point_period_seconds: 300,
      ...meta,
    },
  };
}

const count = (n: number, value: (i: number) => unknown): unknown[] =>
  Array.from({ length: n }, (_, i) => value(i));
const urlOf = (request: IncomingMessage): URL => new URL(request.url ?? '', 'http://localhost');

/** Lets everyone in, and says where they are; the rest is for `handler`. */
const loggedIn =
  (handler: Handler): Handler =>
  (request, response) => {
    const { pathname, searchParams } = urlOf(request);
    if (pathname === '/login') return json({ token: 'a-token' })(request, response);
    if (pathname !== '/v3/region-from-loc') return handler(request, response);
    const found = {
      region: REGION,
      signal_type: searchParams.get('signal_type'),
      region_full_name: 'California',
    };
    return json(found)(request, response);
  };

/** The API, its values rising with time. */
const api: Handler = loggedIn((request, response) => {
  const { pathname, searchParams } = urlOf(request);
  const meta = { region: searchParams.get('region'), signal_type: searchParams.get('signal_type') };
  if (pathname === '/v3/forecast') {
    const hours = Number(searchParams.get('horizon_hours') ?? 24);
    return json(
      values(
        NOON + 15 * MINUTE,
        count(hours * 12 + 1, (i) => 800 + i),
        meta,
      ),
    )(request, response);
  }
  const [start, end] = ['start', 'end'].map((name) => Date.parse(searchParams.get(name) ?? ''));
  if (start === undefined || end === undefined) return json({}, 400)(request, response);
  const first = Math.ceil(start / STEP) * STEP;
  const list = count(Math.ceil((end - first) / STEP), (i) => 500 + (i % 12));
  return json(values(first, list, { ...meta, generated_at: undefined }))(request, response);
});

describe('watttime provider', () => {
  let server: TestServer;
  let clock: VirtualClock;
  beforeEach(async () => {
    server = await startHttpServer();
    server.answer(api);
    clock = createVirtualClock(NOW);
  });
  afterEach(() => server.close());

  const provider = (more: Partial<WattTimeOptions> = {}) =>
    createWattTimeProvider({
      username: 'someone',
      password: 'pass',
      places: { [ZONE]: { region: REGION } },
      baseUrl: server.url,
      clock,
      ...more,
    });
  const paths = (): string[] => server.requests.map((request) => urlOf(request).pathname);
  const asked = (path: string): number => paths().filter((each) => each === path).length;

  describe('conformance of the marginal rate', () => {
    providerConformance(async () => ({ provider: provider(), zone: ZONE, at: NOW, unknown: 'DE' }));
  });

  describe('conformance of the average rate', () => {
    providerConformance(async () => ({
      provider: provider({ signal: 'co2_aoer' }),
      zone: ZONE,
      at: NOW,
      unknown: 'DE',
    }));
  });

  describe('faults after the login', () => {
    httpFaults({
      create: (baseUrl, password, time) =>
        createWattTimeProvider({
          username: 'user',
          password,
          places: { [ZONE]: { region: REGION } },
          baseUrl,
          clock: time,
        }),
      zone: ZONE,
      payload: (value, at, zone) => values(at, [value], { region: zone === ZONE ? REGION : zone }),
      zeroIsReal: true,
      gramsOf: grams,
      route: loggedIn,
    });
  });

  describe('broken documents', () => {
    brokenDocuments({
      create: (baseUrl, time) =>
        createWattTimeProvider({
          username: 'user',
          password: 'pass',
          places: { [ZONE]: { region: REGION } },
          baseUrl,
          clock: time,
        }),
      zone: ZONE,
      documents: {
        latest: values(NOON, [100, 110, 120]),
        forecast: values(
          NOON + 15 * MINUTE,
          count(40, (i) => 100 + i),
        ),
        history: values(
          NOON - 3 * HOUR,
          count(36, (i) => 100 + i),
        ),
      },
      zeroIsReal: false,
      gramsPerUnit: GRAMS_PER_KWH_PER_POUND_PER_MWH,
      route: loggedIn,
    });
  });

  it('is marginal and direct, or average and direct', () => {
    expect(provider().pair).toEqual(MARGINAL_DIRECT);
    expect(provider({ signal: 'co2_aoer' }).pair).toEqual(AVERAGE_DIRECT);
  });

  describe('percentile', () => {
    /** As text from a file, which no compiler has seen. */
    const configured = (signal: string): unknown => {
      const options: WattTimeOptions = { username: 'a', password: 'b', places: {}, clock };
      return createWattTimeProvider(Object.assign(options, { signal }));
    };

    it.each(['signal-index', 'percentile', 'index'])('refuses %s as a signal, and says why', (signal) => {
      expect(() => configured(signal)).toThrow(RangeError);
      expect(() => configured(signal)).toThrow(
        /says nothing between regions.*use signal co2_moer or co2_aoer/,
      );
    });

    it('refuses any other thing that is no intensity', () => {
      expect(() => configured('health_damage')).toThrow('no carbon intensity');
    });

    it('refuses a percentile that comes in its place', async () => {
      server.answer(loggedIn(json(values(NOON, [37], { units: 'percentile' }))));
      await expect(provider().latest(ZONE, NOW)).rejects.toThrow('says nothing between regions');
    });
  });

  describe('session', () => {
    it('logs in by basic authentication, once, and sends the token', async () => {
      const wt = provider();
      await Promise.all([wt.latest(ZONE, NOW), wt.forecast(ZONE, NOW, DAY), wt.latest(ZONE, NOW)]);
      expect(asked('/login')).toBe(1);
      const [login, next] = server.requests;
      expect(login?.headers.authorization).toBe(`Basic ${Buffer.from('someone:pass').toString('base64')}`);
      expect(next?.headers.authorization).toBe('Bearer a-token');
      expect(server.requests.map(({ url }) => url).join()).not.toContain('pass');
    });

    it('renews the token before its 30 minutes are over', async () => {
      const wt = provider();
      await wt.latest(ZONE, NOW);
      clock.advance(24 * MINUTE);
      await wt.latest(ZONE, NOW);
      expect(asked('/login')).toBe(1);
      clock.advance(2 * MINUTE);
      await wt.latest(ZONE, NOW);
      expect(asked('/login')).toBe(2);
    });

    it('renews a token that is refused, once', async () => {
      let tokens = 0;
      server.answer((request, response) => {
        if (request.url === '/login') return json({ token: `token-${(tokens += 1)}` })(request, response);
        const good = request.headers.authorization === 'Bearer token-2';
        return (good ? json(values(NOON, [700])) : json({}, 401))(request, response);
      });
      expect((await provider().latest(ZONE, NOW)).gramsPerKwh).toBeCloseTo(grams(700));
      expect(tokens).toBe(2);

      server.answer(loggedIn(json({}, 401)));
      await expect(provider().latest(ZONE, NOW)).rejects.toMatchObject({ kind: 'unauthorized' });
    });

    it.each([
      [401, 'unauthorized'],
      [403, 'forbidden'],
      [429, 'rate-limited'],
    ])('does not repeat a login that was refused with %d for every zone', async (status, kind) => {
      server.answer(json({}, status));
      const wt = provider();
      await expect(wt.latest(ZONE, NOW)).rejects.toMatchObject({ kind });
      await expect(wt.latest(ZONE, NOW)).rejects.toMatchObject({ kind });
      expect(asked('/login')).toBe(1);
      clock.advance(MINUTE);
      server.answer(api);
      await expect(wt.latest(ZONE, NOW)).resolves.toMatchObject({ zone: ZONE });
    });

    it('waits for as long as a login was told to', async () => {
      server.answer(json({}, 429, { 'retry-after': '240' }));
      const wt = provider();
      await expect(wt.latest(ZONE, NOW)).rejects.toMatchObject({ retryAfter: 4 * MINUTE });
      clock.advance(3 * MINUTE);
      await expect(wt.latest(ZONE, NOW)).rejects.toMatchObject({ kind: 'rate-limited' });
      expect(asked('/login')).toBe(1);
    });

    it('logs in again at once after a login that the network lost', async () => {
      server.answer((request) => request.socket.destroy());
      const wt = provider();
      await expect(wt.latest(ZONE, NOW)).rejects.toMatchObject({ kind: 'unavailable' });
      server.answer(api);
      await expect(wt.latest(ZONE, NOW)).resolves.toMatchObject({ zone: ZONE });
    });

    it('rejects a login without a token', async () => {
      server.answer(json({ token: '' }));
      await expect(provider().latest(ZONE, NOW)).rejects.toMatchObject({ kind: 'bad-payload' });
    });
  });

  describe('region', () => {
    const places = { [ZONE]: { latitude: 37.77, longitude: -122.42 } };

    it('looks coordinates up once a month', async () => {
      const wt = provider({ places });
      await wt.latest(ZONE, NOW);
      await wt.forecast(ZONE, NOW, DAY);
      expect(asked('/v3/region-from-loc')).toBe(1);
      expect(server.requests[1]?.url).toBe(
        '/v3/region-from-loc?latitude=37.77&longitude=-122.42&signal_type=co2_moer',
      );
      expect(server.requests[2]?.url).toContain(`region=${REGION}`);
      clock.advance(29 * DAY);
      await wt.forecast(ZONE, NOW, DAY);
      expect(asked('/v3/region-from-loc')).toBe(2);
    });

    it('takes a configured region without asking', async () => {
      await provider().latest(ZONE, NOW);
      expect(paths()).toEqual(['/login', '/v3/forecast']);
    });

    it('says that a place lies in no region', async () => {
      server.answer((request, response) =>
        (request.url === '/login' ? json({ token: 't' }) : json({}, 404))(request, response),
      );
      await expect(provider({ places }).latest(ZONE, NOW)).rejects.toMatchObject({ kind: 'unknown-zone' });
    });
  });

  describe('latest', () => {
    it('is the mean of the hour so far, in grams, and an estimate', async () => {
      server.answer(loggedIn(json(values(NOON + 10 * MINUTE, [600, 800, 1_000, 9_999]))));
      const reading = await provider().latest(ZONE, NOW);
      expect(reading.gramsPerKwh).toBeCloseTo(grams(800), 9);
      expect(reading).toMatchObject({
        validFrom: NOON + 10 * MINUTE,
        validTo: NOON + 25 * MINUTE,
        estimated: true,
      });
    });

    it('is measured for the average rate, and as old as it is', async () => {
      server.answer(loggedIn(json(values(NOON - 6 * HOUR, [600, 800], { signal_type: 'co2_aoer' }))));
      expect(await provider({ signal: 'co2_aoer' }).latest(ZONE, NOW)).toMatchObject({
        estimated: false,
        validFrom: NOON - 6 * HOUR,
        validTo: NOON - 6 * HOUR + 10 * MINUTE,
      });
    });

    it.each([
      ['units', { units: 'kg_co2_per_mwh' }],
      ['signal', { signal_type: 'co2_aoer' }],
      ['region', { region: 'PJM_DC' }],
    ])('refuses other %s than asked for', async (_name, meta) => {
      server.answer(loggedIn(json(values(NOON, [700], meta))));
      await expect(provider().latest(ZONE, NOW)).rejects.toThrow(
        'is not co2_moer of region CAISO_NORTH in lbs_co2_per_mwh',
      );
    });
  });

  describe('forecast', () => {
    it('is hourly and says when it was made', async () => {
      const forecast = await provider().forecast(ZONE, NOW, 3 * HOUR);
      expect(server.requests.at(-1)?.url).toContain('horizon_hours=3');
      expect(forecast).toMatchObject({ issuedAt: NOON + 15 * MINUTE, resolution: HOUR });
      // The first five minutes were gone when it was made; its last value begins an hour that it does not fill.
      expect(forecast?.points.map(({ at }) => at - NOON)).toEqual([0, HOUR, 2 * HOUR]);
      expect(forecast?.points[0]?.gramsPerKwh).toBeCloseTo(grams(804), 9);
      expect(forecast?.points[1]?.gramsPerKwh).toBeCloseTo(grams(814.5), 9);
    });

    it('asks for no more than 72 hours', async () => {
      await provider().forecast(ZONE, NOW, 96 * HOUR);
      expect(server.requests.at(-1)?.url).toContain('horizon_hours=72');
    });

    it('is issued by now, whatever the other clock says, and when it says nothing', async () => {
      for (const generated of [iso(NOW + HOUR), undefined]) {
        server.answer(
          loggedIn(
            json(
              values(
                NOON,
                count(24, () => 700),
                { generated_at: generated },
              ),
            ),
          ),
        );
        expect((await provider().forecast(ZONE, NOW, DAY))?.issuedAt).toBe(NOW);
      }
    });

    it('does not exist for the average rate', async () => {
      expect(await provider({ signal: 'co2_aoer' }).forecast(ZONE, NOW, DAY)).toBeNull();
      expect(server.requests).toEqual([]);
    });
  });

  it('gives the past by the hour, in spans that the API takes', async () => {
    const history = await provider().history(ZONE, NOON - 40 * DAY, NOON);
    expect(history).toHaveLength(40 * 24);
    expect(history[0]).toMatchObject({ validFrom: NOON - 40 * DAY, estimated: false });
    expect(history[0]?.gramsPerKwh).toBeCloseTo(grams(505.5), 9);
    expect(asked('/v3/historical')).toBe(2);
  });
});
