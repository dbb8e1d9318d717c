import { createLocationResolver } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import { matchesAffinity, repellingTaint } from '../../../src/planes/karmada/affinity.ts';
import { canBeFed } from '../../../src/planes/karmada/candidates.ts';
import { foundDivision } from '../../../src/planes/karmada/found.ts';
import { type MemberCluster, memberOf } from '../../../src/planes/karmada/member.ts';
import { policyView } from '../../../src/planes/karmada/policy.ts';
import { workloadKinds } from '../../../src/planes/karmada/resources.ts';
import type { Unit } from '../../../src/planes/karmada/unit.ts';
import { workloadView } from '../../../src/planes/karmada/workload.ts';
import { parseQuantity } from '../../../src/planes/shared/quantity.ts';
import { rememberedFrom } from '../../../src/status/schema.ts';
import { deployment, policy } from './support/manifests.ts';

const settings = { locations: createLocationResolver(), configured: {} };

function member(
  name: string,
  spec: object = {},
  labels: Record<string, string> = {},
  status: object = {},
): MemberCluster {
  return memberOf({ metadata: { name, labels }, spec, status }, settings);
}
const prod = member('paris', { provider: 'aws', region: 'eu-west-3', zones: ['a', 'b'] }, { env: 'prod' });

describe('matchesAffinity', () => {
  it.each([
    ['none', null],
    ['an empty one', {}],
    ['no names: that means all', { clusterNames: [] }],
    ['its name', { clusterNames: ['lyon', 'paris'] }],
    ['a label', { labelSelector: { matchLabels: { env: 'prod' } } }],
    [
      'In',
      { labelSelector: { matchExpressions: [{ key: 'env', operator: 'In', values: ['prod', 'dev'] }] } },
    ],
    ['NotIn', { labelSelector: { matchExpressions: [{ key: 'env', operator: 'NotIn', values: ['dev'] }] } }],
    [
      'NotIn of an absent label',
      { labelSelector: { matchExpressions: [{ key: 'x', operator: 'NotIn', values: ['y'] }] } },
    ],
    ['Exists', { labelSelector: { matchExpressions: [{ key: 'env', operator: 'Exists' }] } }],
    ['DoesNotExist', { labelSelector: { matchExpressions: [{ key: 'x', operator: 'DoesNotExist' }] } }],
    [
      'provider',
      { fieldSelector: { matchExpressions: [{ key: 'provider', operator: 'In', values: ['aws'] }] } },
    ],
    [
      'region',
      { fieldSelector: { matchExpressions: [{ key: 'region', operator: 'NotIn', values: ['us-east-1'] }] } },
    ],
    [
      'all zones',
      { fieldSelector: { matchExpressions: [{ key: 'zone', operator: 'In', values: ['a', 'b', 'c'] }] } },
    ],
    ['no zone', { fieldSelector: { matchExpressions: [{ key: 'zone', operator: 'NotIn', values: ['c'] }] } }],
  ])('holds for %s', (_, affinity) => {
    expect(matchesAffinity(prod, affinity)).toBe(true);
  });

  it.each([
    ['an exclusion, whatever else holds', { clusterNames: ['paris'], exclude: ['paris'] }],
    ['another name', { clusterNames: ['lyon'] }],
    ['another label', { labelSelector: { matchLabels: { env: 'dev' } } }],
    ['a name without the label', { clusterNames: ['paris'], labelSelector: { matchLabels: { env: 'dev' } } }],
    [
      'an operator that is not known',
      { labelSelector: { matchExpressions: [{ key: 'env', operator: 'Gt', values: ['1'] }] } },
    ],
    [
      'one zone of two',
      { fieldSelector: { matchExpressions: [{ key: 'zone', operator: 'In', values: ['a'] }] } },
    ],
    [
      'a zone that is excluded',
      { fieldSelector: { matchExpressions: [{ key: 'zone', operator: 'NotIn', values: ['b'] }] } },
    ],
    [
      'another provider',
      { fieldSelector: { matchExpressions: [{ key: 'provider', operator: 'In', values: ['gcp'] }] } },
    ],
  ])('does not hold for %s', (_, affinity) => {
    expect(matchesAffinity(prod, affinity)).toBe(false);
  });
});

describe('repellingTaint', () => {
  const tainted = member('m', { taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }] });

  it.each([
    ['nothing', [], false],
    ['the key by Exists', [{ key: 'gpu', operator: 'Exists' }], true],
    ['everything', [{ operator: 'Exists' }], true],
    ['key and value', [{ key: 'gpu', operator: 'Equal', value: 'yes' }], true],
    ['another value', [{ key: 'gpu', operator: 'Equal', value: 'no' }], false],
    ['another effect', [{ key: 'gpu', operator: 'Exists', effect: 'NoExecute' }], false],
    ['another key', [{ key: 'cpu', operator: 'Exists' }], false],
  ])('tolerating %s', (_, tolerations, tolerated) => {
    expect(repellingTaint(tainted, tolerations) === null).toBe(tolerated);
  });

  it('minds no taint that only prefers', () => {
    expect(
      repellingTaint(member('m', { taints: [{ key: 'x', effect: 'PreferNoSchedule' }] }), []),
    ).toBeNull();
  });
});

