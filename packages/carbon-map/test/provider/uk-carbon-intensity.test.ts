import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createUkCarbonIntensityProvider,
  createVirtualClock,
  DAY,
  HOUR,
  MINUTE,
  parseInstant,
} from '../../src/index.ts';
import { AVERAGE_DIRECT, NOON } from '../support/fixtures.ts';
import { type Handler, json, startHttpServer, type TestServer } from '../support/http-server.ts';
import { brokenDocuments } from './broken-documents.ts';
import { providerConformance } from './conformance.ts';
import { httpFaults } from './http-faults.ts';

const NOW = NOON + 20 * MINUTE;
const HALF = 30 * MINUTE;
const LONDON = 13;
const text = (at: number): string => `${new Date(at).toISOString().slice(0, 16)}Z`;

/** One half hour in the documented shape. Regions have no `actual`, but a mix. */
const national = (at: number, forecast: unknown, actual: unknown = null): object => ({
  from: text(at),
  to: text(at + HALF),
  intensity: { forecast, actual, index: 'moderate' },
});
const regional = (at: number, forecast: unknown): object => ({
  from: text(at),
  to: text(at + HALF),
  intensity: { forecast, index: 'moderate' },
  generationmix: [{ fuel: 'gas', perc: 43.6 }],
});
const ofLondon = (rows: readonly object[], regionid: unknown = LONDON): object => ({
  regionid,
  dnoregion: 'UKPN London',
  shortname: 'London',
  data: rows,
});

const span = (from: number, to: number, row: (at: number, i: number) => object): object[] =>
  Array.from({ length: Math.ceil((to - from) / HALF) }, (_, i) => row(from + i * HALF, i));

/** The API, with a nation of 200 g and more, and a London that is never measured. */
const api: Handler = (request, response) => {
  const path = (request.url ?? '').split('/').slice(1);
  const isRegional = path[0] === 'regional';
  const [from = '', to = ''] = path.slice(path.indexOf('intensity') + 1);
  const start = parseInstant(from);
  const isSpan = path.includes('intensity') && start !== null;
  const first = start ?? NOON;
  const end = isSpan ? (to === 'fw48h' ? first + 2 * DAY : (parseInstant(to) ?? 0)) : first + HALF;
  const rows = span(first, end, (at, i) =>
    isRegional ? regional(at, 200 + i) : national(at, 200 + i, at < NOON ? 210 + i : null),
  );
  const data = isSpan ? ofLondon(rows) : [ofLondon(rows)];
  return json({ data: isRegional ? data : rows })(request, response);
};

