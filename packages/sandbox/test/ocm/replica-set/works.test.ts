import { describe, expect, it } from 'vitest';
import { holdsTemplate, rolloutOf } from '../../../src/ocm/replica-set/works.ts';
import type { ManifestWork } from '../../../src/ocm/types.ts';
import type { Condition } from '../../../src/runtime/conditions.ts';
import { NOW } from '../support/clusters.ts';
import { deployment, replicaSet } from '../support/objects.ts';

const condition = (type: string, status: Condition['status'], observedGeneration = 2): Condition => ({
  type,
  status,
  reason: 'Because',
  message: '',
  observedGeneration,
  lastTransitionTime: '2026-03-01T00:00:00Z',
});

function work(...conditions: readonly Condition[]): ManifestWork {
  return {
    apiVersion: 'work.open-cluster-management.io/v1',
    kind: 'ManifestWork',
    metadata: { name: 'w', namespace: 'c1', generation: 2 },
    status: { conditions },
  };
}

describe('the rollout of a work', () => {
  const applied = condition('Applied', 'True');

  it.each<[string, string, readonly Condition[]]>([
    ['nothing said', 'ToApply', []],
    ['applied, and nothing said of progress', 'ToApply', [applied]],
    ['progress said of an older generation', 'ToApply', [applied, condition('Progressing', 'False', 1)]],
    [
      'applied at an older generation',
      'ToApply',
      [condition('Applied', 'True', 1), condition('Progressing', 'False')],
    ],
    ['not applied', 'ToApply', [condition('Applied', 'False'), condition('Progressing', 'False')]],
    [
      'an older Degraded',
      'ToApply',
      [applied, condition('Progressing', 'False'), condition('Degraded', 'True', 1)],
    ],
    ['in progress', 'Progressing', [applied, condition('Progressing', 'True')]],
    ['of unknown progress', 'Progressing', [applied, condition('Progressing', 'Unknown')]],
    [
      'in progress and degraded',
      'Failed',
      [applied, condition('Progressing', 'True'), condition('Degraded', 'True')],
    ],
    ['done', 'Succeeded', [applied, condition('Progressing', 'False')]],
    [
      'done, though degraded',
      'Succeeded',
      [applied, condition('Progressing', 'False'), condition('Degraded', 'True')],
    ],
  ])('%s: %s', (_name, state, conditions) => {
    expect(rolloutOf(work(...conditions))).toEqual({
      cluster: 'c1',
      state,
      since: state === 'ToApply' ? 0 : NOW,
    });
  });
});

describe('a template', () => {
  const set = replicaSet('apps', 'train', 'train');
  const holding = (replicas: number): ManifestWork => ({
    ...work(),
    spec: { workload: { manifests: [deployment('default', 'train', replicas)] } },
  });

  it('is held by a work with the same manifests', () => {
    expect(holdsTemplate(holding(2), set)).toBe(true);
    expect(holdsTemplate(holding(3), set)).toBe(false);
  });

  it('is not held by one with other rules', () => {
    const { spec } = holding(2);
    expect(
      holdsTemplate({ ...work(), spec: { ...spec, deleteOption: { propagationPolicy: 'Orphan' } } }, set),
    ).toBe(false);
  });
});
