import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builtinResources } from '../../../src/api/registry/builtin.ts';
import { eventConversion } from '../../../src/api/registry/events.ts';
import { compareVersions, Registry } from '../../../src/api/registry/registry.ts';

describe('the registry', () => {
  it('orders versions as Kubernetes does', () => {
    const versions = [
      'v10',
      'v2',
      'v1',
      'v11beta2',
      'v10beta3',
      'v3beta1',
      'v12alpha1',
      'v11alpha2',
      'foo1',
      'foo10',
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(versions, { minLength: versions.length }), (shuffled) => {
        expect(shuffled.sort(compareVersions)).toEqual(versions);
      }),
    );
  });

  it('finds resources by plural, kind and storage', () => {
    const registry = new Registry();
    for (const type of builtinResources()) registry.add(type);
    expect(registry.find('apps', 'v1', 'deployments')?.kind).toBe('Deployment');
    expect(registry.find('apps', 'v2', 'deployments')).toBeUndefined();
    expect(registry.findKind('networking.k8s.io/v1', 'Ingress')?.plural).toBe('ingresses');
    expect(registry.ofStorage('/events')).toMatchObject({ group: '', version: 'v1', kind: 'Event' });
    expect(registry.groups().get('')).toEqual(['v1']);
    const before = registry.revision;
    registry.remove('apps', 'deployments');
    expect(registry.find('apps', 'v1', 'deployments')).toBeUndefined();
    expect(registry.revision).toBeGreaterThan(before);
  });

  it('has a schema for every built-in kind that Windvane writes', () => {
    const kinds = ['Namespace', 'ConfigMap', 'Secret', 'Service', 'Deployment', 'Job', 'Lease', 'Event'];
    const without = builtinResources().filter(
      ({ kind, schema }) => kinds.includes(kind) && schema === undefined,
    );
    expect(without.map(({ kind }) => kind)).toEqual([]);
  });

  it('converts Events there and back', () => {
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'e' },
      involvedObject: { name: 'a' },
      message: 'said',
      count: 2,
      reportingComponent: 'r',
    };
    const modern = eventConversion.fromStorage(event);
    expect(modern).toMatchObject({ note: 'said', deprecatedCount: 2, reportingController: 'r' });
    expect(eventConversion.toStorage(modern)).toEqual(event);
  });
});
