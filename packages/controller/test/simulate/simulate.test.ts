import { existsSync } from 'node:fs';
import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createExpectations } from '../../src/simulate/expectations.ts';
import { renderSimulation } from '../../src/simulate/render.ts';
import { runSimulate, simulateFleet } from '../../src/simulate/simulate.ts';
import { idealProfile, productionProfile, windvane } from '../../src/simulate/windvane.ts';
import { fleetOf, START, waves } from './fleets.ts';

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'simulate-')), name);
  await writeFile(path, content);
  return path;
}

const CLUSTERS = [
  { name: 'one', zone: 'DE' },
  { name: 'two', zone: 'FR' },
];

function csvOf(values: readonly (readonly number[])[], zones: readonly string[]): string {
  const rows = ['timestamp_utc,zone,carbon_intensity_g_per_kwh'];
  for (const [index, zone] of zones.entries()) {
    for (const [hour, value] of (values[index] ?? []).entries()) {
      rows.push(`${new Date((START + hour) * 3_600_000).toISOString()},${zone},${value}`);
    }
  }
  return rows.join('\n');
}

describe('the engine in a simulation', () => {
  it('decides by the past alone: scrambling the future changes no decision before it', () => {
    const days = 12;
    const turn = 9 * 24 + 5;
    const truth = waves(3, days);
    const other = waves(3, days, 99);
    const scrambled = truth.map((values, cluster) =>
      values.map((value, hour) => (hour < turn ? value : (other[cluster]?.[hour] ?? 0))),
    );
    for (const rest of [{}, { lag: 1 }, { maxSharePercent: 50 }]) {
      const [one, two] = [fleetOf(truth, rest), fleetOf(scrambled, rest)];
      const before = windvane(one, idealProfile(one)).shares.slice(0, turn * 3);
      expect(windvane(two, idealProfile(two)).shares.slice(0, turn * 3)).toEqual(before);
      expect(new Set(before).size).toBeGreaterThan(1);
    }
  });

  it('expects nothing that it could not know: not even the next hour shows through', () => {
    const [truth = []] = waves(1, 12);
    for (const turn of [200, 217, 240]) {
      const later = truth.map((value, hour) => (hour < turn ? value : 999 - value));
      const [one, two] = [fleetOf([truth]), fleetOf([later])].map((fleet) => createExpectations(fleet));
      for (let hour = 0; hour < turn; hour++) {
        expect(two?.(START + hour)).toEqual(one?.(START + hour));
      }
      expect(two?.(START + turn)).not.toEqual(one?.(START + turn));
    }
  });

  it('does not depend on the order of the clusters', () => {
    const values = waves(3, 6);
    const one = simulateFleet(fleetOf(values), {});
    const fleet = fleetOf(values);
    const turned = {
      ...fleet,
      clusters: fleet.clusters.toReversed(),
      actual: fleet.actual.toReversed(),
      traces: fleet.traces.toReversed(),
      forecasts: fleet.forecasts.toReversed(),
    };
    expect(simulateFleet(turned, {}).policies.windvane.gramsPerKwh).toBeCloseTo(
      one.policies.windvane.gramsPerKwh,
      9,
    );
  });

  it('obeys max-share and keeps all of the demand somewhere', () => {
    const fleet = fleetOf(waves(3, 6), { maxSharePercent: 50 });
    const { shares } = windvane(fleet, idealProfile(fleet));
    for (let hour = 0; hour < 6 * 24; hour++) {
      const row = shares.slice(hour * 3, hour * 3 + 3);
      expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
      expect(Math.max(...row)).toBeLessThanOrEqual(0.5);
    }
  });

  it('beats greedy and comes close to the optimum on regular days', () => {
    const { policies } = simulateFleet(fleetOf(waves(3, 30), { from: START + 10 * 24 }), {});
    expect(policies.windvane.gramsPerKwh).toBeLessThan(policies.greedy.gramsPerKwh);
    expect(policies.windvane.gramsPerKwh).toBeLessThan(policies.bestStatic.gramsPerKwh);
    expect(policies.windvane.regretPercent).toBeLessThan(3);
  });

  it('takes steps, keeps floors and counts moves under the production profile', () => {
    const fleet = fleetOf(waves(3, 8));
    const profile = productionProfile(fleet, 20);
    const { shares, slotsPerHour } = windvane(fleet, profile);
    expect(Math.max(...shares.slice(0, 3))).toBeLessThan(0.7);
    for (let slot = 1; slot < 8 * 24 * slotsPerHour; slot++) {
      let gained = 0;
      for (let cluster = 0; cluster < 3; cluster++) {
        const share = shares[slot * 3 + cluster] ?? 0;
        expect(share).toBeGreaterThanOrEqual(1 / 20 - 1e-9);
        gained += Math.max(0, share - (shares[(slot - 1) * 3 + cluster] ?? 0));
      }
      expect(gained).toBeLessThanOrEqual(0.25 + 1e-9);
    }
    const seen: number[] = [];
    windvane(fleet, profile, (done) => seen.push(done));
    expect(seen.at(-1)).toBe(8 * 24);
  });
});

