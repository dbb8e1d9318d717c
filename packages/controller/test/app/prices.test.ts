import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { priceAt, systemClock } from '@windvane/carbon-map';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPrices, type Prices } from '../../src/app/prices.ts';
import { loadConfig } from '../../src/config/config.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'windvane-prices-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function prices(content: string): Promise<Prices> {
  const path = join(folder, 'config.yaml');
  writeFileSync(path, content);
  const config = loadConfig(path, {}).prices;
  if (config === null) throw new Error('no prices in the configuration');
  return createPrices(config, systemClock);
}

const NOON = Date.UTC(2026, 5, 1, 12);

describe('prices from the configuration', () => {
  it('makes every kind of source, in the order written', async () => {
    writeFileSync(
      join(folder, 'spot.csv'),
      'timestamp_utc,cluster,price_per_replica_hour\n2026-06-01T12:00Z,blue,0.02\n',
    );
    const made = await prices(`
prices:
  currency: EUR
  carbonPricePerKg: 0.08
  electricity:
    - { type: static, prices: { DE: 0.2 } }
    - type: time-of-use
      tariffs: { FR: { timeZone: Europe/Paris, periods: [{ price: 0.3, from: "07:00", to: "22:00", days: [mon] }], otherwise: 0.1 } }
    - { type: energy-charts, baseUrl: "http://127.0.0.1:1" }
  clusters:
    - { type: csv, file: spot.csv, validFor: 2h }
    - { type: static, prices: { red: 0.05 } }
`);
    expect([made.currency, made.carbonPricePerKg]).toEqual(['EUR', 0.08]);
    expect(made.electricity.map(({ name }) => name)).toEqual(['static', 'time-of-use', 'energy-charts']);
    const now = async (sources: Prices['electricity'] | Prices['clusters'], key: string) => {
      const source = sources.find((each) => each.covers(key));
      return source === undefined ? null : priceAt(await source.hourly(key, NOON, NOON + 1), NOON);
    };
    expect(await now(made.electricity, 'DE')).toBe(0.2);
    expect(await now(made.electricity, 'FR')).toBeCloseTo(0.3);
    expect(await now(made.clusters, 'blue')).toBe(0.02);
    expect(await now(made.clusters, 'red')).toBe(0.05);
    expect(await now(made.clusters, 'green')).toBe(null);
  });

  it.each([
    ['{ currency: euro }', /prices\.currency: write an ISO 4217 code/],
    ['{ currency: EUR, carbonPricePerKg: -1 }', /carbonPricePerKg: must not be negative/],
    [
      '{ currency: EUR, electricity: [{ type: spot }] }',
      /type must be static, time-of-use, energy-charts or csv/,
    ],
    [
      '{ currency: USD, electricity: [{ type: energy-charts }] }',
      /prices\.electricity\[0\]: its prices are in EUR/,
    ],
    ['{ currency: EUR, clusters: [{ type: csv, file: none.csv }] }', /^prices\.clusters\[0\]: .*none\.csv/],
    [
      '{ currency: EUR, electricity: [{ type: time-of-use, tariffs: { FR: { timeZone: Mars/One, periods: [] } } }] }',
      /^prices\.electricity\[0\]: .*FR.*Mars\/One/,
    ],
  ])('%s', async (content, message) => {
    await expect(prices(`prices: ${content}`)).rejects.toThrow(message);
  });
});
