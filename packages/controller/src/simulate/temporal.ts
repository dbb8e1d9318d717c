import { decideJob } from '../engine/jobs.ts';
import type { ClusterOption } from '../engine/problem.ts';
import type { Hour } from './csv.ts';
import { createExpectations, type Expectation } from './expectations.ts';
import { knownActual, type SimulatedFleet } from './fleet.ts';

/** One job of a temporal simulation. Times are whole hours. */
export interface SimulatedJob {
  readonly id: string;
  readonly createdAt: Hour;
  readonly startBy: Hour;
  readonly hours: number;
  /** Index of the cluster that it was created for. */
  readonly home: number;
  /** Whether it may run in any cluster, or only at home. */
  readonly roams: boolean;
}

export const TEMPORAL_POLICIES = ['runNow', 'threshold', 'window', 'optimum'] as const;
export type TemporalPolicyName = (typeof TEMPORAL_POLICIES)[number];

/** The JSON of `windvane simulate --temporal` and `--jobs`. */
export interface TemporalResult {
  readonly jobs: number;
  /** Jobs that `window` started after their latest start. */
  readonly late: number;
  readonly policies: Readonly<
    Record<TemporalPolicyName, { readonly gramsPerKwh: number; readonly savingPercent: number }>
  >;
  /** Mean saving of `window` over mean saving of `optimum`, both against `runNow`; 0 when there is nothing to save. */
  readonly captureRatio: number;
}

/** Where and when a policy started a job. */
interface Start {
  readonly cluster: number;
  readonly hour: Hour;
}

const ARRIVAL_EVERY = 5;
const THRESHOLD = 0.3;
const THRESHOLD_HISTORY = 168;
const HOUR_MS = 3_600_000;

/** One job of the same kind every five hours in each cluster, as long as its window fits into the traces. */
export function regularJobs(fleet: SimulatedFleet, hours: number, slack: number): SimulatedJob[] {
  return fleet.clusters.flatMap(({ name }, home) => {
    const jobs: SimulatedJob[] = [];
    for (let at = fleet.from; at + slack + hours <= fleet.to; at += ARRIVAL_EVERY) {
      jobs.push({
        id: `${name}-${at - fleet.from}`,
        createdAt: at,
        startBy: at + slack,
        hours,
        home,
        roams: false,
      });
    }
    return jobs;
  });
}

/** Runs every job under every policy; `window` is the production engine, asked again every hour. */
export function simulateJobs(
  fleet: SimulatedFleet,
  jobs: readonly SimulatedJob[],
  onProgress: (done: number, of: number) => void = () => {},
): TemporalResult {
  const starts = windowStarts(fleet, jobs, onProgress);
  const grams = jobs.map((job, index) => {
    const start = starts[index] ?? { cluster: job.home, hour: job.startBy };
    return {
      home: job.home,
      runNow: meanActual(fleet, job.home, job.createdAt, job.hours),
      threshold: meanActual(fleet, job.home, thresholdStart(fleet, job), job.hours),
      window: meanActual(fleet, start.cluster, start.hour, job.hours),
      optimum: bestPossible(fleet, job),
    };
  });
  const mean = (name: TemporalPolicyName, home?: number) => {
    const chosen = home === undefined ? grams : grams.filter((each) => each.home === home);
    return chosen.reduce((sum, each) => sum + each[name], 0) / Math.max(1, chosen.length);
  };
  const homes = [...new Set(jobs.map((job) => job.home))];
  // The mean of the clusters' savings: every grid counts the same, however dirty.
  const saving = (name: TemporalPolicyName) => {
    const parts = homes.map((home) => 1 - mean(name, home) / Math.max(1e-9, mean('runNow', home)));
    return parts.reduce((a, b) => a + b, 0) / Math.max(1, parts.length);
  };
  const result = (name: TemporalPolicyName) => ({
    gramsPerKwh: mean(name),
    savingPercent: 100 * saving(name),
  });
  const possible = saving('optimum');
  return {
    jobs: jobs.length,
    late: jobs.filter((job, index) => (starts[index]?.hour ?? Number.POSITIVE_INFINITY) > job.startBy).length,
    policies: {
      runNow: result('runNow'),
      threshold: result('threshold'),
      window: result('window'),
      optimum: result('optimum'),
    },
    captureRatio: possible > 0 ? saving('window') / possible : 0,
  };
}

