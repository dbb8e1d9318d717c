import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { simulateOptions, temporalOptions } from '../../src/cli/simulate.ts';
import { UserError } from '../../src/config/user-error.ts';
import { windvane } from './surroundings.ts';

const required = { traces: 'a.csv', clusters: 'a=DE' };

describe('simulate options', () => {
  it('reads them all', () => {
    expect(
      simulateOptions({
        traces: 'a.csv',
        forecasts: 'f.csv.gz',
        clusters: 'a=DE, b=FR,ES',
        moveCost: '45m',
        maxShare: '50',
        dataLag: '1h',
        from: '2022-06-01T00:00Z',
        to: '2022-07-01T00:00Z',
        profile: 'production',
        replicas: '12',
      }),
    ).toEqual({
      traces: 'a.csv',
      forecasts: 'f.csv.gz',
      clusters: [
        { name: 'a', zone: 'DE' },
        { name: 'b', zone: 'FR' },
        { name: 'ES', zone: 'ES' },
      ],
      moveCost: 2_700_000,
      maxSharePercent: 50,
      dataLag: 3_600_000,
      from: Date.UTC(2022, 5, 1),
      to: Date.UTC(2022, 6, 1),
      profile: 'production',
      replicas: 12,
    });
  });

  it('reads prices and what is counted', () => {
    const priced = { ...required, prices: 'p.csv' };
    expect(simulateOptions({ ...priced, objective: 'blended', carbonPrice: '0.08' })).toMatchObject({
      objective: 'blended',
      prices: 'p.csv',
      carbonPricePerKg: 0.08,
    });
    // The workloads of a file may count money.
    expect(simulateOptions({ ...priced, workloads: 'w.jsonl' })).toMatchObject({ prices: 'p.csv' });
  });

  it('leaves out what was not written', () => {
    expect(simulateOptions(required)).toEqual({ traces: 'a.csv', clusters: [{ name: 'a', zone: 'DE' }] });
  });

  it.each([
    [{ clusters: 'a=DE' }, /--traces is missing/],
    [{ traces: 'a.csv' }, /--clusters is missing/],
    [{ ...required, clusters: 'a=' }, /--clusters: "a=" cannot be read/],
    [{ ...required, clusters: 'a=DE,,b=FR' }, /--clusters: "" cannot be read/],
    [{ ...required, clusters: 'a=DE,a=FR' }, /the name "a" stands twice/],
    [{ ...required, moveCost: 'soon' }, /--move-cost: "soon" is not a duration/],
    [{ ...required, maxShare: '0' }, /--max-share: "0" cannot be used: write a whole number from 1 to 100/],
    [{ ...required, from: 'June' }, /--from: "June" is not an instant/],
    [{ ...required, profile: 'real' }, /--profile: "real" is unknown/],
    [{ ...required, slack: '24h' }, /--slack belongs to --temporal/],
    [{ ...required, objective: 'speed' }, /--objective: "speed" is unknown/],
    [{ ...required, objective: 'cost' }, /--objective cost needs --prices/],
    [{ ...required, objective: 'blended', prices: 'p.csv' }, /needs --carbon-price/],
    [{ ...required, objective: 'cost', prices: 'p.csv', carbonPrice: '1' }, /--carbon-price says nothing/],
    [{ ...required, prices: 'p.csv' }, /--prices says nothing under --objective carbon/],
    [
      { ...required, objective: 'blended', prices: 'p.csv', carbonPrice: '-1' },
      /--carbon-price: "-1" cannot/,
    ],
    [{ ...required, replicas: '3' }, /--replicas says nothing without --profile production/],
    [
      { ...required, profile: 'ideal', replicas: '3' },
      /--replicas says nothing without --profile production/,
    ],
    [{ ...required, workloads: 'w.jsonl', replicas: '3' }, /--replicas belongs to one workload/],
  ])('refuses %j', (written, message) => {
    expect(() => simulateOptions(written)).toThrow(message);
    expect(() => simulateOptions(written)).toThrow(UserError);
  });
});