describe('runSimulate', () => {
  it('gives the figures of every policy from files, gzipped ones too', async () => {
    const text = csvOf(waves(2, 5), ['DE', 'FR']);
    const traces = await file('intensity.csv.gz', gzipSync(text));
    const forecasts = await file(
      'forecasts.csv',
      'issued_at,target_time,zone,forecast\n2022-01-03T00:00Z,2022-01-03T01:00Z,DE,210\n2022-01-03T00:00Z,2022-01-03T00:00Z,XX,1\n',
    );
    const from = Date.UTC(2022, 0, 3);
    const result = await runSimulate({ traces, forecasts, clusters: CLUSTERS, from, moveCost: 3_600_000 });
    expect(result).toMatchObject({ hours: 72, clusters: CLUSTERS, moveCostHours: 1 });
    expect(Object.keys(result.policies)).toEqual([
      'even',
      'bestStatic',
      'greedy',
      'hysteresis',
      'windvane',
      'optimum',
    ]);
    expect(result.policies.even.savingPercent).toBe(0);
    expect(result.policies.optimum.regretPercent).toBeCloseTo(0, 9);
    expect(result.policies.optimum.savingPercent).toBeGreaterThan(0);
  });

  it.each([
    ['timestamp_utc,zone\n', 'column carbon_intensity_g_per_kwh is missing'],
    [
      'timestamp_utc,zone,carbon_intensity_g_per_kwh\n2022-01-01T00:00Z,DE,abc\n',
      'line 2: "abc" is not a carbon',
    ],
    ['timestamp_utc,zone,carbon_intensity_g_per_kwh\nnever,DE,5\n', '"never" is not a UTC instant'],
    ['', 'the file is empty'],
    [
      'timestamp_utc,zone,carbon_intensity_g_per_kwh\n2022-01-01T00:00Z,DE,5\n',
      'zone FR is not in the traces',
    ],
  ])('names what is wrong with %j', async (text, message) => {
    const traces = await file('bad.csv', text);
    await expect(runSimulate({ traces, clusters: CLUSTERS })).rejects.toThrow(message);
  });

  it.each([
    ['whole', [0, 60, 120], []],
    [
      'quarters',
      [0, 15, 30, 45, 60],
      ['traces.csv: hours with more than one row (DE): the last row of an hour counts'],
    ],
    ['twice', [0, 0, 60], ['traces.csv: hours with more than one row (DE): the last row of an hour counts']],
    [
      'a gap',
      [0, 300],
      ['traces.csv: 4 hours are missing (DE; at most 4 in a row): each takes the value before it'],
    ],
  ])('says what it made of rows that are not one an hour: %s', async (_, minutes, expected) => {
    const at = (minute: number) => new Date(Date.UTC(2022, 0, 1, 0, minute)).toISOString();
    const rows = minutes.map((minute) => `${at(minute)},DE,${minute + 1}\n`).join('');
    // What is wrong with a zone that takes no part is of no interest.
    const other = `${at(0)},XX,1\n${at(0)},XX,2\n${at(600)},XX,2\n`;
    const traces = await file('traces.csv', `timestamp_utc,zone,carbon_intensity_g_per_kwh\n${rows}${other}`);
    const notes: string[] = [];
    const clusters = [{ name: 'one', zone: 'DE' }];
    await runSimulate({ traces, clusters, onNote: (line) => void notes.push(line) });
    expect(notes).toEqual(expected);
  });

  it('names a broken gzip file, one that may not be read and one of a header alone', async () => {
    const ask = async (traces: string) => runSimulate({ traces, clusters: CLUSTERS });
    await expect(ask(await file('broken.csv.gz', 'no gzip'))).rejects.toThrow(
      /broken\.csv\.gz cannot be read \(Z_DATA_ERROR\); it is no gzip file, or a broken one: pack it again/,
    );
    await expect(
      ask(await file('bare.csv', 'timestamp_utc,zone,carbon_intensity_g_per_kwh\n')),
    ).rejects.toThrow('bare.csv holds a header only; write the recorded hours below it');
    if (process.getuid?.() === 0) return;
    const locked = await file('locked.csv', '');
    await chmod(locked, 0);
    await expect(ask(locked)).rejects.toThrow('(EACCES); let this user read it');
  });

  it('names a missing file, an impossible cap and an empty range', async () => {
    await expect(runSimulate({ traces: '/nowhere.csv', clusters: CLUSTERS })).rejects.toThrow(
      'cannot be read',
    );
    const traces = await file('intensity.csv', csvOf(waves(2, 2), ['DE', 'FR']));
    const ask = (rest: object) => runSimulate({ traces, clusters: CLUSTERS, ...rest });
    await expect(ask({ maxSharePercent: 40 })).rejects.toThrow('leaves work over');
    await expect(ask({ maxSharePercent: 0 })).rejects.toThrow('whole percent');
    await expect(ask({ from: Date.UTC(2023, 0, 1) })).rejects.toThrow('no hour between');
    await expect(ask({ clusters: [] })).rejects.toThrow('no clusters');
    await expect(ask({ clusters: [CLUSTERS[0], CLUSTERS[0]] })).rejects.toThrow('two clusters are named one');
  });
});

