import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createPrometheusProvider,
  createVirtualClock,
  DAY,
  gridIntensityGoQuery,
  HOUR,
  MINUTE,
  type PrometheusOptions,
  SECOND,
} from '../../src/index.ts';
import { AVERAGE_LIFECYCLE, NOON } from '../support/fixtures.ts';
import { type Handler, json, startHttpServer, type TestServer } from '../support/http-server.ts';
import { brokenDocuments } from './broken-documents.ts';
import { providerConformance } from './conformance.ts';
import { httpFaults } from './http-faults.ts';

const NOW = NOON + 20 * MINUTE;
const QUERY = gridIntensityGoQuery('average', 'DE');

/** Labels as grid-intensity-go writes them. */
const labels = (more: object = {}): object => ({
  __name__: 'grid_intensity_carbon_average',
  location: 'DE',
  node: 'node-1',
  provider: 'ElectricityMaps',
  region: 'eu',
  units: 'gCO2e per kWh',
  is_estimated: 'false',
  ...more,
});
type Sample = readonly [at: number, value: unknown];
const samples = (list: readonly Sample[]): unknown[] => list.map(([at, value]) => [at / SECOND, value]);
const series = (list: readonly Sample[], more: object = {}): object => ({
  metric: labels(more),
  values: samples(list),
});
const matrix = (...result: readonly object[]): object => ({
  status: 'success',
  data: { resultType: 'matrix', result },
});
const vector = (at: number, value: string, metric: object = {}): object => ({
  status: 'success',
  data: { resultType: 'vector', result: [{ metric, value: [at / SECOND, value] }] },
});

/** A Prometheus with a sample per 15 seconds, rising by one each hour; only what is asked for DE. */
const api: Handler = (request, response) => {
  const url = new URL(request.url ?? '', 'http://localhost');
  const number = (name: string): number => Number(url.searchParams.get(name)) * SECOND;
  const valueAt = (at: number): string => String(300 + Math.floor((at - NOON) / HOUR));
  if (url.pathname.endsWith('/query_range')) {
    const count = Math.floor((number('end') - number('start')) / number('step')) + 1;
    const list = Array.from({ length: count }, (_, i): Sample => {
      const at = number('start') + i * number('step');
      return [at, valueAt(at - HOUR)];
    });
    return json(matrix(series(list)))(request, response);
  }
  const list = Array.from({ length: 240 }, (_, i): Sample => {
    const at = number('time') - (239 - i) * 15 * SECOND;
    return [at, valueAt(at)];
  });
  return json(matrix(series(list)))(request, response);
};

