import { HOUR, MINUTE } from '@windvane/carbon-map';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import type { GatedJob } from '../../src/gate/job.ts';
import { createGateMetrics } from '../../src/metrics/gate.ts';
import { NOW } from '../support/outlooks.ts';

const job = (latestStart: number): GatedJob => ({
  kind: 'gated',
  createdAt: NOW,
  latestStart,
  duration: HOUR,
  plannedStart: null,
  status: '',
  mistakes: [],
});

async function lines(registry: Registry): Promise<string[]> {
  const text = await registry.metrics();
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

describe('metrics of the Job gate', () => {
  it('tell starts before, at and after the latest one apart, and show what never happened as 0', async () => {
    const registry = new Registry();
    const { released } = createGateMetrics(registry);
    const name = 'windvane_scaler_gate_released_total';
    const starts = async () => (await lines(registry)).filter((line) => line.startsWith(name));
    expect(await starts()).toEqual(['early', 'latest', 'late'].map((start) => `${name}{start="${start}"} 0`));
    released(job(NOW + HOUR), NOW + HOUR - 1);
    released(job(NOW + HOUR), NOW + HOUR);
    released(job(NOW + HOUR), NOW + HOUR + MINUTE);
    released(job(NOW + HOUR), NOW + HOUR + MINUTE + 1);
    expect(await starts()).toEqual([
      `${name}{start="early"} 1`,
      `${name}{start="latest"} 2`,
      `${name}{start="late"} 1`,
    ]);
  });

  it('count what waits, and what waits past its latest start', async () => {
    const registry = new Registry();
    const { wait } = createGateMetrics(registry);
    wait([job(NOW + HOUR), job(NOW - MINUTE), job(NOW - MINUTE - 1)], NOW);
    const gauges = async () => (await lines(registry)).filter((line) => line.includes('_jobs_'));
    expect(await gauges()).toEqual([
      'windvane_scaler_gate_jobs_waiting 3',
      'windvane_scaler_gate_jobs_overdue 1',
    ]);
    wait([], NOW);
    expect(await gauges()).toEqual([
      'windvane_scaler_gate_jobs_waiting 0',
      'windvane_scaler_gate_jobs_overdue 0',
    ]);
  });
});
