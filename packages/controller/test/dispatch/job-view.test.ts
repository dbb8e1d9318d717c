import { HOUR, MINUTE } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import { dueAt, jobView } from '../../src/dispatch/job-view.ts';
import { JOB_KIND, type RunOnceKind } from '../../src/dispatch/kinds.ts';
import type { KubeObject } from '../../src/kube/resource.ts';
import { job } from '../planes/karmada/support/manifests.ts';

const WORKFLOW: RunOnceKind = {
  type: {
    group: 'argoproj.io',
    version: 'v1alpha1',
    kind: 'Workflow',
    plural: 'workflows',
    namespaced: true,
  },
  parallelism: ['spec', 'parallelism'],
  podTemplate: null,
  requests: { cpu: '2', memory: '1Gi' },
  finished: { path: ['status', 'phase'], words: ['Succeeded', 'Failed', 'Error'] },
};
const workflow = (spec: unknown, status?: unknown): KubeObject => ({
  metadata: { namespace: 'etl', name: 'nightly', uid: 'u1', creationTimestamp: '2026-03-01T00:00:00Z' },
  spec,
  ...(status === undefined ? {} : { status }),
});

describe('what dispatching reads of a Job', () => {
  it('takes as many pods as run at a time, and no more than are left to complete', () => {
    const parallelism = (spec: Readonly<Record<string, unknown>>) =>
      jobView(job('a', 'b', { spec }), JOB_KIND).parallelism;
    expect(parallelism({})).toBe(1);
    expect(parallelism({ parallelism: 4 })).toBe(4);
    expect(parallelism({ parallelism: 4, completions: 2 })).toBe(2);
  });

  it('asks room for all of its pods together', () => {
    expect(jobView(job('a', 'b', { cpu: '250m', spec: { parallelism: 4 } }), JOB_KIND).requests).toEqual({
      cpuMillis: 1_000,
      memoryBytes: 4 * 64 * 2 ** 20,
      pods: 4,
    });
  });

  it.each(['Complete', 'Failed'])('is over when its condition %s is True', (type) => {
    const over = (status: string) =>
      jobView({ ...job('a', 'b'), status: { conditions: [{ type, status }] } }, JOB_KIND).finished;
    expect([over('True'), over('False')]).toEqual([true, false]);
    expect(jobView(job('a', 'b'), JOB_KIND).finished).toBe(false);
  });

  it('reads other kinds by the paths that are configured', () => {
    const view = jobView(workflow({ parallelism: 3 }, { phase: 'Running' }), WORKFLOW);
    expect(view).toMatchObject({ parallelism: 3, finished: false, suspended: false });
    expect(view.requests).toEqual({ cpuMillis: 6_000, memoryBytes: 3 * 2 ** 30, pods: 3 });
    expect(view.workload).toMatchObject({ label: 'Workflow etl/nightly', namespace: 'etl' });
    expect(view.workload.object.apiVersion).toBe('argoproj.io/v1alpha1');
    expect(jobView(workflow({}, { phase: 'Error' }), WORKFLOW).finished).toBe(true);
    expect(jobView(workflow({ suspend: true }), WORKFLOW).suspended).toBe(true);
  });

  it('finds a pod template wherever the kind keeps it', () => {
    const kind = { ...WORKFLOW, podTemplate: ['spec', 'trainer', 'template'] };
    const containers = [{ resources: { requests: { cpu: '3' } } }];
    const view = jobView(workflow({ trainer: { template: { spec: { containers } } } }), kind);
    expect(view.requests).toMatchObject({ cpuMillis: 3_000, memoryBytes: 2 ** 30 });
  });

  it('goes a little before its latest start, and never before it is made', () => {
    expect(dueAt(0, 6 * HOUR)).toBe(6 * HOUR - MINUTE);
    expect(dueAt(0, 5 * MINUTE)).toBe(4.5 * MINUTE);
    expect(dueAt(0, 0)).toBe(0);
  });
});