describe('prometheus provider', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startHttpServer();
    server.answer(api);
  });
  afterEach(() => server.close());

  const provider = (more: Partial<PrometheusOptions> = {}) =>
    createPrometheusProvider({
      baseUrl: server.url,
      pair: AVERAGE_LIFECYCLE,
      queries: { DE: QUERY },
      clock: createVirtualClock(NOW),
      ...more,
    });
  const query = (i = 0): string | null =>
    new URL(server.requests[i]?.url ?? '', 'http://localhost').searchParams.get('query');

  describe('conformance', () => {
    providerConformance(async () => ({ provider: provider(), zone: 'DE', at: NOW, unknown: 'FR' }));
  });

  describe('faults', () => {
    httpFaults({
      create: (baseUrl, token, clock) =>
        createPrometheusProvider({ baseUrl, token, clock, pair: AVERAGE_LIFECYCLE, queries: { DE: QUERY } }),
      zone: 'DE',
      payload: (value, at, zone) =>
        matrix(series([[at, typeof value === 'number' ? String(value) : value]], { zone })),
      zeroIsReal: false,
      numbersAreText: true,
    });
  });

  describe('broken documents', () => {
    brokenDocuments({
      create: (baseUrl, clock) =>
        createPrometheusProvider({ baseUrl, clock, pair: AVERAGE_LIFECYCLE, queries: { DE: QUERY } }),
      zone: 'DE',
      documents: {
        latest: matrix(
          series([
            [NOON, '120'],
            [NOON + MINUTE, '100'],
          ]),
        ),
        history: matrix(
          series(Array.from({ length: 20 }, (_, i): Sample => [NOON - i * HOUR, String(100 + i)])),
        ),
      },
      zeroIsReal: false,
    });
  });

  it('is what the configuration says, and foretells nothing', async () => {
    expect(provider().pair).toEqual(AVERAGE_LIFECYCLE);
    expect(await provider().forecast('DE', NOW, DAY)).toBeNull();
  });

  it('makes selectors for grid-intensity-go, whatever stands in a name', () => {
    expect(QUERY).toBe('grid_intensity_carbon_average{location="DE"}');
    expect(gridIntensityGoQuery('marginal', 'a"b\\c')).toBe(
      'grid_intensity_carbon_marginal{location="a\\"b\\\\c"}',
    );
  });

  it('sends a token, or a user and password, in the header', async () => {
    await provider({ token: 't0ken' }).latest('DE', NOW);
    await provider({ username: 'user', password: 'pass' }).latest('DE', NOW);
    await provider().latest('DE', NOW);
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer t0ken',
      `Basic ${Buffer.from('user:pass').toString('base64')}`,
      undefined,
    ]);
  });

  describe('a plain selector', () => {
    it('is read as raw samples, so that each has its own time', async () => {
      await provider().latest('DE', NOW);
      expect(query()).toBe(`${QUERY}[21600s]`);
      server.answer(json(matrix(series([[NOON - 3 * HOUR, '250']]))));
      expect(await provider().latest('DE', NOW)).toMatchObject({
        gramsPerKwh: 250,
        validFrom: NOON - 3 * HOUR,
        validTo: NOON - 3 * HOUR + 5 * MINUTE,
      });
    });

    it('is the mean of the hour so far, each sample holding until the next', async () => {
      server.answer(
        json(
          matrix(
            series([
              [NOON - 10 * MINUTE, '900'],
              [NOON, '100'],
              [NOON + 5 * MINUTE, '200'],
              [NOON + 15 * MINUTE, '400'],
            ]),
          ),
        ),
      );
      expect(await provider().latest('DE', NOW)).toMatchObject({
        gramsPerKwh: (5 * 100 + 10 * 200 + 5 * 400) / 20,
        validFrom: NOON,
        validTo: NOON + 20 * MINUTE,
      });
    });

    it('leaves out what the exporter wrote for want of a value, unless it is the newest', async () => {
      const zeroes = (newest: string): object =>
        matrix(
          series([
            [NOON, '0'],
            [NOON + MINUTE, 'NaN'],
            [NOON + 2 * MINUTE, newest],
          ]),
        );
      server.answer(json(zeroes('300')));
      expect((await provider().latest('DE', NOW)).gramsPerKwh).toBe(300);
      for (const newest of ['0', 'NaN', '+Inf', '-Inf', '0x10', '', ' 3']) {
        server.answer(json(zeroes(newest)));
        await expect(provider().latest('DE', NOW)).rejects.toMatchObject({ kind: 'bad-payload' });
      }
      server.answer(json(zeroes('0')));
      expect((await provider({ zeroIsReal: true }).latest('DE', NOW)).gramsPerKwh).toBe(0);
    });
  });

  describe('any other expression', () => {
    const expression = 'max by (zone) (my_grid_carbon{zone="DE"}) * 1000';
    const other = () => provider({ queries: { DE: expression } });

    it('is dated back by as long as Prometheus may have looked back', async () => {
      server.answer(json(vector(NOW, '320.5', { zone: 'DE' })));
      expect(await other().latest('DE', NOW)).toMatchObject({
        gramsPerKwh: 320.5,
        validFrom: NOW - 5 * MINUTE,
        validTo: NOW,
        estimated: true,
      });
      expect(query()).toBe(expression);
    });

    it('may be a scalar', async () => {
      server.answer(
        json({ status: 'success', data: { resultType: 'scalar', result: [NOW / SECOND, '250'] } }),
      );
      expect((await other().latest('DE', NOW)).gramsPerKwh).toBe(250);
    });

    it('is refused when it is another zone', async () => {
      server.answer(json(vector(NOW, '320', { zone: 'FR' })));
      await expect(other().latest('DE', NOW)).rejects.toThrow('another zone');
    });
  });

  describe('units', () => {
    const told = async (metric: object, more: Partial<PrometheusOptions> = {}): Promise<number> => {
      server.answer(json(matrix({ metric, values: samples([[NOON, '1000']]) })));
      return (await provider(more).latest('DE', NOW)).gramsPerKwh;
    };

    it('converts pounds per MWh and takes grams as they are', async () => {
      expect(await told(labels({ units: 'lbCO2e per MWh' }))).toBeCloseTo(453.59237, 9);
      expect(await told(labels({ units: 'gCO2e per kWh' }))).toBe(1000);
      expect(await told({})).toBe(1000);
      expect(await told({}, { unit: 'lbCO2e per MWh' })).toBeCloseTo(453.59237, 9);
      // What the series says goes before what the configuration supposes.
      expect(await told(labels(), { unit: 'lbCO2e per MWh' })).toBe(1000);
    });

    it('refuses a percentage and what it does not know', async () => {
      await expect(told(labels({ units: 'percent' }))).rejects.toThrow('says nothing between regions');
      await expect(told(labels({ units: 'tCO2 per GJ' }))).rejects.toThrow('unknown label units');
    });
  });

  describe('several series', () => {
    const measured = (at: number): object => series([[at, '300']]);
    const estimate = (at: number): object => series([[at, '200']], { is_estimated: 'true' });

    it('takes the newer of a measured and an estimated one, the measured of two as new', async () => {
      const told = async (...all: readonly object[]): Promise<[number, boolean]> => {
        server.answer(json(matrix(...all)));
        const { gramsPerKwh, estimated } = await provider().latest('DE', NOW);
        return [gramsPerKwh, estimated];
      };
      expect(await told(measured(NOON - HOUR), estimate(NOON))).toEqual([200, true]);
      expect(await told(estimate(NOON), measured(NOON))).toEqual([300, false]);
      expect(await told(estimate(NOON - HOUR), measured(NOON))).toEqual([300, false]);
    });

    it('does not choose between others', async () => {
      server.answer(json(matrix(measured(NOON), series([[NOON, '10']], { node: 'node-2' }))));
      await expect(provider().latest('DE', NOW)).rejects.toThrow('finds several series: narrow its labels');
      server.answer(json(matrix(measured(NOON), estimate(NOON), estimate(NOON))));
      await expect(provider().latest('DE', NOW)).rejects.toMatchObject({ kind: 'bad-payload' });
    });

    it('says so when there is none', async () => {
      server.answer(json(matrix()));
      await expect(provider().latest('DE', NOW)).rejects.toMatchObject({ kind: 'no-data' });
      server.answer(json({ status: 'error', errorType: 'execution', error: 'out of memory' }));
      await expect(provider().latest('DE', NOW)).rejects.toMatchObject({ kind: 'bad-payload' });
    });
  });

  describe('history', () => {
    it('is by the hour, without what is no value', async () => {
      const history = await provider().history('DE', NOON - 3 * HOUR - 10 * MINUTE, NOW);
      expect(history.map(({ validFrom, gramsPerKwh }) => [validFrom - NOON, gramsPerKwh])).toEqual([
        [-3 * HOUR, 297],
        [-2 * HOUR, 298],
        [-HOUR, 299],
      ]);
      expect(query()).toBe(`avg_over_time(((${QUERY}) > 0)[1h:5m])`);
    });

    it('asks nothing for less than an hour, and is empty without a series', async () => {
      expect(await provider().history('DE', NOON + MINUTE, NOW)).toEqual([]);
      expect(server.requests).toEqual([]);
      server.answer(json(matrix()));
      expect(await provider().history('DE', NOON - DAY, NOW)).toEqual([]);
    });
  });
});