describe('canBeFed', () => {
  const [DEPLOYMENT] = workloadKinds;
  const unitWith = (clusterTolerations: readonly object[] = []): Unit => {
    if (DEPLOYMENT === undefined) throw new Error('there are Deployments');
    const placed = policyView(policy('n', 'web', { placement: { clusterTolerations } }), 'PropagationPolicy');
    const alone = { binding: null, namespace: null, traffic: null, autoscaler: null, scaler: null };
    const workload = workloadView(deployment('n', 'web'), DEPLOYMENT);
    const remembered = rememberedFrom(undefined);
    return {
      key: 'web',
      label: 'web',
      policy: placed,
      members: [{ workload, ...alone, override: null, remembered }],
      bound: [],
    };
  };
  const ready = { conditions: [{ type: 'Ready', status: 'True' }] };
  const serving = (kind: string) => [{ groupVersion: 'apps/v1', resources: [{ name: 'x', kind }] }];

  it('is so for a cluster that is Ready and serves the kind', () => {
    expect(canBeFed(member('paris', {}, {}, ready), unitWith())).toBe(true);
    const serves = { ...ready, apiEnablements: serving('Deployment') };
    expect(canBeFed(member('paris', {}, {}, serves), unitWith())).toBe(true);
  });

  it.each<[string, object, object]>([
    ['that is not Ready', {}, { conditions: [{ type: 'Ready', status: 'False' }] }],
    ['of which nothing is known', {}, {}],
    ['that repels it', { taints: [{ key: 'gpu', effect: 'NoSchedule' }] }, ready],
    ['that does not serve its kind', {}, { ...ready, apiEnablements: serving('StatefulSet') }],
  ])('is not so for a cluster %s', (_, spec, status) => {
    expect(canBeFed(member('paris', spec, {}, status), unitWith())).toBe(false);
  });

  it('is so in spite of a taint that its policy tolerates', () => {
    const tainted = member('paris', { taints: [{ key: 'gpu', effect: 'NoSchedule' }] }, {}, ready);
    expect(canBeFed(tainted, unitWith([{ key: 'gpu', operator: 'Exists' }]))).toBe(true);
  });
});

describe('memberOf', () => {
  it('subtracts what is allocated and what is being allocated', () => {
    const status = {
      resourceSummary: {
        allocatable: { cpu: '10', memory: '4Gi', pods: '110' },
        allocated: { cpu: '2500m', memory: '1Gi', pods: '20' },
        allocating: { cpu: '500m' },
      },
    };
    expect(member('m', {}, {}, status).headroom).toEqual({
      cpuMillis: 7000,
      memoryBytes: 3 * 2 ** 30,
      pods: 90,
    });
  });

  it('has no headroom below zero, and none at all when the cluster does not tell', () => {
    const status = { resourceSummary: { allocatable: { cpu: 1 }, allocated: { cpu: 2 } } };
    expect(member('m', {}, {}, status).headroom).toEqual({ cpuMillis: 0, memoryBytes: 0, pods: 0 });
    expect(member('m').headroom).toBeNull();
  });

  it('is ready only when its condition says so', () => {
    const ready = (status: string) => member('m', {}, {}, { conditions: [{ type: 'Ready', status }] }).ready;
    expect([ready('True'), ready('False'), ready('Unknown'), member('m').ready]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});

describe('foundDivision', () => {
  const clusters = [member('a'), member('b', {}, { env: 'prod' }), member('c', {}, { env: 'prod' })];
  const rule = (targetCluster: object, weight: number): object => ({ targetCluster, weight });
  const divided = (value: unknown, replicas = 10) =>
    foundDivision({ present: true, value }, clusters, replicas, '');

  it('is even without a list, and when no rule matches anybody', () => {
    expect(foundDivision({ present: false, value: null }, clusters, 9, '')).toEqual({ a: 3, b: 3, c: 3 });
    expect(divided([rule({ clusterNames: ['nobody'] }, 5)], 9)).toEqual({ a: 3, b: 3, c: 3 });
    expect(divided([], 9)).toEqual({ a: 3, b: 3, c: 3 });
  });

  it('takes the largest rule that matches, and leaves out who has none', () => {
    const rules = [
      rule({ clusterNames: ['a'] }, 1),
      rule({ clusterNames: ['a'] }, 4),
      rule({ clusterNames: ['b'] }, 1),
    ];
    expect(divided(rules)).toEqual({ a: 8, b: 2 });
  });

  it('follows label selectors', () => {
    expect(divided([rule({ labelSelector: { matchLabels: { env: 'prod' } } }, 2)])).toEqual({ b: 5, c: 5 });
  });

  it('takes damage for no list', () => {
    expect(divided('nonsense', 9)).toEqual({ a: 3, b: 3, c: 3 });
  });
});

describe('parseQuantity', () => {
  it.each([
    ['250m', 0.25],
    ['2', 2],
    ['1.5', 1.5],
    ['.5', 0.5],
    ['4Gi', 4 * 2 ** 30],
    ['64Mi', 64 * 2 ** 20],
    ['1k', 1000],
    ['2e3', 2000],
    ['100n', 1e-7],
  ])('reads %s', (text, value) => {
    expect(parseQuantity(text)).toBeCloseTo(value, 12);
  });

  it.each(['', 'Gi', '1 Gi', '1Xi', 'abc'])('takes "%s" for none', (text) => {
    expect(parseQuantity(text)).toBeNull();
  });
});