describe('uk-carbon-intensity provider', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startHttpServer();
    server.answer(api);
  });
  afterEach(() => server.close());

  const provider = (more: object = {}) =>
    createUkCarbonIntensityProvider({ baseUrl: server.url, clock: createVirtualClock(NOW), ...more });
  const london = () => provider({ regions: { 'GB-LON': LONDON } });
  const urls = (): (string | undefined)[] => server.requests.map(({ url }) => url);

  describe('conformance of the nation', () => {
    providerConformance(async () => ({ provider: provider(), zone: 'GB', at: NOW, unknown: 'GB-NIR' }));
  });

  describe('conformance of a region', () => {
    providerConformance(async () => ({ provider: london(), zone: 'GB-LON', at: NOW, unknown: 'GB-NIR' }));
  });

  describe('faults of a measured value', () => {
    httpFaults({
      create: (baseUrl, _secret, clock) => createUkCarbonIntensityProvider({ baseUrl, clock }),
      zone: 'GB',
      payload: (value, at) => ({ data: [national(at, value, value)] }),
      zeroIsReal: false,
      echoesZone: false,
    });
  });

  describe('faults of a region', () => {
    httpFaults({
      create: (baseUrl, _secret, clock) =>
        createUkCarbonIntensityProvider({ baseUrl, clock, regions: { 'GB-LON': LONDON } }),
      zone: 'GB-LON',
      payload: (value, at, zone) => ({
        data: [ofLondon([regional(at, value)], zone === 'GB-LON' ? LONDON : 1)],
      }),
      zeroIsReal: true,
    });
  });

  describe('broken documents', () => {
    const rows = span(NOON - 3 * HOUR, NOON, (at, i) => national(at, 150 + i, 100 + i));
    brokenDocuments({
      create: (baseUrl, clock) => createUkCarbonIntensityProvider({ baseUrl, clock }),
      zone: 'GB',
      documents: {
        latest: { data: [national(NOON, 150, 120)] },
        forecast: { data: span(NOON, NOON + DAY, (at, i) => national(at, 100 + i)) },
        history: { data: rows },
      },
      zeroIsReal: false,
    });
  });

  it('is average and direct', () => {
    expect(provider().pair).toEqual(AVERAGE_DIRECT);
  });

  it('covers Great Britain, not Northern Ireland, and the zones that are given a region', () => {
    expect(provider().covers('GB')).toBe(true);
    expect(provider().covers('GB-NIR')).toBe(false);
    expect(london().covers('GB-LON')).toBe(true);
    expect(provider({ regions: { GB: LONDON } }).covers('GB')).toBe(true);
  });

  it.each([0, 18, 1.5])('refuses %d as a region', (region) => {
    expect(() => provider({ regions: { GB: region } })).toThrow('of zone GB is none: write 1 to 17');
  });

  describe('latest', () => {
    it('takes the forecast for an estimate while the half hour is not measured', async () => {
      server.answer(json({ data: [national(NOON, 180, null)] }));
      expect(await provider().latest('GB', NOW)).toMatchObject({
        gramsPerKwh: 180,
        estimated: true,
        validFrom: NOON,
        validTo: NOON + HALF,
      });
      server.answer(json({ data: [national(NOON, 180, 195)] }));
      expect(await provider().latest('GB', NOW)).toMatchObject({ gramsPerKwh: 195, estimated: false });
    });

    it('does not fall back from a measured value that cannot be', async () => {
      server.answer(json({ data: [national(NOON, 180, -3)] }));
      await expect(provider().latest('GB', NOW)).rejects.toMatchObject({ kind: 'bad-payload' });
    });

    it('rejects a day where a half hour was asked for, and one that never ends', async () => {
      server.answer(json({ data: span(NOON - HOUR, NOON, (at) => national(at, 100)) }));
      await expect(provider().latest('GB', NOW)).rejects.toThrow('2 half hours, not one');
      server.answer(json({ data: [{ ...national(NOON, 100), to: text(NOON + DAY) }] }));
      await expect(provider().latest('GB', NOW)).rejects.toThrow('longer than an hour');
      server.answer(json({ data: [{ ...national(NOON, 100), to: text(NOON) }] }));
      await expect(provider().latest('GB', NOW)).rejects.toMatchObject({ kind: 'bad-payload' });
    });

    it('asks for the nation or the region', async () => {
      await provider().latest('GB', NOW);
      expect(await london().latest('GB-LON', NOW)).toMatchObject({ estimated: true, zone: 'GB-LON' });
      expect(urls()).toEqual(['/intensity', '/regional/regionid/13']);
    });

    it('rejects the answer of all regions in place of one', async () => {
      const both = [ofLondon([regional(NOON, 10)]), ofLondon([regional(NOON, 300)], 1)];
      server.answer(json({ data: both }));
      await expect(london().latest('GB-LON', NOW)).rejects.toThrow('not for region 13 alone');
      server.answer(json({ data: [] }));
      await expect(london().latest('GB-LON', NOW)).rejects.toMatchObject({ kind: 'bad-payload' });
    });
  });

  describe('forecast', () => {
    it('makes hours of half hours, 48 of them', async () => {
      const forecast = await provider().forecast('GB', NOW, 2 * DAY);
      expect(urls()).toEqual(['/intensity/2022-06-01T12:00Z/fw48h']);
      expect(forecast?.points).toHaveLength(48);
      expect(forecast?.points[1]).toMatchObject({ at: NOON + HOUR, gramsPerKwh: 202.5 });
    });

    it('reads the nested answer of a region', async () => {
      expect((await london().forecast('GB-LON', NOW, DAY))?.points).toHaveLength(25);
      expect(urls()).toEqual(['/regional/intensity/2022-06-01T12:00Z/fw48h/regionid/13']);
    });

    it('is no forecast when it has nothing from now on', async () => {
      server.answer(json({ data: span(NOON - DAY, NOON - HOUR, (at) => national(at, 100)) }));
      await expect(provider().forecast('GB', NOW, DAY)).rejects.toMatchObject({ kind: 'no-data' });
    });
  });

  describe('history', () => {
    it('asks in spans that the API takes, the newest first', async () => {
      const history = await provider().history('GB', NOON - 10 * DAY, NOON);
      expect(history).toHaveLength(480);
      expect(history.every(({ estimated }) => !estimated)).toBe(true);
      expect(urls()).toEqual([
        '/intensity/2022-05-25T12:00Z/2022-06-01T12:00Z',
        '/intensity/2022-05-22T12:00Z/2022-05-25T12:00Z',
      ]);
    });

    it('keeps what it has when a later span fails, and fails when there is nothing', async () => {
      server.answer((request, response) =>
        (request.url ?? '').startsWith('/intensity/2022-05-25')
          ? api(request, response)
          : json({ error: {} }, 500)(request, response),
      );
      expect(await provider().history('GB', NOON - 10 * DAY, NOON)).toHaveLength(7 * 48);
      server.answer(json({ error: {} }, 500));
      await expect(provider().history('GB', NOON - DAY, NOON)).rejects.toMatchObject({ kind: 'unavailable' });
    });

    it('marks the hours that were never measured', async () => {
      server.answer(json({ data: [national(NOON - HOUR, 150, null), national(NOON - HALF, 150, 160)] }));
      const history = await provider().history('GB', NOON - HOUR, NOON);
      expect(history.map(({ estimated }) => estimated)).toEqual([true, false]);
    });
  });

  it('crosses the nights when clocks change, because all its times are UTC', async () => {
    for (const night of ['2022-03-27T00:00Z', '2022-10-30T00:00Z']) {
      const at = Date.parse(night);
      server.answer(json({ data: span(at, at + 4 * HOUR, (time, i) => national(time, 100 + i)) }));
      const forecast = await createUkCarbonIntensityProvider({
        baseUrl: server.url,
        clock: createVirtualClock(at),
      }).forecast('GB', at, DAY);
      expect(forecast?.points.map((point) => point.at - at)).toEqual([0, HOUR, 2 * HOUR, 3 * HOUR]);
    }
  });
});
