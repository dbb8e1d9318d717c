import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { applyJsonPatch } from '../../src/patch/json-patch.ts';
import { parseCustomResourceDefinition } from '../../src/schema/crd.ts';
import { Store, type Thing } from './thing.ts';

const FILE = join(
  import.meta.dirname,
  '../../../../../shared/crds/karmada/policy.karmada.io_propagationpolicies.yaml',
);
const LIST = '.spec.placement.replicaScheduling.weightPreference.staticWeightList';

/** How a real Karmada API server treats the weight list of a PropagationPolicy, which is atomic. */
describe.skipIf(!existsSync(FILE))('the weights of a policy (skipped when ../shared/crds is absent)', () => {
  function store(): Store {
    const { versions } = parseCustomResourceDefinition(readFileSync(FILE, 'utf8'));
    return new Store(versions[0]?.schema ?? null);
  }

  const identity = {
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'PropagationPolicy',
    metadata: { name: 'web' },
  };

  function weights(weight: number): Thing {
    const staticWeightList = [{ targetCluster: { clusterNames: ['m1'] }, weight }];
    return {
      ...identity,
      spec: { placement: { replicaScheduling: { weightPreference: { staticWeightList } } } },
    };
  }

  function manifest(weight?: number): Thing {
    const preference = weight === undefined ? {} : weights(weight)['spec'].placement.replicaScheduling;
    return {
      ...identity,
      spec: {
        resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }],
        placement: { replicaScheduling: { replicaSchedulingType: 'Divided', ...preference } },
      },
    };
  }

  function weightOf(policy: Thing | undefined): unknown {
    return policy?.['spec'].placement.replicaScheduling.weightPreference?.staticWeightList?.[0].weight;
  }

  it('are shared at the same value, and a different one conflicts with the owner', () => {
    const policy = store();
    policy.update('kubectl-client-side-apply', manifest(1));
    policy.apply('windvane', weights(1));
    expect(() => policy.apply('windvane', weights(2))).toThrow(
      `Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using policy.karmada.io/v1alpha1: ${LIST}`,
    );
  });

  it('once taken by force are ours alone', () => {
    const policy = store();
    policy.update('kubectl-client-side-apply', manifest(1));
    policy.apply('windvane', weights(2), { force: true });
    expect(weightOf(policy.apply('windvane', weights(3)))).toBe(3);
    expect(() => policy.apply('kubectl', manifest(1))).toThrow(`conflict with "windvane": ${LIST}`);
  });

  it('never conflict when the manifest omits them, and a later apply of it keeps ours', () => {
    const policy = store();
    policy.apply('kubectl', manifest());
    policy.apply('windvane', weights(2));
    policy.apply('kubectl', manifest());
    expect(weightOf(policy.live)).toBe(2);
  });

  it('are lost to anybody who patches them', () => {
    const policy = store();
    policy.apply('windvane', weights(2));
    policy.update('other', { ...policy.live, ...weights(9) });
    expect(() => policy.apply('windvane', weights(3))).toThrow(
      `conflict with "other" using policy.karmada.io/v1alpha1: ${LIST}`,
    );
  });

  it('go when we apply nothing', () => {
    const policy = store();
    policy.apply('kubectl', manifest());
    policy.apply('windvane', weights(2));
    policy.apply('windvane', identity);
    expect(policy.live?.['spec'].placement.replicaScheduling).toEqual({ replicaSchedulingType: 'Divided' });
    expect(Object.keys(policy.owners())).toEqual(['kubectl']);
  });

  it('stay when only our entry in managedFields goes', () => {
    const policy = store();
    policy.apply('kubectl', manifest());
    policy.apply('windvane', weights(2));
    const index = policy.live?.['metadata'].managedFields.findIndex(
      (entry: Thing) => entry['manager'] === 'windvane',
    );
    const ops = [{ op: 'remove', path: `/metadata/managedFields/${index}` }];
    policy.update('windvane', applyJsonPatch(policy.live ?? {}, ops));
    expect(Object.keys(policy.owners())).toEqual(['kubectl']);
    policy.apply('kubectl', manifest());
    expect(weightOf(policy.live)).toBe(2);
    expect(weightOf(policy.apply('kubectl', manifest(4)))).toBe(4);
  });
});
