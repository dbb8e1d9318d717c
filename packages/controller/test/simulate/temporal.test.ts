import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readJobs } from '../../src/simulate/jobs-file.ts';
import { renderTemporal } from '../../src/simulate/render.ts';
import { runTemporal } from '../../src/simulate/simulate.ts';
import { regularJobs, simulateJobs } from '../../src/simulate/temporal.ts';
import { fleetOf, START, waves } from './fleets.ts';

async function jobsFile(lines: readonly unknown[]): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'jobs-')), 'jobs.jsonl');
  await writeFile(
    path,
    lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
  );
  return path;
}

const good = {
  id: 'one',
  createdAt: '2022-01-02T00:30:00Z',
  startBy: '2022-01-02T12:30:00Z',
  duration: '90m',
  cluster: 'b',
};

describe('simulateJobs', () => {
  const fleet = fleetOf(waves(2, 20), { from: START + 48 });
  const jobs = regularJobs(fleet, 6, 24);

  it('creates one job every five hours in each cluster while its window fits', () => {
    expect(jobs).toHaveLength(2 * (Math.floor((18 * 24 - 30) / 5) + 1));
    expect(jobs[1]).toMatchObject({
      createdAt: fleet.from + 5,
      startBy: fleet.from + 29,
      hours: 6,
      roams: false,
    });
  });

  it('starts every job in time, and orders the policies as they must be', () => {
    const { policies, late, captureRatio, jobs: count } = simulateJobs(fleet, jobs);
    expect(count).toBe(jobs.length);
    expect(late).toBe(0);
    expect(policies.runNow.savingPercent).toBe(0);
    expect(policies.optimum.gramsPerKwh).toBeLessThanOrEqual(policies.window.gramsPerKwh);
    expect(policies.window.gramsPerKwh).toBeLessThan(policies.runNow.gramsPerKwh);
    expect(captureRatio).toBeCloseTo(policies.window.savingPercent / policies.optimum.savingPercent, 9);
    expect(captureRatio).toBeGreaterThan(0.7);
  });

  it('saves more when jobs may roam', () => {
    const roaming = simulateJobs(
      fleet,
      jobs.map((job) => ({ ...job, roams: true })),
    );
    const bound = simulateJobs(fleet, jobs);
    expect(roaming.policies.optimum.gramsPerKwh).toBeLessThanOrEqual(bound.policies.optimum.gramsPerKwh);
    expect(roaming.policies.window.gramsPerKwh).toBeLessThan(bound.policies.window.gramsPerKwh);
  });

  it('has nothing to capture on a flat grid', () => {
    const flat = fleetOf([Array.from({ length: 96 }, () => 100)]);
    expect(simulateJobs(flat, regularJobs(flat, 2, 5))).toMatchObject({ captureRatio: 0, late: 0 });
  });

  it('renders for people', () => {
    const text = renderTemporal(simulateJobs(fleet, jobs));
    expect(text).toContain(`${jobs.length} jobs, 0 late`);
    expect(text).toMatch(/Windvane takes \d+\.\d % of what is possible\./);
  });
});

describe('jobs from files', () => {
  const fleet = fleetOf(waves(2, 4));

  it('reads JSON lines in whole hours', async () => {
    const [job] = await readJobs(await jobsFile([good, '']), fleet);
    expect(job).toEqual({
      id: 'one',
      createdAt: START + 25,
      startBy: START + 36,
      hours: 1.5,
      home: 1,
      roams: true,
    });
  });

  it.each([
    ['{', 'line 1: not a JSON object'],
    [{ ...good, id: undefined }, 'id is missing'],
    [{ ...good, createdAt: 'soon' }, 'createdAt is not an instant'],
    [{ ...good, startBy: '2022-01-02T00:00Z' }, 'startBy is before createdAt; write when the job has to'],
    [{ ...good, duration: 'long' }, 'duration "long"'],
    [{ ...good, cluster: 'z' }, 'cluster z is not among --clusters'],
    [{ ...good, startBy: '2023-01-01T00:00Z' }, 'the traces do not hold'],
    ['', 'holds no job'],
  ])('names what is wrong with %j', async (line, message) => {
    await expect(readJobs(await jobsFile([line]), fleet)).rejects.toThrow(message);
  });

  it('runs from options', async () => {
    const rows = ['timestamp_utc,zone,carbon_intensity_g_per_kwh'];
    for (const [zone, values] of waves(2, 6).entries()) {
      for (const [hour, value] of values.entries()) {
        rows.push(`${new Date((START + hour) * 3_600_000).toISOString()},Z${zone},${value}`);
      }
    }
    const traces = join(await mkdtemp(join(tmpdir(), 'temporal-')), 'intensity.csv');
    await writeFile(traces, rows.join('\n'));
    const clusters = [
      { name: 'a', zone: 'Z0' },
      { name: 'b', zone: 'Z1' },
    ];
    const regular = await runTemporal({ traces, clusters, jobDuration: 7_200_000, slack: 36_000_000 });
    expect(regular.jobs).toBe(2 * (Math.floor((144 - 12) / 5) + 1));
    expect(await runTemporal({ traces, clusters, jobs: await jobsFile([good]) })).toMatchObject({
      jobs: 1,
      late: 0,
    });
    await expect(runTemporal({ traces, clusters, jobDuration: 3_600_000, slack: 9e9 })).rejects.toThrow(
      'no job fits',
    );
    await expect(runTemporal({ traces, clusters, jobs: '/nowhere' })).rejects.toThrow('cannot be read');
  });
});
