import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  createReplayProvider,
  DAY,
  HOUR,
  MINUTE,
  ProviderError,
  type ReplayOptions,
} from '../../src/index.ts';
import { MARGINAL_DIRECT, NOON } from '../support/fixtures.ts';
import { providerConformance } from './conformance.ts';

const HEADER = 'timestamp_utc,zone,carbon_intensity_g_per_kwh';
const FORECAST_HEADER = 'issued_at,target_time,zone,forecast';

const iso = (at: number): string => new Date(at).toISOString();

/** Rows of one zone, one per hour up to noon and some beyond, valued by their distance from noon. */
const csv = [HEADER, ...[-3, -2, -1, 0, 1].map((h) => `${iso(NOON + h * HOUR)},DE,${300 + h}`)].join('\n');

const forecasts = [
  FORECAST_HEADER,
  ...[0, 1, 2, 3].map((h) => `${iso(NOON - 2 * HOUR)},${iso(NOON + h * HOUR)},DE,${200 + h}`),
  ...[1, 2].map((h) => `${iso(NOON + HOUR)},${iso(NOON + h * HOUR)},DE,${400 + h}`),
].join('\n');

const provider = (text = csv, more: Partial<ReplayOptions> = {}) =>
  createReplayProvider({ csv: { text, name: 'grid.csv' }, ...more });

async function messageOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ProviderError);
  return error instanceof Error ? error.message : '';
}

