import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createElectricityMapsProvider, createVirtualClock, DAY, HOUR, MINUTE } from '../../src/index.ts';
import { AVERAGE_DIRECT, NOON } from '../support/fixtures.ts';
import { type Handler, json, startHttpServer, type TestServer } from '../support/http-server.ts';
import { brokenDocuments } from './broken-documents.ts';
import { providerConformance } from './conformance.ts';
import { httpFaults } from './http-faults.ts';

const NOW = NOON + 20 * MINUTE;
const iso = (at: number): string => new Date(at).toISOString();

/** The shape that the API documents for one hour. */
function hour(value: unknown, at: number, zone = 'DE', more: object = {}): object {
  return {
    zone,
    carbonIntensity: value,
    datetime: iso(at),
    updatedAt: iso(at + 5 * MINUTE),
    createdAt: iso(at - DAY),
    emissionFactorType: 'lifecycle',
    isEstimated: true,
    estimationMethod: 'TIME_SLICER_AVERAGE',
    ...more,
  };
}

const documents = {
  latest: hour(321, NOON),
  history: {
    zone: 'DE',
    history: Array.from({ length: 24 }, (_, i) => hour(300 + i, NOON - (23 - i) * HOUR)),
  },
  forecast: {
    zone: 'DE',
    updatedAt: iso(NOON + MINUTE),
    forecast: Array.from({ length: 72 }, (_, i) => ({
      carbonIntensity: 200 + i,
      datetime: iso(NOON + i * HOUR),
    })),
  },
};

/** The three endpoints, answering for DE as the API would. */
const api: Handler = (request, response) => {
  const url = new URL(request.url ?? '', 'http://localhost');
  const zone = url.searchParams.get('zone') ?? 'US-CAL-CISO';
  if (zone !== 'DE') return json({ status: 'error', message: `No data for ${zone}` }, 404)(request, response);
  const bodies: Record<string, unknown> = {
    '/v3/carbon-intensity/latest': documents.latest,
    '/v3/carbon-intensity/history': documents.history,
    '/v3/carbon-intensity/forecast': documents.forecast,
  };
  return json(bodies[url.pathname])(request, response);
};

