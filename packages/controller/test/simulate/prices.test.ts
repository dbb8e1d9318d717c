import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountOf } from '../../src/simulate/account.ts';
import { optimum } from '../../src/simulate/optimum.ts';
import { bestStatic, even, greedy, hysteresis } from '../../src/simulate/policies.ts';
import { type PriceTraces, pricesOver, readPrices } from '../../src/simulate/prices.ts';
import { simulateFleet } from '../../src/simulate/simulate.ts';
import { SimulationError } from '../../src/simulate/simulation-error.ts';
import { CARBON_ONLY, costSeries, type Valuation } from '../../src/simulate/valuation.ts';
import { idealProfile, windvane } from '../../src/simulate/windvane.ts';
import { bruteForce } from './brute-force.ts';
import { fleetOf, START, waves } from './fleets.ts';

/** Prices per kWh of the zones A, B, ... */
function electricity(values: readonly (readonly number[])[]): PriceTraces {
  const byKey = new Map(
    values.map((each, index) => [
      String.fromCodePoint(65 + index),
      { first: START, values: Float64Array.from(each) },
    ]),
  );
  return { file: 'prices.csv', unit: 'kWh', byKey };
}
const valuation = (prices: readonly (readonly number[])[], rest: Partial<Valuation> = {}): Valuation => ({
  ...CARBON_ONLY,
  objective: 'cost',
  prices: electricity(prices),
  ...rest,
});

describe('readPrices', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'prices-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const written = async (text: string) => {
    const path = join(folder, 'prices.csv');
    await writeFile(path, text);
    return path;
  };

  it('reads prices by zone and by cluster; each stands until the next', async () => {
    const byZone = await readPrices(
      await written(
        'timestamp_utc,zone,price_per_kwh\n2022-01-01T00:00Z,DE,0.2\n2022-01-01T02:00Z,DE,-0.1\n',
      ),
    );
    expect(byZone.unit).toBe('kWh');
    expect([...pricesOver(byZone, 'DE', START, START + 4)]).toEqual([0.2, 0.2, -0.1, -0.1]);
    const byCluster = await readPrices(
      await written('timestamp_utc,cluster,price_per_replica_hour\n2022-01-01T00:00Z,a,1\n'),
    );
    expect(byCluster.unit).toBe('replica-hour');
  });

  it('names what is wrong or missing', async () => {
    await expect(readPrices(await written('timestamp_utc,zone\n'))).rejects.toThrow(
      /column price_per_kwh is missing/,
    );
    await expect(
      readPrices(await written('timestamp_utc,zone,price_per_kwh\n2022-01-01T00:00Z,DE,cheap\n')),
    ).rejects.toThrow('prices.csv line 2: "cheap" is not a price');
    const prices = electricity([[1, 2]]);
    expect(() => pricesOver(prices, 'FR', START, START + 1)).toThrow(
      'no price of zone FR; it has those of A',
    );
    expect(() => pricesOver(prices, 'A', START - 1, START + 1)).toThrow(/start later with --from/);
    expect(() => costSeries({ ...CARBON_ONLY, objective: 'cost' }, { name: 'a', zone: 'A' }, 0, 1)).toThrow(
      SimulationError,
    );
  });
});

describe('what is known of prices', () => {
  const days = [Array.from({ length: 72 }, (_, hour) => hour)];
  const known = (hour: number) =>
    costSeries(valuation(days), { name: 'a', zone: 'A' }, START, START + 72).priceAt(hour).pricePerKwh;

  it('ends with the day, and with the next one after its auction', () => {
    expect(known(12)).toEqual(days[0]?.slice(12, 24));
    expect(known(13)).toEqual(days[0]?.slice(13, 48));
    expect(known(24)).toEqual(days[0]?.slice(24, 48));
  });

  it('is the present alone for spot prices of replicas', () => {
    const prices: PriceTraces = {
      file: 'spot.csv',
      unit: 'replica-hour',
      byKey: new Map([['a', { first: START, values: Float64Array.from([3, 4]) }]]),
    };
    const series = costSeries(valuation([], { prices }), { name: 'a', zone: 'A' }, START, START + 2);
    expect(series.priceAt(1)).toEqual({ pricePerReplicaHour: 4 });
    expect([...series.fixed]).toEqual([3, 4]);
  });
});

describe('a priced fleet', () => {
  const grams = fc.integer({ min: 1, max: 500 });
  const price = fc.integer({ min: -60, max: 40 }).map((cents) => cents / 100);
  const fleets = fc
    .record({ clusters: fc.integer({ min: 2, max: 3 }), hours: fc.integer({ min: 1, max: 5 }) })
    .chain(({ clusters, hours }) => {
      const table = (cell: fc.Arbitrary<number>) =>
        fc.array(fc.array(cell, { minLength: hours, maxLength: hours }), {
          minLength: clusters,
          maxLength: clusters,
        });
      return fc.record({
        intensities: table(grams),
        prices: table(price),
        objective: fc.constantFrom('cost' as const, 'blended' as const),
        maxSharePercent: fc.constantFrom(50, 100),
        moveHours: fc.constantFrom(0, 0.5, 3),
      });
    });

  it('has an optimum that equals brute force, negative prices included, and that no policy beats', () => {
    fc.assert(
      fc.property(fleets, ({ intensities, prices, objective, ...rest }) => {
        const fleet = fleetOf(intensities, {
          ...rest,
          valuation: valuation(prices, { objective, carbonPricePerKg: 0.3, wattsPerReplica: 200 }),
        });
        // 200 W, and 0.3 per kg of what they emit.
        const costs = prices.map((each, cluster) =>
          each.map((perKwh, hour) => {
            const carbon = objective === 'blended' ? (0.3 * (intensities[cluster]?.[hour] ?? 0)) / 1000 : 0;
            return 0.2 * (perKwh + carbon);
          }),
        );
        const least = accountOf(fleet, optimum(fleet)).cost;
        expect(least).toBeCloseTo(bruteForce(fleet, costs), 8);
        for (const policy of [even, bestStatic, greedy, hysteresis]) {
          expect(accountOf(fleet, policy(fleet)).cost).toBeGreaterThanOrEqual(least - 1e-9);
        }
        expect(accountOf(fleet, windvane(fleet, idealProfile(fleet))).cost).toBeGreaterThanOrEqual(
          least - 1e-9,
        );
      }),
      { numRuns: 60 },
    );
  });

  it('is run by the same engine: it follows prices, and tells the carbon too', () => {
    const [cheapAtNight = [], flat = []] = waves(2, 6);
    const prices = [cheapAtNight.map((_, hour) => (hour % 24 < 8 ? 0.1 : 0.5)), flat.map(() => 0.3)];
    const result = simulateFleet(fleetOf([cheapAtNight, flat], { valuation: valuation(prices) }), {});
    expect(result.objective).toBe('cost');
    expect(result.policies.windvane.regretPercent).toBeLessThan(1);
    expect(result.policies.windvane.costPerHour).toBeLessThan(result.policies.bestStatic.costPerHour ?? 0);
    expect(result.policies.windvane.gramsPerKwh).toBeGreaterThan(0);
    expect(simulateFleet(fleetOf([cheapAtNight, flat]), {}).policies.even).not.toHaveProperty('costPerHour');
  });
});