describe('replay provider', () => {
  providerConformance(async () => ({
    provider: provider(csv, { forecasts: { text: forecasts } }),
    zone: 'DE',
    at: NOON + 30 * MINUTE,
    unknown: 'FR',
  }));

  it('tells the value of the hour that runs, and nothing later', async () => {
    const reading = await provider().latest('DE', NOON + 59 * MINUTE);
    expect(reading).toMatchObject({
      gramsPerKwh: 300,
      validFrom: NOON,
      validTo: NOON + HOUR,
      estimated: false,
    });
    expect((await provider().latest('DE', NOON - 1)).gramsPerKwh).toBe(299);
  });

  it('tells the last value there is after the end of the file', async () => {
    const reading = await provider().latest('DE', NOON + DAY);
    expect(reading).toMatchObject({ gramsPerKwh: 301, validTo: NOON + 2 * HOUR });
  });

  it('has no data before the file begins', async () => {
    expect(await messageOf(provider().latest('DE', NOON - DAY))).toContain('grid.csv starts after');
  });

  it('gives half-open history', async () => {
    const history = await provider().history('DE', NOON - 2 * HOUR, NOON);
    expect(history.map(({ gramsPerKwh }) => gramsPerKwh)).toEqual([298, 299]);
  });

  it('declares the pair that it was given', async () => {
    const marginal = provider(csv, { pair: MARGINAL_DIRECT });
    expect(await marginal.latest('DE', NOON)).toMatchObject(MARGINAL_DIRECT);
  });

  it('says what the file holds', async () => {
    const text = `${csv}\n${iso(NOON + 5 * HOUR)},IN-MH,700\n`;
    expect(await provider(text).load()).toEqual({
      zones: ['DE', 'IN-MH'],
      from: NOON - 3 * HOUR,
      to: NOON + 6 * HOUR,
    });
  });

  it('covers the zones of the file, in the list or not, once it was read', async () => {
    const replay = provider(`${HEADER}\n${iso(NOON)},IN-MH,700`);
    await replay.load();
    expect(replay.covers('IN-MH')).toBe(true);
    expect(replay.covers('DE')).toBe(false);
  });

  it('takes columns in any order, Windows line ends and rows out of order', async () => {
    const text = `zone,extra,carbon_intensity_g_per_kwh,timestamp_utc\r\nDE,x,12,${iso(NOON)}\r\nDE,x,11,${iso(NOON - HOUR)}\r\n`;
    const history = await provider(text).history('DE', 0, NOON + HOUR);
    expect(history.map(({ gramsPerKwh }) => gramsPerKwh)).toEqual([11, 12]);
  });

  describe('forecasts', () => {
    const replay = provider(csv, { forecasts: { text: forecasts } });
    const grams = async (at: number, horizon = DAY) =>
      (await replay.forecast('DE', at, horizon))?.points.map(({ gramsPerKwh }) => gramsPerKwh) ?? null;

    it('are the newest that was issued by the moment asked', async () => {
      expect(await grams(NOON)).toEqual([200, 201, 202, 203]);
      expect(await grams(NOON + HOUR - 1)).toEqual([200, 201, 202, 203]);
      expect(await grams(NOON + HOUR)).toEqual([401, 402]);
    });

    it('end at the horizon', async () => {
      expect(await grams(NOON, 2 * HOUR)).toEqual([200, 201]);
    });

    it('are null before the first issue, after the last point and without a file', async () => {
      expect(await grams(NOON - 3 * HOUR)).toBeNull();
      expect(await grams(NOON + DAY)).toBeNull();
      expect(await provider().forecast('DE', NOON, DAY)).toBeNull();
    });

    it('end at a gap', async () => {
      const text = [
        FORECAST_HEADER,
        ...[0, 1, 3].map((h) => `${iso(NOON)},${iso(NOON + h * HOUR)},DE,9`),
      ].join('\n');
      const gappy = provider(csv, { forecasts: { text } });
      expect((await gappy.forecast('DE', NOON, DAY))?.points).toHaveLength(2);
    });

    it('are never of the past of their issue', async () => {
      const text = `${FORECAST_HEADER}\n${iso(NOON)},${iso(NOON - HOUR)},DE,5`;
      const broken = provider(csv, { forecasts: { text, name: 'ahead.csv' } });
      expect(await messageOf(broken.load())).toContain('ahead.csv line 2, column target_time');
    });
  });

  describe('a malformed file', () => {
    it.each([
      [
        'an unreadable time',
        `${HEADER}\nyesterday,DE,300`,
        'line 2, column timestamp_utc: "yesterday" is not valid; write a UTC instant',
      ],
      ['a local time', `${HEADER}\n2022-06-01T12:00:00,DE,300`, 'line 2, column timestamp_utc'],
      ['a day that does not exist', `${HEADER}\n2022-02-30T12:00:00Z,DE,300`, 'line 2, column timestamp_utc'],
      ['a half hour', `${HEADER}\n2022-06-01T12:30:00Z,DE,300`, 'rows are hourly'],
      ['no zone', `${HEADER}\n2022-06-01T12:00:00Z,,300`, 'line 2, column zone: the value is missing'],
      [
        'no value',
        `${HEADER}\n2022-06-01T12:00:00Z,DE,`,
        'column carbon_intensity_g_per_kwh: the value is missing',
      ],
      [
        'a short row',
        `${HEADER}\n2022-06-01T12:00:00Z,DE`,
        'column carbon_intensity_g_per_kwh: the value is missing',
      ],
      [
        'a decimal comma',
        `${HEADER}\n2022-06-01T12:00:00Z,DE,300,5`,
        'after column carbon_intensity_g_per_kwh: 4 fields where the header has 3; write decimals with a point',
      ],
      ['a word', `${HEADER}\n2022-06-01T12:00:00Z,DE,clean`, '"clean" is not valid; write gCO2eq per kWh'],
      ['NaN', `${HEADER}\n2022-06-01T12:00:00Z,DE,NaN`, '"NaN" is not valid'],
      ['a negative value', `${HEADER}\n2022-06-01T12:00:00Z,DE,-4`, '"-4" is not valid'],
      ['zero', `${HEADER}\n2022-06-01T12:00:00Z,DE,0`, '"0" is not valid'],
      ['an absurd value', `${HEADER}\n2022-06-01T12:00:00Z,DE,1000000`, '"1000000" is not valid'],
      [
        'an hour given twice',
        `${csv}\n${iso(NOON)},DE,9`,
        'line 7, column timestamp_utc: "2022-06-01T12:00:00.000Z" is not valid; zone DE has this hour twice',
      ],
      [
        'no such column',
        'time,zone,grams\n',
        `line 1: column timestamp_utc is missing; the header must be "${HEADER}"`,
      ],
      ['nothing', '', 'the file is empty'],
    ])('with %s is one clear line', async (_name, text, expected) => {
      const message = await messageOf(provider(text).latest('DE', NOON));
      expect(message).toContain(`replay: grid.csv line `);
      expect(message).toContain(expected);
      expect(message).not.toContain('\n');
    });

    it('that is not there is named with the remedy', async () => {
      const replay = createReplayProvider({ csv: { path: '/nonexistent/grid.csv' } });
      const message = await messageOf(replay.load());
      expect(message).toContain('cannot read grid.csv');
      expect(message).toContain('check the path');
    });
  });

  it('reads plain and packed files from disk', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'windvane-replay-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'grid.csv'), csv);
    writeFileSync(join(folder, 'ahead.csv.gz'), gzipSync(forecasts));
    const replay = createReplayProvider({
      csv: { path: join(folder, 'grid.csv') },
      forecasts: { path: join(folder, 'ahead.csv.gz') },
    });
    expect((await replay.latest('DE', NOON)).gramsPerKwh).toBe(300);
    expect((await replay.forecast('DE', NOON, DAY))?.points).toHaveLength(4);
  });

  const traces = resolve(import.meta.dirname, '../../../../../shared/traces');
  const absent = !existsSync(join(traces, 'intensity.csv'));
  it.skipIf(absent)(
    `reads a year of twelve zones${absent ? ': no shared/traces here' : ''}`,
    async () => {
      const replay = createReplayProvider({
        csv: { path: join(traces, 'intensity.csv') },
        forecasts: { path: join(traces, 'forecasts_48h.csv.gz') },
      });
      const { zones, from, to } = await replay.load();
      expect(zones).toHaveLength(12);
      expect((to - from) / HOUR).toBe(8760);
      const year = await replay.history('DE', from, to);
      expect(year).toHaveLength(8760);
      const forecast = await replay.forecast('DE', NOON, 2 * DAY);
      expect(forecast?.issuedAt).toBe(NOON - 12 * HOUR);
      expect(forecast?.points).toHaveLength(36);
      // A year of forecasts is much to read on a busy machine.
    },
    180_000,
  );
});
