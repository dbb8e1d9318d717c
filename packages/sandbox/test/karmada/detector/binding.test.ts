import { describe, expect, it } from 'vitest';
import { belongsToOther, bindingPatch, newBinding } from '../../../src/karmada/detector/binding.ts';
import type { Binding, Policy } from '../../../src/karmada/types.ts';
import { bindingName } from '../../../src/karmada/well-known.ts';
import { trusted } from '../../../src/runtime/client/trust.ts';
import { clusterPolicy, deployment, divided, job, policy, selecting, weights } from '../support/objects.ts';

const template = deployment('ns', 'web', 3, { uid: 'uid-1', resourceVersion: '7' });
const even = trusted<Policy>(policy('ns', 'web', selecting(template), divided(undefined)));

function stored(binding: Binding): Binding {
  return { ...binding, spec: { ...binding.spec!, clusters: [{ name: 'm1', replicas: 3 }] } };
}

describe('a binding', () => {
  it('is named after its template', () => {
    expect(bindingName('Deployment', 'Web')).toBe('web-deployment');
    expect(bindingName('ClusterRole', 'system:node')).toBe('system.node-clusterrole');
  });

  it('carries what the scheduler needs to know', () => {
    const binding = newBinding(template, even, 'policy-id');
    expect(binding).toMatchObject({
      kind: 'ResourceBinding',
      metadata: {
        name: 'web-deployment',
        namespace: 'ns',
        labels: { 'propagationpolicy.karmada.io/permanent-id': 'policy-id' },
        finalizers: ['karmada.io/binding-controller'],
        ownerReferences: [{ kind: 'Deployment', name: 'web', uid: 'uid-1', controller: true }],
      },
      spec: {
        resource: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'ns', name: 'web', uid: 'uid-1' },
        replicas: 3,
        replicaRequirements: { resourceRequest: { cpu: '100m' } },
        placement: even.spec?.placement,
        conflictResolution: 'Abort',
      },
    });
    expect(binding.metadata.labels?.['resourcebinding.karmada.io/permanent-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("takes a Job's parallelism, at most its completions, for replicas", () => {
    const replicas = (spec: object): unknown => newBinding(job('ns', 'j', spec), even, 'p').spec?.replicas;
    expect(replicas({})).toBe(1);
    expect(replicas({ parallelism: 4 })).toBe(4);
    expect(replicas({ parallelism: 4, completions: 3 })).toBe(3);
  });

  it('is left alone when nothing changed, whatever the scheduler wrote', () => {
    const binding = stored(newBinding(template, even, 'policy-id'));
    expect(bindingPatch(binding, template, even, 'policy-id')).toBeUndefined();
  });

  it('follows template and policy, and nothing of the scheduler is touched', () => {
    const binding = stored(newBinding(template, even, 'policy-id'));
    const scaled = deployment('ns', 'web', 5, { uid: 'uid-1', resourceVersion: '8' });
    expect(bindingPatch(binding, scaled, even, 'policy-id')).toEqual({
      spec: { replicas: 5, resource: { resourceVersion: '8' } },
    });
    const list = weights(['m1', 2]);
    const other = trusted<Policy>(policy('ns', 'web', selecting(template), divided(list)));
    expect(bindingPatch(binding, template, other, 'policy-id')).toEqual({
      spec: { placement: { replicaScheduling: { weightPreference: { staticWeightList: list } } } },
    });
    expect(bindingPatch(stored(newBinding(template, other, 'p')), template, even, 'p')).toEqual({
      spec: { placement: { replicaScheduling: { weightPreference: null } } },
    });
  });

  it('drops the claim of a policy of the other scope', () => {
    const wide = trusted<Policy>(clusterPolicy('all', selecting(template), divided(undefined)));
    const binding = stored(newBinding(template, wide, 'wide-id'));
    expect(bindingPatch(binding, template, even, 'own-id')).toMatchObject({
      metadata: {
        labels: {
          'clusterpropagationpolicy.karmada.io/permanent-id': null,
          'propagationpolicy.karmada.io/permanent-id': 'own-id',
        },
        annotations: { 'clusterpropagationpolicy.karmada.io/name': null },
      },
    });
  });

  it('of an earlier object with the same name belongs to somebody else', () => {
    const binding = newBinding(template, even, 'policy-id');
    expect(belongsToOther(binding, template)).toBe(false);
    expect(belongsToOther(binding, deployment('ns', 'web', 3, { uid: 'uid-2' }))).toBe(true);
  });
});