describe('renderSimulation', () => {
  it('shows every policy and says when there is little to win', () => {
    const lively = renderSimulation(simulateFleet(fleetOf(waves(3, 4)), {}));
    expect(lively).toContain('3 clusters: a (A), b (B), c (C)');
    expect(lively).toContain('96 hours; a move loses 30 min of work');
    expect(lively).toMatch(/windvane +\d+\.\d/u);
    expect(lively).not.toContain('little to win');
    const flat = renderSimulation(simulateFleet(fleetOf([Array(48).fill(100), Array(48).fill(200)]), {}));
    expect(flat).toContain('little to win');
    expect(flat).toContain('even split                    150.0');
  });
});

const TRACES = new URL('../../../../../shared/traces/intensity.csv', import.meta.url).pathname;

describe.skipIf(!existsSync(TRACES))('on real traces (skipped where ../shared/traces is absent)', () => {
  it('stays within half a percent of the optimum in four European zones over a month', async () => {
    const zones = ['DE', 'GB', 'ES', 'NL'];
    const result = await runSimulate({
      traces: TRACES,
      clusters: zones.map((zone) => ({ name: zone.toLowerCase(), zone })),
      from: Date.UTC(2022, 2, 1),
      to: Date.UTC(2022, 3, 1),
    });
    expect(result.policies.windvane.regretPercent).toBeLessThan(0.5);
    expect(result.policies.windvane.movesPerWeek).toBeLessThan(1.5 * result.policies.optimum.movesPerWeek);
  }, 60_000);
});
