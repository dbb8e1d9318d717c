import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCarbonAwareSdkProvider, createVirtualClock, DAY, HOUR, MINUTE } from '../../src/index.ts';
import { MARGINAL_DIRECT, NOON } from '../support/fixtures.ts';
import { type Handler, json, raw, startHttpServer, type TestServer } from '../support/http-server.ts';
import { brokenDocuments } from './broken-documents.ts';
import { providerConformance } from './conformance.ts';
import { httpFaults } from './http-faults.ts';

const NOW = NOON + 20 * MINUTE;
const STEP = 5 * MINUTE;
const LOCATIONS = { 'US-MIDA-PJM': { location: 'eastus', gridRegion: 'PJM_ROANOKE' } };
const ZONE = 'US-MIDA-PJM';
const iso = (at: number): string => new Date(at).toISOString().replace('.000Z', '+00:00');

/** One rating as `/emissions/bylocation` gives it. */
const rating = (at: number, value: unknown, location = 'PJM_ROANOKE', duration = '00:05:00'): object => ({
  location,
  time: iso(at),
  rating: value,
  duration,
});

/** What `/emissions/forecasts/current` answers. */
const forecasts = (from: number, values: readonly unknown[], more: object = {}): object[] => [
  {
    generatedAt: iso(NOON + 15 * MINUTE),
    requestedAt: iso(NOW),
    location: 'eastus',
    dataStartAt: iso(from),
    dataEndAt: iso(from + values.length * STEP),
    windowSize: 5,
    optimalDataPoints: [{ location: 'PJM_ROANOKE', timestamp: iso(from), duration: 5, value: 1 }],
    forecastData: values.map((value, i) => ({
      location: 'PJM_ROANOKE',
      timestamp: iso(from + i * STEP),
      duration: 5,
      value,
    })),
    ...more,
  },
];

const count = (n: number, value: (i: number) => unknown): unknown[] =>
  Array.from({ length: n }, (_, i) => value(i));

const api: Handler = (request, response) => {
  const url = new URL(request.url ?? '', 'http://localhost');
  if (url.pathname.endsWith('/forecasts/current')) {
    return json(
      forecasts(
        NOON + 15 * MINUTE,
        count(300, (i) => 400 + i),
      ),
    )(request, response);
  }
  const [start = 0, end = 0] = ['time', 'toTime'].map((name) => Date.parse(url.searchParams.get(name) ?? ''));
  const first = Math.ceil(start / STEP) * STEP;
  const rows = Array.from({ length: Math.ceil((end - first) / STEP) }, (_, i) =>
    rating(first + i * STEP, 500),
  );
  return json(rows)(request, response);
};

