import { describe, expect, it } from 'vitest';
import type { Placement, Policy } from '../../../src/karmada/types.ts';
import { policyDefaults } from '../../../src/karmada/webhook/defaults.ts';

const names = { idLabel: 'id', finalizer: 'example.io/finalizer' };

function policy(placement: Placement, metadata: Partial<Policy['metadata']> = {}): Policy {
  return {
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'PropagationPolicy',
    metadata: { name: 'web', namespace: 'ns', resourceVersion: '4', ...metadata },
    spec: { resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment' }], placement },
  };
}

const complete = { labels: { id: 'x' }, finalizers: [names.finalizer] };

describe('what the webhook fills in', () => {
  it('is an id, a finalizer beside those there are, guarded by the version', () => {
    const patch = policyDefaults(policy({}, { finalizers: ['other'] }), names);
    expect(patch).toEqual({
      metadata: {
        labels: { id: expect.stringMatching(/^[0-9a-f-]{36}$/) },
        finalizers: ['other', names.finalizer],
        resourceVersion: '4',
      },
    });
  });

  it.each<[string, Placement, boolean]>([
    ['divided without a preference', { replicaScheduling: { replicaSchedulingType: 'Divided' } }, true],
    ['divided by default', { replicaScheduling: {} }, true],
    ['duplicated', { replicaScheduling: { replicaSchedulingType: 'Duplicated' } }, false],
    ['aggregated', { replicaScheduling: { replicaDivisionPreference: 'Aggregated' } }, false],
    ['without replica scheduling', {}, false],
  ])('is Weighted when replicas are %s: %#', (_what, placement, filled) => {
    const weighted = { placement: { replicaScheduling: { replicaDivisionPreference: 'Weighted' } } };
    const patch = policyDefaults(policy(placement, complete), names);
    expect(patch).toEqual(filled ? { metadata: { resourceVersion: '4' }, spec: weighted } : undefined);
  });

  it('leaves selectors to their owner, who would lose the list', () => {
    expect(policyDefaults(policy({}, { labels: { id: 'x' } }), names)).not.toHaveProperty('spec');
  });
});
