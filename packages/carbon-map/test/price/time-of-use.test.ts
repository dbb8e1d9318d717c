import { describe, expect, it } from 'vitest';
import { createTimeOfUsePrices, DAY, HOUR, type Tariff } from '../../src/index.ts';
import { NOON } from '../support/fixtures.ts';
import { priceConformance } from './price-conformance.ts';

const DAY_RATE = 0.3;
const NIGHT_RATE = 0.1;

/** A night tariff, as many have it. */
const tariff = (more: Partial<Tariff> = {}): Tariff => ({
  timeZone: 'Europe/Berlin',
  periods: [{ price: NIGHT_RATE, from: '22:00', to: '06:00' }],
  otherwise: DAY_RATE,
  ...more,
});
const source = (more: Partial<Tariff> = {}) =>
  createTimeOfUsePrices({ currency: 'EUR', tariffs: { DE: tariff(more) } });

async function prices(given: Partial<Tariff>, from: string, to: string): Promise<readonly (number | null)[]> {
  return (await source(given).hourly('DE', Date.parse(from), Date.parse(to))).prices;
}
const count = (list: readonly (number | null)[], price: number | null): number =>
  list.filter((each) => each === price).length;

describe('time-of-use prices', () => {
  describe('conformance', () => {
    priceConformance(async () => ({ source: source(), key: 'DE', unknown: 'FR', at: NOON }));
  });

  it('go by the local clock, in summer and winter', async () => {
    // 22:00 in Berlin is 20:00 UTC in June and 21:00 UTC in December.
    expect(await prices({}, '2022-06-01T19:00Z', '2022-06-01T21:00Z')).toEqual([DAY_RATE, NIGHT_RATE]);
    expect(await prices({}, '2022-12-01T20:00Z', '2022-12-01T22:00Z')).toEqual([DAY_RATE, NIGHT_RATE]);
  });

  it('count 7 cheap hours in the night that is short and 9 in the one that is long', async () => {
    const night = (from: string, to: string) => prices({}, from, to);
    // From noon to noon, local time.
    expect(count(await night('2022-03-26T11:00Z', '2022-03-27T10:00Z'), NIGHT_RATE)).toBe(7);
    expect(count(await night('2022-10-29T10:00Z', '2022-10-30T11:00Z'), NIGHT_RATE)).toBe(9);
    expect(count(await night('2022-06-01T10:00Z', '2022-06-02T10:00Z'), NIGHT_RATE)).toBe(8);
  });

  it('price the hour that is left out or repeated by what the wall shows', async () => {
    const twoToThree: Partial<Tariff> = { periods: [{ price: 9, from: '02:00', to: '03:00' }] };
    expect(count(await prices(twoToThree, '2022-03-26T23:00Z', '2022-03-27T22:00Z'), 9)).toBe(0);
    expect(count(await prices(twoToThree, '2022-10-29T22:00Z', '2022-10-30T23:00Z'), 9)).toBe(2);
  });

  it('know the days of the week, and give a night to the day of its start', async () => {
    const weekend: Partial<Tariff> = {
      periods: [{ price: 0.05, from: '22:00', to: '06:00', days: ['fri'] }],
    };
    // The night from Friday 3 to Saturday 4 June 2022, local time.
    const week = await prices(weekend, '2022-05-29T22:00Z', '2022-06-05T22:00Z');
    expect(count(week, 0.05)).toBe(8);
    expect(await prices(weekend, '2022-06-03T20:00Z', '2022-06-04T04:00Z')).toEqual(Array(8).fill(0.05));
  });

  it('know the months', async () => {
    const winter: Partial<Tariff> = {
      periods: [{ price: 0.5, from: '00:00', to: '24:00', months: [12, 1, 2] }],
    };
    expect(await prices(winter, '2022-11-30T22:00Z', '2022-12-01T00:00Z')).toEqual([DAY_RATE, 0.5]);
  });

  it('take the first period that fits', async () => {
    const periods = [
      { price: 1, from: '12:00', to: '13:00' },
      { price: 2, from: '11:00', to: '14:00' },
    ];
    const utc = { timeZone: 'UTC', periods };
    expect(await prices(utc, '2022-06-01T11:00Z', '2022-06-01T14:00Z')).toEqual([2, 1, 2]);
  });

  it('mix the prices of an hour that two periods share, also where clocks stand half an hour aside', async () => {
    const half = { timeZone: 'UTC', periods: [{ price: 0.1, from: '10:30', to: '11:00' }] };
    const [mixed] = await prices(half, '2022-06-01T10:00Z', '2022-06-01T11:00Z');
    expect(mixed).toBeCloseTo(0.2, 12);
    const india = { timeZone: 'Asia/Kolkata', periods: [{ price: 0.1, from: '10:00', to: '11:00' }] };
    // 10:00 in Kolkata is 04:30 UTC.
    const [first, second] = await prices(india, '2022-06-01T04:00Z', '2022-06-01T06:00Z');
    expect(first).toBeCloseTo(0.2, 12);
    expect(second).toBeCloseTo(0.2, 12);
  });

  it('have no price where no period fits and nothing is said of the rest', async () => {
    const only: Tariff = { timeZone: 'UTC', periods: [{ price: 0, from: '10:00', to: '11:30' }] };
    const rest = createTimeOfUsePrices({ currency: 'EUR', tariffs: { DE: only } });
    const at = Date.parse('2022-06-01T09:00Z');
    expect((await rest.hourly('DE', at, at + 4 * HOUR)).prices).toEqual([null, 0, null, null]);
  });

  it('say the same whatever order they are asked in', async () => {
    const one = source();
    const day = await one.hourly('DE', NOON, NOON + DAY);
    const again = await one.hourly('DE', NOON + 5 * HOUR, NOON + 6 * HOUR);
    expect(again.prices[0]).toBe(day.prices[5]);
  });

  const period = (more: object) => ({ periods: [{ price: 1, from: '01:00', to: '02:00', ...more }] });
  const mistakes: readonly (readonly [name: string, given: Partial<Tariff>, message: string])[] = [
    ['time zone', { timeZone: 'Mars/Olympus' }, '"Mars/Olympus" is no time zone: write an IANA name'],
    ['time of day', period({ from: '7:00' }), '"7:00" is no time of day: write 07:00'],
    ['minute', period({ from: '07:10' }), 'on the quarter of an hour'],
    ['hour', period({ to: '24:15' }), '"24:15" is no time of day'],
    ['empty period', period({ to: '01:00' }), 'is empty: write 00:00 to 24:00 for a day'],
    ['day', period({ days: ['monday'] }), '"monday" is no day: write mon, tue'],
    ['month', period({ months: [0] }), '0 is no month: write 1 to 12'],
    ['price', period({ price: Number.NaN }), 'a price is no finite number'],
    ['price of the rest', { otherwise: Number.POSITIVE_INFINITY }, 'a price is no finite number'],
  ];
  it.each(mistakes)('refuse a wrong %s, naming the zone', (_name, given, message) => {
    expect(() => source(given)).toThrow(RangeError);
    expect(() => source(given)).toThrow('tariff of DE: ');
    expect(() => source(given)).toThrow(message);
  });
});
