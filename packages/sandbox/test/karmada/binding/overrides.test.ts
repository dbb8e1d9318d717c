import { describe, expect, it } from 'vitest';
import { applyStep } from '../../../src/karmada/binding/json-pointer.ts';
import { ApplyOverrideError, applyOverrides, overrides } from '../../../src/karmada/binding/overrides.ts';
import type { Cluster, OverridePolicy, OverrideSpec } from '../../../src/karmada/types.ts';
import type { KubeObject } from '../../../src/runtime/client/object.ts';

const cluster: Cluster = {
  apiVersion: 'cluster.karmada.io/v1alpha1',
  kind: 'Cluster',
  metadata: { name: 'm1', labels: { tier: 'edge' } },
  spec: { syncMode: 'Push' },
};

function web(): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'ns', labels: { app: 'web' } },
    spec: { replicas: 3, containers: [{ image: 'a' }, { image: 'b' }] },
  };
}

function policy(name: string, spec: OverrideSpec): OverridePolicy {
  return {
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'OverridePolicy',
    metadata: { name, namespace: 'ns' },
    spec,
  };
}

function replicas(name: string, value: number, rest: OverrideSpec = {}): OverridePolicy {
  const plaintext = [{ path: '/spec/replicas', operator: 'add', value }];
  return policy(name, { ...rest, overrideRules: [{ overriders: { plaintext } }] });
}

const byName = [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }];
const byKind = [{ apiVersion: 'apps/v1', kind: 'Deployment' }];

describe('a step of a plaintext override', () => {
  it.each([
    ['adds a field', { operator: 'add', path: '/spec/paused', value: true }, { paused: true }],
    ['replaces by add', { operator: 'add', path: '/spec/replicas', value: 9 }, { replicas: 9 }],
    ['replaces', { operator: 'replace', path: '/spec/replicas', value: 9 }, { replicas: 9 }],
    [
      'reaches into lists',
      { operator: 'replace', path: '/spec/containers/1/image', value: 'c' },
      { containers: [{ image: 'a' }, { image: 'c' }] },
    ],
    [
      'inserts into lists',
      { operator: 'add', path: '/spec/containers/1', value: { image: 'c' } },
      { containers: [{ image: 'a' }, { image: 'c' }, { image: 'b' }] },
    ],
    [
      'appends',
      { operator: 'add', path: '/spec/containers/-', value: { image: 'c' } },
      { containers: [{ image: 'a' }, { image: 'b' }, { image: 'c' }] },
    ],
  ])('%s', (_what, step, expected) => {
    const object = web();
    applyStep(object, step);
    expect(object.spec).toMatchObject(expected);
  });

  it('removes from objects and lists', () => {
    const object = web();
    applyStep(object, { operator: 'remove', path: '/spec/replicas' });
    applyStep(object, { operator: 'remove', path: '/spec/containers/0' });
    expect(object.spec).toEqual({ containers: [{ image: 'b' }] });
  });

  it('reads escaped slashes and tildes', () => {
    const object = { metadata: { annotations: { 'a/b~c': '1' } } };
    applyStep(object, { operator: 'replace', path: '/metadata/annotations/a~1b~0c', value: '2' });
    expect(object.metadata.annotations['a/b~c']).toBe('2');
  });

  it.each([
    { operator: 'replace', path: '/spec/paused', value: true },
    { operator: 'remove', path: '/spec/paused' },
    { operator: 'add', path: '/spec/strategy/type', value: 'Recreate' },
    { operator: 'replace', path: '/spec/containers/7/image', value: 'c' },
    { operator: 'add', path: '/spec/containers/9', value: {} },
    { operator: 'add', path: 'spec/replicas', value: 1 },
  ])('refuses $operator at $path', (step) => {
    expect(() => applyStep(web(), step)).toThrow(/path/);
  });
});

describe('override policies', () => {
  const rendered = (policies: readonly OverridePolicy[]) => {
    const manifest = web();
    const applied = applyOverrides(manifest, policies, cluster);
    return { replicas: manifest.spec?.['replicas'], applied: applied.map((entry) => entry.policyName) };
  };

  it('apply by name, the last one winning, and are recorded by name', () => {
    const result = rendered([replicas('zzz', 9), replicas('aaa', 7), replicas('mmm', 8)]);
    expect(result).toEqual({ replicas: 9, applied: ['aaa', 'mmm', 'zzz'] });
  });

  it('let the closer match win over the later name', () => {
    const result = rendered([
      replicas('aaa', 7, { resourceSelectors: byName }),
      replicas('zzz', 9, { resourceSelectors: byKind }),
      replicas('mmm', 8),
    ]);
    expect(result.replicas).toBe(7);
  });

  it('hold only in the clusters of their rules', () => {
    const rule = (targetCluster: object, value: number) => ({
      targetCluster,
      overriders: { plaintext: [{ path: '/spec/replicas', operator: 'add', value }] },
    });
    const both = policy('both', {
      overrideRules: [
        rule({ clusterNames: ['other'] }, 7),
        rule({ labelSelector: { matchLabels: { tier: 'edge' } } }, 8),
      ],
    });
    expect(rendered([both])).toEqual({ replicas: 8, applied: ['both'] });
  });

  it('understand the older form without rules', () => {
    const old = policy('old', {
      targetCluster: { clusterNames: ['m1'] },
      overriders: { plaintext: [{ path: '/spec/replicas', operator: 'replace', value: 5 }] },
    });
    expect(rendered([old]).replicas).toBe(5);
  });

  it('change labels and annotations', () => {
    const manifest = web();
    const overriders = {
      labelsOverrider: [
        { operator: 'add', value: { tier: 'x' } },
        { operator: 'replace', value: { absent: 'y', app: 'z' } },
      ],
      annotationsOverrider: [{ operator: 'add', value: { note: 'n' } }],
    };
    applyOverrides(manifest, [policy('meta', { overrideRules: [{ overriders }] })], cluster);
    expect(manifest.metadata.labels).toEqual({ app: 'z', tier: 'x' });
    expect(manifest.metadata.annotations).toEqual({ note: 'n' });
    const remove = { labelsOverrider: [{ operator: 'remove', value: { tier: '' } }] };
    applyOverrides(manifest, [policy('less', { overrideRules: [{ overriders: remove }] })], cluster);
    expect(manifest.metadata.labels).toEqual({ app: 'z' });
  });

  it('name the policy that does not fit', () => {
    const broken = policy('broken', {
      overrideRules: [{ overriders: { plaintext: [{ path: '/spec/nope', operator: 'replace', value: 1 }] } }],
    });
    const attempt = (): unknown => applyOverrides(web(), [broken], cluster);
    expect(attempt).toThrow(ApplyOverrideError);
    expect(attempt).toThrow(expect.objectContaining({ policy: broken }));
  });

  it('concern what their selectors name, in their own namespace', () => {
    const elsewhere = { ...web(), metadata: { name: 'web', namespace: 'elsewhere' } };
    expect(overrides(replicas('x', 1, { resourceSelectors: byName }), web())).toBe(true);
    expect(overrides(replicas('x', 1, { resourceSelectors: byName }), elsewhere)).toBe(false);
    expect(overrides(replicas('x', 1), web())).toBe(true);
  });
});
