import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createCsvPrices, DAY, HOUR, ProviderError } from '../../src/index.ts';
import { NOON } from '../support/fixtures.ts';
import { priceConformance } from './price-conformance.ts';

const HEADER = 'timestamp_utc,zone,price_per_kwh';
const iso = (at: number): string => new Date(at).toISOString();
const day = [
  HEADER,
  ...Array.from({ length: 24 }, (_, i) => `${iso(NOON + i * HOUR)},DE,${(i - 3) / 100}`),
].join('\n');

const perKwh = (text: string, more: { validFor?: number } = {}) =>
  createCsvPrices({ unit: 'kWh', currency: 'EUR', csv: { text, name: 'power.csv' }, ...more });

describe('prices from a CSV file', () => {
  describe('conformance', () => {
    priceConformance(async () => ({ source: perKwh(day), key: 'DE', unknown: 'FR', at: NOON }));
  });

  it('keep negative prices and zero', async () => {
    const { prices } = await perKwh(day).hourly('DE', NOON, NOON + 5 * HOUR);
    expect(prices).toEqual([-0.03, -0.02, -0.01, 0, 0.01]);
  });

  it('are null in an hour without a row', async () => {
    const text = `${HEADER}\n${iso(NOON + 2 * HOUR)},DE,0.2\n${iso(NOON)},DE,0.1`;
    expect((await perKwh(text).hourly('DE', NOON - HOUR, NOON + 4 * HOUR)).prices).toEqual([
      null,
      0.1,
      null,
      0.2,
      null,
    ]);
  });

  it('hold until the next row when they are a list of changes, but not for ever', async () => {
    const text = `timestamp_utc,cluster,price_per_replica_hour\n${iso(NOON)},spot,0.01\n${iso(NOON + 3 * HOUR)},spot,0.02`;
    const source = createCsvPrices({
      unit: 'replica-hour',
      currency: 'USD',
      csv: { text },
      validFor: 5 * HOUR,
    });
    const { prices } = await source.hourly('spot', NOON - HOUR, NOON + DAY);
    expect(prices.slice(0, 10)).toEqual([null, 0.01, 0.01, 0.01, 0.02, 0.02, 0.02, 0.02, 0.02, null]);
    expect(source.unit).toBe('replica-hour');
  });

  it('know what they cover once they are loaded', async () => {
    const source = perKwh(day);
    await source.load();
    expect(source.covers('DE')).toBe(true);
    expect(source.covers('FR')).toBe(false);
  });

  it('read a file from disk', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'windvane-prices-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'prices.csv');
    writeFileSync(path, `\uFEFF${day.replaceAll('\n', '\r\n')}\r\n`);
    const source = createCsvPrices({ unit: 'kWh', currency: 'EUR', csv: { path } });
    expect((await source.hourly('DE', NOON, NOON + HOUR)).prices).toEqual([-0.03]);
  });

  it('follow a file that changes, and do without one that is broken only until it is mended', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'windvane-prices-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'spot.csv');
    const write = (text: string): void => {
      writeFileSync(`${path}.new`, text);
      renameSync(`${path}.new`, path);
    };
    const source = createCsvPrices({ unit: 'kWh', currency: 'EUR', csv: { path } });
    const price = async (key: string): Promise<unknown> =>
      (await source.hourly(key, NOON, NOON + HOUR)).prices[0];
    write(`${HEADER}\n${iso(NOON)},DE,0.1\n`);
    expect(await price('DE')).toBe(0.1);
    expect(source.covers('FR')).toBe(false);
    write(`${HEADER}\n${iso(NOON)},DE,0.25\n${iso(NOON)},FR,0.3\n`);
    await source.load();
    expect(source.covers('FR')).toBe(true);
    expect([await price('DE'), await price('FR')]).toEqual([0.25, 0.3]);
    write(`${HEADER}\n${iso(NOON)},DE,cheap\n`);
    await expect(price('DE')).rejects.toThrow('line 2, column price_per_kwh');
    expect(source.covers('FR')).toBe(true);
    write(`${HEADER}\n${iso(NOON)},DE,0.5\n`);
    expect(await price('DE')).toBe(0.5);
    rmSync(path);
    await expect(price('DE')).rejects.toBeInstanceOf(ProviderError);
  });

  const row = (line: string): string => `${HEADER}\n${iso(NOON)},DE,0.1\n${line}`;
  const at = iso(NOON + HOUR);
  const mistakes: readonly (readonly [name: string, text: string, message: string])[] = [
    [
      'local time',
      row('2022-06-01T13:00,DE,0.1'),
      'line 3, column timestamp_utc: "2022-06-01T13:00" is not valid; write a UTC instant',
    ],
    ['half an hour', row('2022-06-01T13:30:00Z,DE,0.1'), 'line 3, column timestamp_utc'],
    ['no zone', row(`${at},,0.1`), 'line 3, column zone: the value is missing; write the zone'],
    ['quotes', row(`${at},"DE",0.1`), 'line 3, column zone: ""DE"" is not valid; write it without quotes'],
    ['no price', row(`${at},DE,`), 'line 3, column price_per_kwh: the value is missing; write a number'],
    ['short row', row(`${at},DE`), 'line 3, column price_per_kwh: the value is missing'],
    [
      'word',
      row(`${at},DE,free`),
      'line 3, column price_per_kwh: "free" is not valid; write a number with a decimal point',
    ],
    ['NaN', row(`${at},DE,NaN`), 'line 3, column price_per_kwh'],
    ['endless price', row(`${at},DE,1e999`), 'line 3, column price_per_kwh'],
    ['hexadecimal', row(`${at},DE,0x10`), 'line 3, column price_per_kwh'],
    [
      'decimal comma',
      row(`${at},DE,0,25`),
      'line 3, after column price_per_kwh: 4 fields where the header has 3; write decimals with a point',
    ],
    ['hour given twice', row(`${iso(NOON)},DE,0.2`), 'line 3, column timestamp_utc'],
    ['missing column', 'timestamp_utc,zone,price\n', 'line 1: column price_per_kwh is missing'],
    ['empty file', '', 'line 1: the file is empty; the header must be "timestamp_utc,zone,price_per_kwh"'],
  ];
  it.each(mistakes)('name file, line, column and remedy of a mistake: %s', async (_name, text, message) => {
    const error = await perKwh(text)
      .load()
      .then(
        () => null,
        (reason: unknown) => reason,
      );
    expect(error).toBeInstanceOf(ProviderError);
    expect(String(error)).toContain('power.csv');
    expect(String(error)).toContain(message);
  });

  it('name a file that is not there', async () => {
    const source = createCsvPrices({ unit: 'kWh', currency: 'EUR', csv: { path: '/nowhere/prices.csv' } });
    await expect(source.load()).rejects.toThrow('cannot read prices.csv');
  });
});
