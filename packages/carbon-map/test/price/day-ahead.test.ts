import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createDayAheadPrices,
  createVirtualClock,
  DAY,
  HOUR,
  MINUTE,
  type PriceSource,
  type VirtualClock,
} from '../../src/index.ts';
import { zoneList } from '../../src/location/zone-list.ts';
import { BIDDING_ZONE_OF } from '../../src/price/bidding-zones.ts';
import { transportFaults } from '../provider/transport-faults.ts';
import { NOON } from '../support/fixtures.ts';
import { type Handler, json, raw, startHttpServer, type TestServer } from '../support/http-server.ts';
import { priceConformance } from './price-conformance.ts';

const QUARTER = 15 * MINUTE;

/** The shape of `/price`. */
function payload(from: number, price: readonly unknown[], more: object = {}, step = QUARTER): object {
  return {
    license_info: 'CC BY 4.0 (creativecommons.org/licenses/by/4.0) from Bundesnetzagentur | SMARD.de',
    unix_seconds: price.map((_, i) => (from + i * step) / 1_000),
    price,
    unit: 'EUR / MWh',
    deprecated: false,
    ...more,
  };
}

/** A market whose price is the hour of the day (UTC) in EUR/MWh. */
const api: Handler = (request, response) => {
  const url = new URL(request.url ?? '', 'http://localhost');
  const [from = 0, to = 0] = ['start', 'end'].map((name) => Date.parse(url.searchParams.get(name) ?? ''));
  const first = Math.floor(from / HOUR) * HOUR;
  const slots = Array.from({ length: Math.ceil((to - first) / HOUR) * 4 }, (_, i) => first + i * QUARTER);
  return json(
    payload(
      first,
      slots.map((at) => new Date(at).getUTCHours()),
    ),
  )(request, response);
};

describe('day-ahead prices', () => {
  let server: TestServer;
  let clock: VirtualClock;
  beforeEach(async () => {
    server = await startHttpServer();
    server.answer(api);
    clock = createVirtualClock(NOON);
  });
  afterEach(() => server.close());

  const source = (more: object = {}): PriceSource<'kWh'> =>
    createDayAheadPrices({ baseUrl: server.url, clock, ...more });
  const hours = async (n: number, zone = 'DE'): Promise<readonly (number | null)[]> =>
    (await source().hourly(zone, NOON, NOON + n * HOUR)).prices;

  describe('conformance', () => {
    priceConformance(async () => ({ source: source(), key: 'DE', unknown: 'US-MIDA-PJM', at: NOON }));
  });

  it('are in EUR per kWh', async () => {
    expect(source()).toMatchObject({ unit: 'kWh', currency: 'EUR', name: 'energy-charts' });
    expect(await hours(2)).toEqual([0.012, 0.013]);
  });

  it('ask for the bidding zone of the grid zone', async () => {
    await source().hourly('DE', NOON, NOON + HOUR);
    await source().hourly('IT-NO', NOON, NOON + HOUR);
    await source({ biddingZones: { 'GB-X': 'GB' } }).hourly('GB-X', NOON, NOON + HOUR);
    expect(server.requests.map(({ url }) => url)).toEqual([
      '/price?bzn=DE-LU&start=2022-06-01T11%3A00Z&end=2022-06-03T12%3A00Z',
      '/price?bzn=IT-North&start=2022-06-01T11%3A00Z&end=2022-06-03T12%3A00Z',
      '/price?bzn=GB&start=2022-06-01T11%3A00Z&end=2022-06-03T12%3A00Z',
    ]);
  });

  it('know only zones that exist', () => {
    for (const zone of Object.keys(BIDDING_ZONE_OF)) expect(zoneList().zones.has(zone)).toBe(true);
  });

  it('keep negative prices, and take the mean of the quarters', async () => {
    server.answer(json(payload(NOON, [-100, -50, 0, 50, 10, 20, 30, 40])));
    expect(await hours(2)).toEqual([-0.025, 0.025]);
  });

  it('take hourly prices as they are', async () => {
    server.answer(json(payload(NOON, [-1, 80], {}, HOUR)));
    expect(await hours(3)).toEqual([-0.001, 0.08, null]);
  });

  it('have none for an hour that is not priced from end to end', async () => {
    server.answer(json(payload(NOON, [40, null, 40, 40, 80, 80, 80, 80, 80])));
    expect(await hours(4)).toEqual([null, 0.08, null, null]);
  });

  it('have none where the market has none, in whichever way that is said', async () => {
    for (const handler of [json(payload(NOON, [])), json({ detail: 'no content' }, 404)]) {
      server.answer(handler);
      expect(await hours(2)).toEqual([null, null]);
    }
  });

  it('have 23 and 25 hours on the days when clocks change', async () => {
    const local = async (from: string, to: string): Promise<number> =>
      (await source().hourly('DE', Date.parse(from), Date.parse(to))).prices.filter((each) => each !== null)
        .length;
    expect(await local('2022-03-26T23:00Z', '2022-03-27T22:00Z')).toBe(23);
    expect(await local('2022-10-29T22:00Z', '2022-10-30T23:00Z')).toBe(25);
  });

  it('ask once in half an hour, and again for what lies outside', async () => {
    const one = source();
    await one.hourly('DE', NOON, NOON + DAY);
    clock.advance(29 * MINUTE);
    await one.hourly('DE', NOON + HOUR, NOON + 2 * DAY);
    await one.hourly('LU', NOON, NOON + HOUR);
    expect(server.requests).toHaveLength(1);
    await one.hourly('DE', NOON, NOON + 5 * DAY);
    expect(server.requests).toHaveLength(2);
    clock.advance(30 * MINUTE);
    await one.hourly('DE', NOON, NOON + DAY);
    expect(server.requests).toHaveLength(3);
  });

  it.each([
    ['another unit', payload(NOON, [40], { unit: 'GBP / MWh' }), 'not in EUR/MWh'],
    ['no unit', payload(NOON, [40], { unit: undefined }), 'not as documented'],
    ['a text', payload(NOON, ['40']), 'no price of electricity'],
    ['an absurd price', payload(NOON, [10_001]), 'no price of electricity'],
    ['an absurd negative price', payload(NOON, [-10_001]), 'no price of electricity'],
    ['arrays of unequal length', { ...payload(NOON, [40, 50]), price: [40] }, 'not of one length'],
    [
      'two prices for one time',
      { ...payload(NOON, [40, 50]), unix_seconds: [NOON / 1_000, NOON / 1_000] },
      'two values for 2022-06-01T12:00:00.000Z',
    ],
  ])('refuse %s', async (_name, body, message) => {
    server.answer(json(body));
    await expect(hours(1)).rejects.toMatchObject({ kind: 'bad-payload' });
    await expect(hours(1)).rejects.toThrow(message);
  });

  it.each(['NaN', 'Infinity', '-1e999', '[40]', 'true', '{}'])('refuse %s', async (value) => {
    server.answer(raw(JSON.stringify(payload(NOON, ['@', 40, 40, 40])).replaceAll('"@"', value)));
    await expect(hours(1)).rejects.toMatchObject({ kind: 'bad-payload' });
  });

  it('have none for an hour of which a quarter is null', async () => {
    server.answer(json(payload(NOON, [null, 40, 40, 40])));
    expect(await hours(1)).toEqual([null]);
  });

  describe('faults of the server', () => {
    transportFaults({
      name: 'energy-charts',
      ask: (baseUrl, at, signal) =>
        createDayAheadPrices({ baseUrl, clock: at }).hourly('DE', NOON, NOON + HOUR, signal),
      // A bidding zone without prices in that span.
      answers: [404],
    });
  });
});