describe('options of jobs', () => {
  it('takes six hours of work and a day of slack unless told otherwise', () => {
    expect(temporalOptions({ ...required, temporal: true })).toEqual({
      traces: 'a.csv',
      clusters: [{ name: 'a', zone: 'DE' }],
      jobDuration: 21_600_000,
      slack: 86_400_000,
    });
    const { job, slack } = { job: '90m', slack: '0' };
    expect(temporalOptions({ ...required, temporal: true, job, slack })).toMatchObject({
      jobDuration: 5_400_000,
      slack: 0,
    });
  });

  it('reads them from a file', () => {
    expect(temporalOptions({ ...required, jobs: 'jobs.jsonl', dataLag: '1h' })).toEqual({
      traces: 'a.csv',
      clusters: [{ name: 'a', zone: 'DE' }],
      dataLag: 3_600_000,
      jobs: 'jobs.jsonl',
    });
  });

  it.each([
    [{ temporal: true, clusters: 'a=DE' }, /--traces is missing/],
    [{ ...required, temporal: true, job: '0' }, /--job: "0" is no time at all/],
    [{ ...required, temporal: true, job: 'long' }, /--job: "long" is not a duration/],
    [{ ...required, temporal: true, slack: 'some' }, /--slack: "some" is not a duration/],
    [{ ...required, temporal: true, jobs: 'a' }, /--temporal and --jobs: write one of the two/],
    [{ ...required, jobs: 'a', job: '6h' }, /--job belongs to --temporal: with --jobs the file says it/],
    [{ ...required, temporal: true, maxShare: '50' }, /--max-share says nothing about jobs/],
    [{ ...required, jobs: 'a', profile: 'ideal' }, /--profile says nothing about jobs/],
  ])('refuses %j', (written, message) => {
    expect(() => temporalOptions(written)).toThrow(message);
    expect(() => temporalOptions(written)).toThrow(UserError);
  });
});

describe('simulate', () => {
  let folder = '';
  let replay: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'windvane-simulate-'));
    const rows = Array.from({ length: 96 }, (_, hour) => {
      const at = new Date(Date.UTC(2022, 0, 1, hour)).toISOString();
      const night = hour % 24 < 6;
      return `${at},DE,${night ? 100 : 400}\n${at},FR,${night ? 300 : 200}\n`;
    });
    const traces = join(folder, 'traces.csv');
    await writeFile(traces, `timestamp_utc,zone,carbon_intensity_g_per_kwh\n${rows.join('')}`);
    replay = ['simulate', '--traces', traces, '--clusters', 'a=DE,b=FR'];
  });

  afterAll(() => rm(folder, { recursive: true }));

  it('ends with the figures of jobs as one JSON object', async () => {
    const run = await windvane([...replay, '--temporal', '--job', '6h', '--slack', '24h', '--json']);
    expect(run.code).toBe(0);
    expect(run.json()).toEqual({
      jobs: 28,
      late: 0,
      policies: {
        runNow: { gramsPerKwh: expect.any(Number), savingPercent: 0 },
        threshold: { gramsPerKwh: expect.any(Number), savingPercent: expect.any(Number) },
        window: { gramsPerKwh: expect.any(Number), savingPercent: expect.any(Number) },
        optimum: { gramsPerKwh: 150, savingPercent: expect.any(Number) },
      },
      captureRatio: expect.any(Number),
    });
    expect(run.err).toContain('28 jobs, 0 late');
  });

  it('lets the jobs of a file roam', async () => {
    const jobs = join(folder, 'jobs.jsonl');
    const job = { id: 'j', createdAt: '2022-01-02T00:00Z', startBy: '2022-01-02T20:00Z', duration: '6h' };
    await writeFile(jobs, JSON.stringify({ ...job, cluster: 'b' }));
    const run = await windvane([...replay, '--jobs', jobs, '--json']);
    expect(run.json()).toMatchObject({
      jobs: 1,
      policies: { runNow: { gramsPerKwh: 300 }, optimum: { gramsPerKwh: 100 } },
    });
    const missing = await windvane([...replay, '--jobs', join(folder, 'none')]);
    expect(missing).toMatchObject({ code: 2, err: expect.stringMatching(/none cannot be read/) });
  });

  it('says among its lines what it made of the file', async () => {
    const traces = join(folder, 'thin.csv');
    const rows = [0, 15, 60, 180].map((minute) => new Date(Date.UTC(2022, 0, 1, 0, minute)).toISOString());
    const lines = rows.map((at) => `${at},DE,100\n`).join('');
    await writeFile(traces, `timestamp_utc,zone,carbon_intensity_g_per_kwh\n${lines}`);
    const args = ['simulate', '--traces', traces, '--clusters', 'a=DE'];
    const told = /^thin\.csv: hours with more than one row .*\nthin\.csv: 1 hour is missing .*\n/;
    expect(await windvane(args)).toMatchObject({ code: 0, out: expect.stringMatching(told), err: '' });
    expect(await windvane([...args, '--json'])).toMatchObject({ code: 0, err: expect.stringMatching(told) });
  });

  it('shows no progress where nobody watches', async () => {
    const run = await windvane([...replay]);
    expect(run).toMatchObject({ code: 0, err: '' });
    expect(run.out).toContain('optimum (knows the future)');
  });
});
