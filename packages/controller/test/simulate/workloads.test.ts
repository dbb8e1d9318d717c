import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderWorkloads } from '../../src/simulate/render.ts';
import { runSimulate } from '../../src/simulate/simulate.ts';
import { runWorkloads } from '../../src/simulate/workloads.ts';
import { readWorkloads } from '../../src/simulate/workloads-file.ts';
import { START, waves } from './fleets.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'workloads-'));
  const [a = [], b = []] = waves(2, 4);
  const rows = a.flatMap((value, hour) => {
    const at = new Date((START + hour) * 3_600_000).toISOString();
    return [`${at},A,${value}`, `${at},B,${b[hour] ?? 0}`];
  });
  await writeFile(
    join(folder, 'intensity.csv'),
    `timestamp_utc,zone,carbon_intensity_g_per_kwh\n${rows.join('\n')}\n`,
  );
});
afterAll(() => rm(folder, { recursive: true }));

const file = async (...lines: readonly (object | string)[]) => {
  const path = join(folder, 'workloads.jsonl');
  await writeFile(
    path,
    lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
  );
  return path;
};
const options = () => ({
  traces: join(folder, 'intensity.csv'),
  clusters: [
    { name: 'a', zone: 'A' },
    { name: 'b', zone: 'B' },
  ],
});

describe('readWorkloads', () => {
  it('fills in what is not said', async () => {
    const path = await file({ name: 'web' }, '', {
      name: 'batch',
      replicas: 4,
      watts: 250,
      clusters: ['b'],
      moveCost: '0',
      maxShare: 50,
    });
    expect(await readWorkloads(path, ['a', 'b'])).toEqual([
      {
        name: 'web',
        replicas: 1,
        watts: 100,
        clusters: null,
        objective: null,
        moveHours: null,
        maxSharePercent: null,
      },
      {
        name: 'batch',
        replicas: 4,
        watts: 250,
        clusters: ['b'],
        objective: null,
        moveHours: 0,
        maxSharePercent: 50,
      },
    ]);
  });

  it.each([
    ['{', /line 1: not a JSON object/],
    [[{ name: 'a' }], /line 1: not a JSON object; write one on each line/],
    [{}, /line 1: name is missing/],
    [{ name: 'a', replica: 1 }, /replica is unknown; write name, replicas/],
    [{ name: 'a', replicas: 0 }, /replicas must be a whole number/],
    [{ name: 'a', watts: -1 }, /watts must be a number above 0/],
    [{ name: 'a', objective: 'speed' }, /objective must be carbon, cost or blended/],
    [{ name: 'a', moveCost: 30 }, /moveCost must be a duration/],
    [{ name: 'a', maxShare: 101 }, /maxShare must be a whole percent/],
    [{ name: 'a', clusters: ['z'] }, /cluster z is not among --clusters/],
  ])('refuses %j', async (line, message) => {
    await expect(readWorkloads(await file(line), ['a', 'b'])).rejects.toThrow(message);
  });

  it('refuses an empty file and a name that stands twice', async () => {
    await expect(readWorkloads(await file(''), ['a'])).rejects.toThrow(/holds no workload/);
    await expect(readWorkloads(await file({ name: 'a' }, { name: 'a' }), ['a'])).rejects.toThrow(
      /two workloads are named a/,
    );
  });
});

describe('runWorkloads', () => {
  it('gives each workload what it would get alone, and sums up their carbon by power', async () => {
    const path = await file(
      { name: 'web', replicas: 3 },
      { name: 'copy', replicas: 3 },
      { name: 'home', watts: 200, clusters: ['b'] },
    );
    const result = await runWorkloads(path, options());
    const alone = await runSimulate(options());
    expect(result.workloads.map(({ name }) => name)).toEqual(['web', 'copy', 'home']);
    expect(result.workloads[0]?.policies).toEqual(alone.policies);
    expect(result.workloads[1]?.policies).toEqual(alone.policies);
    const home = result.workloads[2]?.policies.windvane;
    expect(home).toMatchObject({ movesPerWeek: 0, savingPercent: 0 });
    const kilograms =
      (alone.hours * (6 * 0.1 * alone.policies.windvane.gramsPerKwh + 0.2 * (home?.gramsPerKwh ?? 0))) / 1000;
    expect(result.policies.windvane.kilograms).toBeCloseTo(kilograms, 9);
    expect(result.policies.even.savingPercent).toBe(0);
    expect(renderWorkloads(result)).toContain('3 workloads over 96 hours');
  });

  it('says whose fault it is', async () => {
    const path = await file({ name: 'web', maxShare: 40 });
    await expect(runWorkloads(path, options())).rejects.toThrow(
      /workload web: --max-share 40 leaves work over/,
    );
    const priced = await file({ name: 'web', objective: 'cost' });
    await expect(runWorkloads(priced, options())).rejects.toThrow(
      /workload web: --objective cost needs --prices/,
    );
  });
});