describe('electricity-maps provider', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startHttpServer();
    server.answer(api);
  });
  afterEach(() => server.close());

  const provider = (more: object = {}) =>
    createElectricityMapsProvider({
      token: 'key',
      baseUrl: `${server.url}/v3/`,
      clock: createVirtualClock(NOW),
      ...more,
    });

  describe('conformance', () => {
    providerConformance(async () => ({ provider: provider(), zone: 'DE', at: NOW, unknown: 'FR' }));
  });

  describe('life-cycle faults', () => {
    httpFaults({
      create: (baseUrl, token, clock) => createElectricityMapsProvider({ baseUrl, token, clock }),
      zone: 'DE',
      payload: (value, at, zone) => hour(value, at, zone),
      zeroIsReal: false,
    });
  });

  describe('direct faults', () => {
    httpFaults({
      create: (baseUrl, token, clock) =>
        createElectricityMapsProvider({ baseUrl, token, clock, basis: 'direct' }),
      zone: 'IS',
      payload: (value, at, zone) => hour(value, at, zone, { emissionFactorType: 'direct' }),
      zeroIsReal: true,
    });
  });

  describe('broken documents', () => {
    brokenDocuments({
      create: (baseUrl, clock) => createElectricityMapsProvider({ baseUrl, token: 'key', clock }),
      zone: 'DE',
      documents,
      zeroIsReal: false,
    });
  });

  it('sends the zone, the basis and the key in its header, never in the URL', async () => {
    await provider({ token: 's3cret', basis: 'direct' })
      .latest('DE', NOW)
      .catch(() => {});
    const [request] = server.requests;
    expect(request?.url).toBe('/v3/carbon-intensity/latest?zone=DE&emissionFactorType=direct');
    expect(request?.headers['auth-token']).toBe('s3cret');
  });

  it('rejects an answer on another basis than the one asked for', async () => {
    await expect(provider({ basis: 'direct' }).latest('DE', NOW)).rejects.toThrow(
      'another basis than the direct asked for',
    );
    expect(provider({ basis: 'direct' }).pair).toEqual(AVERAGE_DIRECT);
  });

  it('tells measured from estimated, and takes silence for an estimate', async () => {
    const estimated = async (isEstimated: unknown): Promise<boolean> => {
      server.answer(json(hour(321, NOON, 'DE', { isEstimated })));
      return (await provider().latest('DE', NOW)).estimated;
    };
    expect(await estimated(true)).toBe(true);
    expect(await estimated(false)).toBe(false);
    expect(await estimated(null)).toBe(true);
  });

  it('covers the listed zones, or those of the key', () => {
    expect(provider().covers('US-MIDA-PJM')).toBe(true);
    expect(provider().covers('XX')).toBe(false);
    expect(provider({ zones: ['FR'] }).covers('DE')).toBe(false);
  });

  describe('history', () => {
    it('leaves out what cannot be used and prefers measured values', async () => {
      const at = NOON - 2 * HOUR;
      server.answer(
        json({
          zone: 'DE',
          history: [
            hour(200, at, 'DE', { isEstimated: false }),
            hour(220, at),
            hour(null, at + HOUR),
            hour(-1, NOON),
            hour(180, at - HOUR),
          ],
        }),
      );
      const history = await provider().history('DE', NOON - DAY, NOW);
      expect(history.map(({ gramsPerKwh }) => gramsPerKwh)).toEqual([180, 200]);
    });

    it('fails when nothing of it can be used', async () => {
      server.answer(json({ zone: 'DE', history: [hour(null, NOON)] }));
      await expect(provider().history('DE', 0, NOW)).rejects.toMatchObject({ kind: 'bad-payload' });
    });
  });

  describe('forecast', () => {
    const answer = (rows: readonly (readonly [hours: number, value: unknown])[], more: object = {}) =>
      server.answer(
        json({
          zone: 'DE',
          updatedAt: iso(NOON),
          forecast: rows.map(([h, value]) => ({ carbonIntensity: value, datetime: iso(NOON + h * HOUR) })),
          ...more,
        }),
      );
    const grams = async () =>
      (await provider().forecast('DE', NOW, DAY))?.points.map((point) => point.gramsPerKwh);

    it('asks for a horizon that the API knows and cuts it to the one wanted', async () => {
      const forecast = await provider().forecast('DE', NOW, 30 * HOUR);
      expect(server.requests.at(-1)?.url).toContain('horizonHours=48');
      expect(forecast?.points).toHaveLength(31);
      await provider().forecast('DE', NOW, 100 * HOUR);
      expect(server.requests.at(-1)?.url).toContain('horizonHours=72');
    });

    it('sorts points, drops those gone by and ends at a gap', async () => {
      answer([
        [2, 22],
        [0, 20],
        [1, 21],
        [-1, 19],
        [4, 24],
      ]);
      expect(await grams()).toEqual([20, 21, 22]);
    });

    it('takes a point twice only when both say the same', async () => {
      answer([
        [0, 20],
        [0, 20],
        [1, 21],
      ]);
      expect(await grams()).toEqual([20, 21]);
      answer([
        [0, 20],
        [0, 25],
        [1, 21],
      ]);
      await expect(grams()).rejects.toMatchObject({ kind: 'bad-payload' });
    });

    it('rejects a point that cannot be', async () => {
      answer([
        [0, 20],
        [1, null],
      ]);
      await expect(grams()).rejects.toMatchObject({ kind: 'bad-payload' });
    });

    it('rejects the forecast of another zone', async () => {
      answer([[0, 20]], { zone: 'FR' });
      await expect(grams()).rejects.toMatchObject({ kind: 'bad-payload' });
    });

    it('is null for a key without the licence, and an error for a bad key', async () => {
      server.answer(json({}, 403));
      expect(await provider().forecast('DE', NOW, DAY)).toBeNull();
      server.answer(json({}, 401));
      await expect(provider().forecast('DE', NOW, DAY)).rejects.toMatchObject({ kind: 'unauthorized' });
    });

    it('crosses the hour that a local clock has twice or not at all', async () => {
      // The night of 30 October 2022 in Berlin, told in local time with its offsets: instants leave no doubt.
      const night = ['02:00:00+02:00', '02:00:00+01:00', '03:00:00+01:00'];
      server.answer(
        json({
          zone: 'DE',
          updatedAt: '2022-10-29T23:00:00Z',
          forecast: night.map((time, i) => ({ carbonIntensity: 100 + i, datetime: `2022-10-30T${time}` })),
        }),
      );
      const at = Date.parse('2022-10-30T00:10:00Z');
      const forecast = await provider().forecast('DE', at, DAY);
      expect(forecast?.points.map((point) => iso(point.at))).toEqual([
        '2022-10-30T00:00:00.000Z',
        '2022-10-30T01:00:00.000Z',
        '2022-10-30T02:00:00.000Z',
      ]);
    });
  });
});
