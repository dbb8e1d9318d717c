import { type Instant, MINUTE, type Millis } from '@windvane/carbon-map';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { GatedJob } from '../gate/job.ts';

/** How late a start may be before it counts as late: a Job is let go at its latest start, which takes a moment. */
const GRACE: Millis = MINUTE;

export interface GateMetrics {
  /** A Job was let go; by the pod that leads. */
  readonly released: (job: GatedJob, at: Instant) => void;
  /** At every scrape, what waits; every pod sees it. */
  readonly wait: (jobs: readonly GatedJob[], now: Instant) => void;
}

/** Metrics of the Job gate. */
export function createGateMetrics(registry: Registry): GateMetrics {
  const registers = [registry];
  const waiting = new Gauge({
    name: 'windvane_scaler_gate_jobs_waiting',
    help: 'Jobs that wait at the gate',
    registers,
  });
  const overdue = new Gauge({
    name: 'windvane_scaler_gate_jobs_overdue',
    help: 'Jobs that wait at the gate more than a minute past their latest start',
    registers,
  });
  const released = new Counter({
    name: 'windvane_scaler_gate_released_total',
    help: 'Jobs let go: before their latest start (early), at it (latest), or more than a minute after it (late)',
    labelNames: ['start'],
    registers,
  });
  // What never happened is seen as 0.
  for (const start of ['early', 'latest', 'late']) released.inc({ start }, 0);
  const isLate = ({ latestStart }: GatedJob, now: Instant): boolean => now > latestStart + GRACE;
  return {
    released(job, at) {
      released.inc({ start: at < job.latestStart ? 'early' : isLate(job, at) ? 'late' : 'latest' });
    },
    wait(jobs, now) {
      waiting.set(jobs.length);
      overdue.set(jobs.filter((job) => isLate(job, now)).length);
    },
  };
}
