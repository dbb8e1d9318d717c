import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEnergyChartsProvider, createVirtualClock, DAY, HOUR, MINUTE } from '../../src/index.ts';
import { AVERAGE_LIFECYCLE, NOON } from '../support/fixtures.ts';
import { json, startHttpServer, type TestServer } from '../support/http-server.ts';
import { brokenDocuments, LEAST_SENT } from './broken-documents.ts';
import { providerConformance } from './conformance.ts';
import { httpFaults } from './http-faults.ts';

const NOW = NOON + 20 * MINUTE;
const QUARTER = 15 * MINUTE;

/** The shape that the API answers in: a slot per quarter from `from` on. */
function series(
  from: number,
  co2eq: readonly unknown[],
  ahead: readonly unknown[] = [],
  more: object = {},
): object {
  const length = Math.max(co2eq.length, ahead.length);
  const at = (list: readonly unknown[], i: number): unknown => list[i] ?? null;
  return {
    unix_seconds: Array.from({ length }, (_, i) => (from + i * QUARTER) / 1_000),
    co2eq: Array.from({ length }, (_, i) => at(co2eq, i)),
    co2eq_forecast: Array.from({ length }, (_, i) => at(ahead, i)),
    substitute: false,
    deprecated: false,
    ...more,
  };
}

const count = (n: number, value: (i: number) => unknown): unknown[] =>
  Array.from({ length: n }, (_, i) => value(i));

/** A day behind and a day ahead of noon, a quarter of an hour late. */
const day = series(
  NOON - DAY,
  count(4 * 24, (i) => LEAST_SENT + i),
  count(8 * 24, (i) => (i < 4 * 24 ? null : LEAST_SENT + i)),
);

