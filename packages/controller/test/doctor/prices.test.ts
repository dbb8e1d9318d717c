import { createStaticPrices, createVirtualClock } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import type { Prices } from '../../src/app/prices.ts';
import { examinePrices } from '../../src/doctor/prices.ts';

const clock = createVirtualClock(Date.UTC(2026, 2, 1, 12));
const prices: Prices = {
  currency: 'EUR',
  carbonPricePerKg: null,
  electricity: [createStaticPrices({ unit: 'kWh', currency: 'EUR', prices: { DE: 0.2 } })],
  clusters: [createStaticPrices({ unit: 'replica-hour', currency: 'EUR', prices: { blue: 0.03 } })],
};
const told = async (clusters: Parameters<typeof examinePrices>[2]): Promise<string[]> =>
  (await examinePrices(prices, ['DE', 'PL'], clusters, clock)).map(
    ({ of, unit, price }) => `${of} per ${unit}: ${price ?? 'missing'}`,
  );

describe('prices that decisions need', () => {
  it('are those of clusters, or of the electricity of clusters without one', async () => {
    const clusters = [
      { name: 'blue', zone: 'FR' },
      { name: 'red', zone: 'DE' },
      { name: 'green', zone: 'NL' },
      { name: 'black', zone: 'NL' },
    ];
    expect(await told(clusters)).toEqual([
      'DE per kWh: 0.2',
      'NL per kWh: missing',
      'blue per replica-hour: 0.03',
    ]);
  });

  it('are those of every zone while no clusters are known', async () => {
    expect(await told(null)).toEqual(['DE per kWh: 0.2', 'PL per kWh: missing']);
  });
});
