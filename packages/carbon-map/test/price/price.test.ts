import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createStaticPrices,
  HOUR,
  type HourlyPrices,
  MINUTE,
  meanPrice,
  PriceMissing,
  priceAt,
  requiredPriceAt,
} from '../../src/index.ts';
import { NOON } from '../support/fixtures.ts';
import { priceConformance } from './price-conformance.ts';

const hourly = (...prices: readonly (number | null)[]): HourlyPrices => ({
  currency: 'EUR',
  source: 'test',
  from: NOON,
  prices,
});

describe('hourly prices', () => {
  it('are read by the hour, with null for what is not there', () => {
    const prices = hourly(0.1, null, 0, -0.02);
    expect(priceAt(prices, NOON + 59 * MINUTE)).toBe(0.1);
    expect(priceAt(prices, NOON + HOUR)).toBeNull();
    expect(priceAt(prices, NOON - 1)).toBeNull();
    expect(priceAt(prices, NOON + 4 * HOUR)).toBeNull();
  });

  it('keep zero and negative prices, which are real', () => {
    const prices = hourly(0, -0.02);
    expect(priceAt(prices, NOON)).toBe(0);
    expect(requiredPriceAt(prices, 'DE', NOON)).toBe(0);
    expect(requiredPriceAt(prices, 'DE', NOON + HOUR)).toBe(-0.02);
  });

  it('fail by name when one is needed and missing', () => {
    const need = (): number => requiredPriceAt(hourly(0.1, null), 'DE', NOON + 90 * MINUTE);
    expect(need).toThrow(PriceMissing);
    expect(need).toThrow('test has no price of DE for the hour of 2022-06-01T13:00:00.000Z');
  });

  it('have a mean that counts each hour by the part inside', () => {
    const prices = hourly(0.1, 0.2, 0.4);
    expect(meanPrice(prices, 'DE', NOON + 30 * MINUTE, NOON + 90 * MINUTE)).toBeCloseTo(0.15, 12);
    expect(meanPrice(prices, 'DE', NOON, NOON + 3 * HOUR)).toBeCloseTo(0.7 / 3, 12);
    expect(meanPrice(prices, 'DE', NOON + MINUTE, NOON + MINUTE)).toBe(0.1);
  });

  it('have no mean over an hour without a price', () => {
    const prices = hourly(0.1, null, 0.3);
    expect(() => meanPrice(prices, 'DE', NOON, NOON + 61 * MINUTE)).toThrow(PriceMissing);
    expect(meanPrice(prices, 'DE', NOON, NOON + HOUR)).toBe(0.1);
    expect(() => meanPrice(prices, 'DE', NOON + 2 * HOUR, NOON + 4 * HOUR)).toThrow(PriceMissing);
  });

  it('have a mean between the least and the greatest', () => {
    const price = fc.double({ min: -5, max: 5, noNaN: true });
    fc.assert(
      fc.property(fc.array(price, { minLength: 1, maxLength: 48 }), fc.nat(), fc.nat(), (list, a, b) => {
        const end = list.length * 60;
        const [from = 0, to = 0] = [a % end, b % end].sort((x, y) => x - y);
        const mean = meanPrice(hourly(...list), 'DE', NOON + from * MINUTE, NOON + to * MINUTE);
        expect(mean).toBeGreaterThanOrEqual(Math.min(...list) - 1e-9);
        expect(mean).toBeLessThanOrEqual(Math.max(...list) + 1e-9);
      }),
    );
  });
});

describe('static prices', () => {
  const perKwh = createStaticPrices({ unit: 'kWh', currency: 'eur', prices: { DE: 0.3, FR: 0 } });
  const perReplica = createStaticPrices({ unit: 'replica-hour', currency: 'USD', prices: { spot: 0.012 } });

  describe('conformance by zone', () => {
    priceConformance(async () => ({ source: perKwh, key: 'DE', unknown: 'PL', at: NOON }));
  });

  describe('conformance by cluster', () => {
    priceConformance(async () => ({ source: perReplica, key: 'spot', unknown: 'other', at: NOON }));
  });

  it('say their unit and currency', () => {
    expect(perKwh).toMatchObject({ unit: 'kWh', currency: 'EUR' });
    expect(perReplica).toMatchObject({ unit: 'replica-hour', currency: 'USD' });
  });

  it('tell a price of zero from none', async () => {
    expect((await perKwh.hourly('FR', NOON, NOON + HOUR)).prices).toEqual([0]);
    expect((await perKwh.hourly('PL', NOON, NOON + HOUR)).prices).toEqual([null]);
    expect(perKwh.covers('PL')).toBe(false);
  });

  it('refuse what is no price or currency', () => {
    const make = (currency: string, price: number) => () =>
      createStaticPrices({ unit: 'kWh', currency, prices: { DE: price } });
    expect(make('EUR', Number.NaN)).toThrow('the price of DE is no finite number');
    expect(make('€', 0.3)).toThrow('"€" is no currency: write an ISO 4217 code such as EUR');
  });
});
