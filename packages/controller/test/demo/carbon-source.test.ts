import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../../src/config/user-error.ts';
import { carbonSource } from '../../src/demo/carbon-source.ts';

const HEADER = 'timestamp_utc,zone,carbon_intensity_g_per_kwh';
let folder: string;
let csv: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'windvane-traces-'));
  csv = join(folder, 'two.csv');
  const rows = [0, 1, 2].flatMap((hour) => [
    `2022-06-01T0${hour}:00Z,DE,${300 + hour}`,
    `2022-06-01T0${hour}:00Z,FR,50`,
  ]);
  writeFileSync(csv, `${[HEADER, ...rows].join('\n')}\n`);
});
afterAll(() => rmSync(folder, { recursive: true }));

const JUNE = Date.UTC(2022, 5, 1);
const open = (
  traces: string | null,
  from: number | null,
  hours: number,
  zones = ['DE', 'FR'],
): ReturnType<typeof carbonSource> => carbonSource({ traces, from, hours }, zones);

describe('source of the demo', () => {
  it('makes days up and says so', async () => {
    const source = await open(null, null, 72);
    expect(source.provider.name).toBe('synthetic');
    expect(source.label).toContain('made-up');
    expect((await open(null, JUNE, 72)).from).toBe(JUNE);
  });

  it('replays a file from its start, or from where it is told', async () => {
    const source = await open(csv, null, 3);
    expect(source.from).toBe(JUNE);
    expect(source.label).toBe('replay of two.csv');
    expect((await source.provider.latest('DE', JUNE + 3_600_000)).gramsPerKwh).toBe(301);
    expect((await open(csv, JUNE + 3_600_000, 2)).from).toBe(JUNE + 3_600_000);
  });

  it.each([
    ['hours beyond the end', JUNE, 4],
    ['a start before the file', JUNE - 3_600_000, 1],
    ['another year', Date.UTC(2030, 0, 1), 1],
  ])('refuses %s with what the file holds', async (_, from, hours) => {
    const opening = open(csv, from, hours);
    await expect(opening).rejects.toBeInstanceOf(UserError);
    await expect(opening).rejects.toThrow(
      'which holds 2022-06-01T00:00Z to 2022-06-01T03:00Z: choose a time within it',
    );
  });

  it('names the zones that are missing', async () => {
    const opening = open(csv, null, 1, ['DE', 'ES', 'NL']);
    await expect(opening).rejects.toThrow(`${csv} has no rows for ES, NL: add them, or leave --traces out`);
    await expect(opening).rejects.toBeInstanceOf(UserError);
  });

  it.each([
    [
      'a malformed row',
      `${HEADER}\n2022-06-01T00:00Z,DE,much\n`,
      /--traces: .*line 2.*carbon_intensity_g_per_kwh.*"much"/,
    ],
    ['another header', 'time,zone,value\n', /--traces: .*line 1.*timestamp_utc/],
    ['an empty file', '', /--traces: .*empty/],
  ])('names the place of %s', async (_, content, message) => {
    const path = join(folder, 'bad.csv');
    writeFileSync(path, content);
    const opening = open(path, null, 1);
    await expect(opening).rejects.toThrow(message);
    await expect(opening).rejects.toBeInstanceOf(UserError);
  });

  it('names a file that is not there', async () => {
    await expect(open(join(folder, 'none.csv'), null, 1)).rejects.toThrow(/--traces: .*none\.csv/);
  });
});
