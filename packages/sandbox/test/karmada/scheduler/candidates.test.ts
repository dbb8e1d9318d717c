import { describe, expect, it } from 'vitest';
import { matchesAffinity } from '../../../src/karmada/scheduler/affinity.ts';
import { affinityGroups, findCandidates, fitError } from '../../../src/karmada/scheduler/candidates.ts';
import { untolerated } from '../../../src/karmada/scheduler/tolerations.ts';
import type { Binding, Cluster, ClusterAffinity, Taint } from '../../../src/karmada/types.ts';

function cluster(name: string, rest: Partial<NonNullable<Cluster['spec']>> = {}, labels = {}): Cluster {
  return {
    apiVersion: 'cluster.karmada.io/v1alpha1',
    kind: 'Cluster',
    metadata: { name, labels },
    spec: { syncMode: 'Push', ...rest },
    status: {
      apiEnablements: [{ groupVersion: 'apps/v1', resources: [{ name: 'deployments', kind: 'Deployment' }] }],
    },
  };
}

function binding(targets: readonly string[] = [], kind = 'Deployment'): Binding {
  return {
    apiVersion: 'work.karmada.io/v1alpha2',
    kind: 'ResourceBinding',
    metadata: { name: 'web-deployment', namespace: 'ns' },
    spec: {
      resource: { apiVersion: 'apps/v1', kind, name: 'web' },
      replicas: 1,
      clusters: targets.map((name) => ({ name, replicas: 1 })),
      placement: {},
    },
  };
}

const ireland = cluster(
  'ireland',
  { provider: 'aws', region: 'eu-west-1', zones: ['a', 'b'] },
  { grid: 'green' },
);

describe('affinity', () => {
  it.each<[string, ClusterAffinity | undefined, boolean]>([
    ['nothing', undefined, true],
    ['an empty affinity', {}, true],
    ['an empty list of names', { clusterNames: [] }, true],
    ['its name', { clusterNames: ['x', 'ireland'] }, true],
    ['other names', { clusterNames: ['x'] }, false],
    ['its exclusion beside its name', { clusterNames: ['ireland'], exclude: ['ireland'] }, false],
    ['a label', { labelSelector: { matchLabels: { grid: 'green' } } }, true],
    ['another label', { labelSelector: { matchLabels: { grid: 'brown' } } }, false],
    [
      'its provider',
      { fieldSelector: { matchExpressions: [{ key: 'provider', operator: 'In', values: ['aws'] }] } },
      true,
    ],
    [
      'a region that it is not in',
      { fieldSelector: { matchExpressions: [{ key: 'region', operator: 'NotIn', values: ['eu-west-1'] }] } },
      false,
    ],
    [
      'one of its zones',
      { fieldSelector: { matchExpressions: [{ key: 'zone', operator: 'In', values: ['b'] }] } },
      true,
    ],
    [
      'a label but another name',
      { labelSelector: { matchLabels: { grid: 'green' } }, clusterNames: ['x'] },
      false,
    ],
  ])('for %s', (_what, affinity, expected) => {
    expect(matchesAffinity(ireland, affinity)).toBe(expected);
  });
});

describe('tolerations', () => {
  const taint: Taint = { key: 'spot', value: 'yes', effect: 'NoSchedule' };

  it.each([
    ['nothing', [], true],
    ['the key with Exists', [{ key: 'spot', operator: 'Exists' }], false],
    ['the key and value', [{ key: 'spot', operator: 'Equal', value: 'yes' }], false],
    ['another value', [{ key: 'spot', operator: 'Equal', value: 'no' }], true],
    ['everything', [{ operator: 'Exists' }], false],
    ['another effect', [{ key: 'spot', operator: 'Exists', effect: 'NoExecute' }], true],
  ])('of %s', (_what, tolerations, kept) => {
    expect(untolerated([taint], tolerations) === undefined).toBe(!kept);
  });

  it('are not needed for a taint that only prefers', () => {
    expect(untolerated([{ key: 'x', effect: 'PreferNoSchedule' }], [])).toBeUndefined();
  });
});

describe('candidates', () => {
  const tainted = cluster('tainted', {
    taints: [{ key: 'cluster.karmada.io/not-ready', effect: 'NoSchedule' }],
  });
  const names = (clusters: readonly Cluster[]): string[] => clusters.map((entry) => entry.metadata.name);

  it('leave out a tainted cluster, unless it already is a target', () => {
    expect(names(findCandidates([tainted, ireland], binding(), undefined).clusters)).toEqual(['ireland']);
    const targeted = findCandidates([tainted, ireland], binding(['tainted']), undefined);
    expect(names(targeted.clusters)).toEqual(['ireland', 'tainted']);
  });

  it('leave out a cluster without the API, unless it already is a target', () => {
    const result = findCandidates([ireland], binding([], 'CloneSet'), undefined);
    expect(result.clusters).toEqual([]);
    expect(fitError(1, result.refusals)).toBe(
      '0/1 clusters are available: 1 cluster(s) did not have the API resource.',
    );
    expect(names(findCandidates([ireland], binding(['ireland'], 'CloneSet'), undefined).clusters)).toEqual([
      'ireland',
    ]);
  });

  it('leave out a cluster that is being deleted, target or not', () => {
    const leaving = {
      ...ireland,
      metadata: { ...ireland.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
    };
    expect(findCandidates([leaving], binding(['ireland']), undefined).clusters).toEqual([]);
  });

  it('are not kept by being a target when the affinity changed', () => {
    const result = findCandidates([ireland], binding(['ireland']), { clusterNames: ['x'] });
    expect(result.clusters).toEqual([]);
  });
});

describe('affinity groups', () => {
  const terms = ['one', 'two', 'three'].map((affinityName) => ({ affinityName }));

  it('begin with the one that was observed, and never go back before it', () => {
    const order = (observed: string | undefined) =>
      affinityGroups({ clusterAffinities: terms }, observed).map((group) => group.name);
    expect(order(undefined)).toEqual(['one', 'two', 'three']);
    expect(order('two')).toEqual(['two', 'three']);
    expect(order('gone')).toEqual(['one', 'two', 'three']);
  });

  it('are one, without a name, where there is a single affinity', () => {
    expect(affinityGroups({ clusterAffinity: { exclude: ['x'] } }, 'two')).toEqual([
      { name: undefined, affinity: { exclude: ['x'] } },
    ]);
  });
});