function windowStarts(
  fleet: SimulatedFleet,
  jobs: readonly SimulatedJob[],
  onProgress: (done: number, of: number) => void,
): readonly (Start | undefined)[] {
  const starts: (Start | undefined)[] = jobs.map(() => undefined);
  const longest = jobs.reduce((most, job) => Math.max(most, job.startBy - job.createdAt + job.hours), 1);
  const expect = createExpectations(fleet, longest);
  const arriving = Map.groupBy(jobs.keys(), (index) => jobs[index]?.createdAt ?? fleet.from);
  let waiting: number[] = [];
  for (let hour = fleet.from; hour < fleet.to; hour++) {
    const options = optionsOf(fleet, expect(hour));
    waiting.push(...(arriving.get(hour) ?? []));
    waiting = waiting.filter((index) => {
      const job = jobs[index];
      const start = job === undefined ? null : startNow(fleet, job, hour, options);
      if (start !== null) starts[index] = start;
      return start === null;
    });
    onProgress(hour + 1 - fleet.from, fleet.to - fleet.from);
  }
  return starts;
}

function startNow(
  fleet: SimulatedFleet,
  job: SimulatedJob,
  hour: Hour,
  options: readonly ClusterOption[],
): Start | null {
  const home = options[job.home];
  const decision = decideJob({
    job: job.id,
    at: hour * HOUR_MS,
    latestStart: job.startBy * HOUR_MS,
    duration: job.hours * HOUR_MS,
    clusters: job.roams || home === undefined ? options : [home],
    objective: 'carbon',
    forecastResolution: HOUR_MS,
    carbonPricePerKg: 0,
    wattsPerReplica: 100,
  });
  if (decision.outcome !== 'start') return null;
  return { cluster: fleet.clusters.findIndex(({ name }) => name === decision.cluster), hour };
}

function optionsOf(fleet: SimulatedFleet, expectations: readonly Expectation[]): ClusterOption[] {
  return fleet.clusters.map(({ name, zone }, cluster) => ({
    name,
    zone,
    ready: true,
    allowed: true,
    avoid: false,
    gramsPerKwh: expectations[cluster]?.gramsPerKwh ?? null,
    forecast: expectations[cluster]?.forecast ?? [],
    pricePerReplicaHour: null,
    headroomReplicas: null,
    maxShare: 1,
  }));
}

/** The first hour that is among the cleanest three tenths of the week before, or the latest start. */
function thresholdStart(fleet: SimulatedFleet, job: SimulatedJob): Hour {
  const trace = fleet.traces[job.home];
  for (let hour = job.createdAt; hour < job.startBy; hour++) {
    const end = hour - fleet.lag - (trace?.first ?? 0) + 1;
    const week = trace?.values.slice(Math.max(0, end - THRESHOLD_HISTORY), Math.max(1, end)).sort();
    const threshold = week?.[Math.floor(THRESHOLD * week.length)] ?? 0;
    if (knownActual(fleet, job.home, hour) <= threshold) return hour;
  }
  return job.startBy;
}

function bestPossible(fleet: SimulatedFleet, job: SimulatedJob): number {
  let least = Number.POSITIVE_INFINITY;
  for (let cluster = 0; cluster < fleet.clusters.length; cluster++) {
    if (!job.roams && cluster !== job.home) continue;
    for (let hour = job.createdAt; hour <= job.startBy; hour++) {
      least = Math.min(least, meanActual(fleet, cluster, hour, job.hours));
    }
  }
  return least;
}

/** Mean actual intensity of a run; the last hour may count in part. */
function meanActual(fleet: SimulatedFleet, cluster: number, start: Hour, hours: number): number {
  const values = fleet.actual[cluster];
  let sum = 0;
  for (let done = 0; done < hours; done++) {
    sum += (values?.[start - fleet.from + done] ?? 0) * Math.min(1, hours - done);
  }
  return sum / hours;
}