describe('energy-charts provider', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startHttpServer();
    server.answer(json(day));
  });
  afterEach(() => server.close());

  const provider = (more: object = {}, now = NOW) =>
    createEnergyChartsProvider({ baseUrl: server.url, clock: createVirtualClock(now), ...more });

  describe('conformance', () => {
    providerConformance(async () => ({ provider: provider(), zone: 'DE', at: NOW, unknown: 'US-MIDA-PJM' }));
  });

  describe('faults', () => {
    httpFaults({
      create: (baseUrl, _secret, clock) => createEnergyChartsProvider({ baseUrl, clock }),
      zone: 'DE',
      payload: (value, at) => series(at, [value]),
      zeroIsReal: false,
      echoesZone: false,
      // Null is how the API writes a slot that is not known yet.
      kinds: { 'value null': 'no-data' },
    });
  });

  describe('broken documents', () => {
    brokenDocuments({
      create: (baseUrl, clock) => createEnergyChartsProvider({ baseUrl, clock }),
      zone: 'DE',
      documents: { latest: series(NOON - HOUR, [120, 110, 100, 130, 140]), forecast: day, history: day },
      zeroIsReal: false,
    });
  });

  it('is average and life-cycle, unless configured otherwise', () => {
    expect(provider().pair).toEqual(AVERAGE_LIFECYCLE);
    expect(provider({ basis: 'direct' }).pair.basis).toBe('direct');
  });

  it('asks for a country and a span in UTC, without a key', async () => {
    await provider().latest('DE', NOW);
    expect(server.requests[0]?.url).toBe(
      '/co2eq?country=de&start=2022-05-31T12%3A00Z&end=2022-06-01T12%3A20Z',
    );
    expect(server.requests[0]?.headers.authorization).toBeUndefined();
  });

  it('covers countries that are one grid, and what is configured', async () => {
    expect(provider().covers('FR')).toBe(true);
    expect(provider().covers('IT-NO')).toBe(false);
    const italy = provider({ countries: { 'IT-NO': 'it' } });
    expect(italy.covers('IT-NO')).toBe(true);
    expect(italy.covers('FR')).toBe(true);
    await italy.latest('IT-NO', NOW);
    expect(server.requests[0]?.url).toContain('country=it&');
  });

  describe('latest', () => {
    it('is the mean of the newest hour, as far as it is known', async () => {
      server.answer(json(series(NOON - HOUR, [400, 400, 400, 400, 100, 200, null, null])));
      expect(await provider().latest('DE', NOON + 50 * MINUTE)).toMatchObject({
        gramsPerKwh: 150,
        validFrom: NOON,
        validTo: NOON + 2 * QUARTER,
        estimated: false,
      });
    });

    it('is the hour before while nothing is known of the present one', async () => {
      server.answer(
        json(
          series(
            NOON - HOUR,
            [100, 200, 300, 400, null],
            count(20, () => 900),
          ),
        ),
      );
      expect(await provider().latest('DE', NOW)).toMatchObject({
        gramsPerKwh: 250,
        validFrom: NOON - HOUR,
        validTo: NOON,
      });
    });

    it('joins no quarters over a hole', async () => {
      server.answer(json(series(NOON, [100, null, 300])));
      expect(await provider().latest('DE', NOON + 45 * MINUTE)).toMatchObject({
        gramsPerKwh: 300,
        validFrom: NOON + 2 * QUARTER,
      });
    });

    it('never takes a forecast for a value', async () => {
      server.answer(json(series(NOON, [null, null], [100, 100])));
      await expect(provider().latest('DE', NOW)).rejects.toMatchObject({ kind: 'no-data' });
    });

    it('does not go back behind a newest value that cannot be', async () => {
      server.answer(json(series(NOON - QUARTER, [100, -5])));
      await expect(provider().latest('DE', NOW)).rejects.toMatchObject({ kind: 'bad-payload' });
    });

    it('refuses two values for one time, unless they agree', async () => {
      const twice = (a: number, b: number): object => ({
        ...series(NOON, [a, b]),
        unix_seconds: [NOON / 1_000, NOON / 1_000],
      });
      server.answer(json(twice(100, 120)));
      await expect(provider().latest('DE', NOW)).rejects.toThrow('two values for one time');
      server.answer(json(twice(100, 100)));
      expect((await provider().latest('DE', NOW)).gramsPerKwh).toBe(100);
    });

    it('tells a substitute from a measured value', async () => {
      server.answer(json(series(NOON, [100], [], { substitute: true })));
      expect((await provider().latest('DE', NOW)).estimated).toBe(true);
    });

    it('takes hourly series as they are', async () => {
      const hours = {
        ...series(NOON - HOUR, [100, 200]),
        unix_seconds: [NOON - HOUR, NOON].map((t) => t / 1_000),
      };
      server.answer(json(hours));
      expect(await provider().latest('DE', NOW)).toMatchObject({ gramsPerKwh: 200, validTo: NOON + HOUR });
    });

    it('refuses arrays of unequal length', async () => {
      server.answer(json({ ...series(NOON, [100, 100]), co2eq: [100] }));
      await expect(provider().latest('DE', NOW)).rejects.toThrow('not of one length');
    });
  });

  describe('forecast', () => {
    it('is hourly, from measured quarters where there are some', async () => {
      server.answer(json(series(NOON, [100, 200], [null, null, 300, 400, ...count(4, () => 500), 600])));
      const forecast = await provider().forecast('DE', NOW, DAY);
      // The last quarter is no hour.
      expect(forecast?.points.map(({ at, gramsPerKwh }) => [at - NOON, gramsPerKwh])).toEqual([
        [0, 250],
        [HOUR, 500],
      ]);
    });

    it('begins with what is left of the present hour', async () => {
      server.answer(json(series(NOON, [100], [null, 300, 300, 300])));
      expect((await provider().forecast('DE', NOW, DAY))?.points[0]).toMatchObject({
        at: NOON,
        gramsPerKwh: 250,
      });
      server.answer(json(series(NOON, [null], [null, 300, 300, 300])));
      expect((await provider().forecast('DE', NOW, DAY))?.points[0]).toMatchObject({
        at: NOON,
        gramsPerKwh: 300,
      });
      server.answer(json(series(NOON, [null], [null, null, 300, 300, ...count(4, () => 500)])));
      expect((await provider().forecast('DE', NOW, DAY))?.points[0]).toMatchObject({ at: NOON + HOUR });
    });

    it('ends at a hole', async () => {
      server.answer(json(series(NOON, [], [...count(6, () => 300), null, ...count(9, () => 400)])));
      expect((await provider().forecast('DE', NOW, DAY))?.points).toHaveLength(1);
    });

    it('is absent where the source has none', async () => {
      server.answer(json(series(NOON, [null, null, null, null])));
      expect(await provider().forecast('DE', NOW, DAY)).toBeNull();
      server.answer(json({ ...series(NOON, [null]), co2eq_forecast: null }));
      expect(await provider().forecast('DE', NOW, DAY)).toBeNull();
    });
  });

  it('gives the past by the hour, and counts 23 and 25 of them on the days when clocks change', async () => {
    const hoursOf = async (from: string, to: string): Promise<number> => {
      const [start, end] = [Date.parse(from), Date.parse(to)];
      server.answer(
        json(
          series(
            start,
            count((end - start) / QUARTER, (i) => 100 + i),
          ),
        ),
      );
      const history = await provider({}, end + DAY).history('DE', start, end);
      return history.length;
    };
    // Local days of Berlin.
    expect(await hoursOf('2022-03-26T23:00:00Z', '2022-03-27T22:00:00Z')).toBe(23);
    expect(await hoursOf('2022-10-29T22:00:00Z', '2022-10-30T23:00:00Z')).toBe(25);
  });

  it('leaves out of the past what cannot be used, and fails when that is all', async () => {
    server.answer(json(series(NOON - 2 * HOUR, [100, 100, -1, 200, 300, 300, 300, 300])));
    const history = await provider().history('DE', NOON - 2 * HOUR, NOON);
    expect(history.map(({ gramsPerKwh }) => gramsPerKwh)).toEqual([100, 200, 300]);
    server.answer(json(series(NOON - 2 * HOUR, [-1, 1e6])));
    await expect(provider().history('DE', NOON - 2 * HOUR, NOON)).rejects.toMatchObject({
      kind: 'bad-payload',
    });
  });
});