describe('carbon-aware-sdk provider', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startHttpServer();
    server.answer(api);
  });
  afterEach(() => server.close());

  const provider = (more: object = {}) =>
    createCarbonAwareSdkProvider({
      baseUrl: server.url,
      pair: MARGINAL_DIRECT,
      locations: LOCATIONS,
      clock: createVirtualClock(NOW),
      ...more,
    });

  describe('conformance', () => {
    providerConformance(async () => ({ provider: provider(), zone: ZONE, at: NOW, unknown: 'DE' }));
  });

  describe('faults', () => {
    httpFaults({
      create: (baseUrl, token, clock) =>
        createCarbonAwareSdkProvider({ baseUrl, token, clock, pair: MARGINAL_DIRECT, locations: LOCATIONS }),
      zone: ZONE,
      payload: (value, at, zone) => [rating(at, value, zone === ZONE ? 'PJM_ROANOKE' : zone)],
      zeroIsReal: false,
      // Documented: no content when there is nothing to tell.
      kinds: { 204: 'no-data', '[]': 'no-data' },
    });
  });

  describe('broken documents', () => {
    brokenDocuments({
      create: (baseUrl, clock) =>
        createCarbonAwareSdkProvider({ baseUrl, clock, pair: MARGINAL_DIRECT, locations: LOCATIONS }),
      zone: ZONE,
      documents: {
        latest: [rating(NOON, 120), rating(NOON + STEP, 100)],
        forecast: forecasts(
          NOON + 15 * MINUTE,
          count(9, (i) => 100 + i),
        ),
        history: Array.from({ length: 30 }, (_, i) => rating(NOON - 3 * HOUR + i * STEP, 100 + i)),
      },
      zeroIsReal: false,
    });
  });

  it('is what the configuration says, which the API does not', () => {
    expect(provider().pair).toEqual(MARGINAL_DIRECT);
  });

  it('asks for the location by the name that the SDK has for it', async () => {
    await provider({ token: 's3cret' }).latest(ZONE, NOW);
    const [request] = server.requests;
    expect(request?.url).toContain('/emissions/bylocation?location=eastus&time=2022-05-31T12%3A20%3A00.000Z');
    expect(request?.headers.authorization).toBe('Bearer s3cret');
  });

  it('sends no key when there is none', async () => {
    await provider().latest(ZONE, NOW);
    expect(server.requests[0]?.headers.authorization).toBeUndefined();
  });

  describe('latest', () => {
    it('is the mean of the hour so far', async () => {
      server.answer(json([rating(NOON - STEP, 900), rating(NOON, 100), rating(NOON + STEP, 200)]));
      expect(await provider().latest(ZONE, NOW)).toMatchObject({
        gramsPerKwh: 150,
        validFrom: NOON,
        validTo: NOON + 2 * STEP,
        estimated: true,
      });
    });

    it.each([-1, 0])('refuses %d, which stands for a value that the SDK does not have', async (value) => {
      server.answer(json([rating(NOON - STEP, 300), rating(NOON, value)]));
      await expect(provider().latest(ZONE, NOW)).rejects.toMatchObject({ kind: 'bad-payload' });
    });

    it('takes the name of the location or of its grid region, in any case', async () => {
      for (const name of ['EastUS', 'pjm_roanoke']) {
        server.answer(json([rating(NOON, 300, name)]));
        await expect(provider().latest(ZONE, NOW)).resolves.toMatchObject({ gramsPerKwh: 300 });
      }
    });

    it('says how to configure a grid region', async () => {
      const without = provider({ locations: { [ZONE]: { location: 'eastus' } } });
      await expect(without.latest(ZONE, NOW)).rejects.toThrow('configure it as gridRegion');
    });

    it('reads durations as .NET writes them, and takes none for the shortest', async () => {
      const length = async (duration: string): Promise<number> => {
        server.answer(json([rating(NOON, 300, 'eastus', duration)]));
        const { validFrom, validTo } = await provider().latest(ZONE, NOW);
        return validTo - validFrom;
      };
      expect(await length('01:00:00')).toBe(HOUR);
      expect(await length('00:30:00.0000000')).toBe(30 * MINUTE);
      expect(await length('00:00:00')).toBe(5 * MINUTE);
      await expect(length('08:00:00')).rejects.toThrow('for more than an hour');
      await expect(length('999999.00:00:00')).rejects.toMatchObject({ kind: 'bad-payload' });
      await expect(length('soon')).rejects.toMatchObject({ kind: 'bad-payload' });
      await expect(length('-00:05:00')).rejects.toMatchObject({ kind: 'bad-payload' });
    });
  });

  describe('forecast', () => {
    it('is hourly and says when it was made', async () => {
      const forecast = await provider().forecast(ZONE, NOW, 2 * HOUR);
      expect(forecast).toMatchObject({ issuedAt: NOON + 15 * MINUTE, resolution: HOUR });
      expect(forecast?.points.map(({ at }) => at - NOON)).toEqual([0, HOUR, 2 * HOUR]);
      // Nine values of what is left of the hour: 400 to 408.
      expect(forecast?.points[0]?.gramsPerKwh).toBeCloseTo(404, 9);
    });

    it.each([
      [501, json({}, 501)],
      [204, raw('', 204)],
      [200, json([])],
    ])('is absent when the source has none (%d)', async (_status, handler) => {
      server.answer(handler);
      expect(await provider().forecast(ZONE, NOW, DAY)).toBeNull();
    });

    it('rejects points of another location, or a value that cannot be', async () => {
      server.answer(json(forecasts(NOON, [300], { location: 'westus' })));
      await expect(provider().forecast(ZONE, NOW, DAY)).rejects.toMatchObject({ kind: 'bad-payload' });
      server.answer(json(forecasts(NOON + 15 * MINUTE, [300, -1, ...count(20, () => 300)])));
      await expect(provider().forecast(ZONE, NOW, DAY)).rejects.toMatchObject({ kind: 'bad-payload' });
    });

    it('is no forecast when nothing of it lies ahead', async () => {
      server.answer(
        json(
          forecasts(
            NOON - DAY,
            count(12, () => 300),
          ),
        ),
      );
      await expect(provider().forecast(ZONE, NOW, DAY)).rejects.toMatchObject({ kind: 'no-data' });
    });
  });

  describe('history', () => {
    it('is hourly', async () => {
      const history = await provider().history(ZONE, NOON - DAY, NOON);
      expect(history).toHaveLength(24);
      expect(history[0]).toMatchObject({
        validFrom: NOON - DAY,
        validTo: NOON - DAY + HOUR,
        gramsPerKwh: 500,
      });
    });

    it('is empty when the SDK has nothing', async () => {
      server.answer(raw('', 204));
      expect(await provider().history(ZONE, NOON - DAY, NOON)).toEqual([]);
    });

    it('leaves out missing values', async () => {
      server.answer(json([rating(NOON - HOUR, -1), rating(NOON - 30 * MINUTE, 250)]));
      const history = await provider().history(ZONE, NOON - DAY, NOON);
      expect(history.map(({ gramsPerKwh }) => gramsPerKwh)).toEqual([250]);
    });
  });
});
