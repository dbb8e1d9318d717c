import { createLocationResolver } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../src/kube/resource.ts';
import { consentRefusal } from '../../src/optin/consent.ts';
import { annotationsHash } from '../../src/optin/hash.ts';
import { isAllowed, locationProblems } from '../../src/optin/locations.ts';
import { nearMiss } from '../../src/optin/near-miss.ts';
import { servesTraffic } from '../../src/optin/serves-traffic.ts';

describe('consentRefusal', () => {
  const bound = (...optedIn: boolean[]) =>
    optedIn.map((each, index) => ({ label: `Deployment a/w${index}`, optedIn: each }));

  it('takes the word of the policy for everything it binds', () => {
    for (const kind of ['PropagationPolicy', 'ClusterPropagationPolicy'] as const) {
      expect(consentRefusal({ kind, label: 'p', optedIn: true, bound: bound(false, false) })).toBeNull();
    }
  });

  it('takes the word of all workloads for a policy of their namespace', () => {
    const policy = { kind: 'PropagationPolicy', label: 'p', optedIn: false } as const;
    expect(consentRefusal({ ...policy, bound: bound(true, true) })).toBeNull();
    const refusal = consentRefusal({ ...policy, bound: bound(true, false, false, false, false) });
    expect(refusal?.reason).toBe('SharedPolicy');
    expect(refusal?.message).toContain('Deployment a/w1, Deployment a/w2, Deployment a/w3 and 1 more');
  });

  it('takes no word but its own for a cluster-wide policy', () => {
    const policy = {
      kind: 'ClusterPropagationPolicy',
      label: 'p',
      optedIn: false,
      bound: bound(true),
    } as const;
    expect(consentRefusal(policy)?.reason).toBe('ConsentRequired');
  });
});

describe('servesTraffic', () => {
  const target = { namespace: 'apps', name: 'web', podLabels: { app: 'web', tier: 'front' } };
  const object = (name: string, spec: unknown, namespace = 'apps'): KubeObject => ({
    metadata: { name, namespace },
    spec,
  });
  const ask = (sources: Partial<Parameters<typeof servesTraffic>[1]>) =>
    servesTraffic(target, { services: [], ingresses: [], httpRoutes: [], ...sources });
  const paths = (service: string) => ({
    rules: [{ http: { paths: [{ backend: { service: { name: service } } }] } }],
  });

  it('is true of pods that a Service selects', () => {
    expect(ask({ services: [object('front', { selector: { app: 'web' } })] })).toBe('Service apps/front');
  });

  it.each([
    ['of other pods', object('s', { selector: { app: 'db' } })],
    ['of one label too many', object('s', { selector: { app: 'web', canary: 'yes' } })],
    ['without a selector', object('s', {})],
    ['with an empty selector', object('s', { selector: {} })],
    ['in another namespace', object('s', { selector: { app: 'web' } }, 'other')],
  ])('is not true by a Service %s', (_, service) => {
    expect(ask({ services: [service] })).toBeNull();
  });

  it('is true of the backend of an Ingress or HTTPRoute whose Service lives in the members alone', () => {
    expect(ask({ ingresses: [object('door', paths('web'))] })).toBe('Ingress apps/door');
    const byDefault = object('door', { defaultBackend: { service: { name: 'web' } } });
    expect(ask({ ingresses: [byDefault] })).toBe('Ingress apps/door');
    const route = object('r', { rules: [{ backendRefs: [{ name: 'web' }] }] });
    expect(ask({ httpRoutes: [route] })).toBe('HTTPRoute apps/r');
    const across = object(
      'r',
      { rules: [{ backendRefs: [{ name: 'web', namespace: 'apps' }] }] },
      'gateways',
    );
    expect(ask({ httpRoutes: [across] })).toBe('HTTPRoute gateways/r');
  });

  it('believes the Service on the hub when there is one', () => {
    const services = [object('web', { selector: { app: 'other' } })];
    expect(ask({ services, ingresses: [object('door', paths('web'))] })).toBeNull();
  });

  it('survives objects of a form that it does not know', () => {
    const odd = [object('x', 'text'), object('y', { rules: 7 })];
    expect(ask({ services: odd, ingresses: odd, httpRoutes: odd })).toBeNull();
  });
});

describe('annotationsHash', () => {
  const hash = (entries: Record<string, Record<string, string>>): string =>
    annotationsHash(new Map(Object.entries(entries)));

  it('does not depend on order, nor on objects without annotations', () => {
    const one = hash({ a: { x: '1', y: '2' }, b: { z: '3' } });
    expect(hash({ b: { z: '3' }, a: { y: '2', x: '1' }, c: {} })).toBe(one);
    expect(one).toMatch(/^[0-9a-f]{16}$/);
  });

  it('changes with any value and any place', () => {
    const seen = [
      hash({}),
      hash({ a: { x: '1' } }),
      hash({ a: { x: '2' } }),
      hash({ b: { x: '1' } }),
      hash({ a: { y: '1' } }),
    ];
    expect(new Set(seen).size).toBe(seen.length);
  });
});

describe('locations', () => {
  const resolver = createLocationResolver();

  it('needs one hit in every list', () => {
    const frankfurt = { location: 'aws/eu-central-1', zone: 'DE' };
    expect(isAllowed(frankfurt, [], resolver)).toBe(true);
    expect(isAllowed(frankfurt, [['EU']], resolver)).toBe(true);
    expect(isAllowed(frankfurt, [['EU'], ['FR', 'aws/eu-*']], resolver)).toBe(true);
    expect(isAllowed(frankfurt, [['EU'], ['FR']], resolver)).toBe(false);
    expect(isAllowed({ location: null, zone: null }, [['EU']], resolver)).toBe(false);
    expect(isAllowed({ location: null, zone: null }, [], resolver)).toBe(true);
  });

  it('names each name that means nothing', () => {
    const problems = locationProblems([['EU', 'eu-wst-1'], ['nowhere-at-all']], resolver);
    expect(problems.map(({ reason }) => reason)).toEqual(['UnresolvedLocation', 'UnresolvedLocation']);
    expect(problems[0]?.message).toContain('eu-wst-1');
    expect(problems[0]?.message).toContain('or a group (EU), or add it to carbon.locations');
  });
});

describe('nearMiss', () => {
  it('finds the closest, or nothing', () => {
    expect(nearMiss('placment', ['placement', 'adopt'])).toBe('placement');
    expect(nearMiss('adobt', ['placement', 'adopt'])).toBe('adopt');
    expect(nearMiss('zebra', ['placement', 'adopt'])).toBeNull();
  });
});
