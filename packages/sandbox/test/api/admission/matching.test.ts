import { describe, expect, it } from 'vitest';
import type { Attributes, Operation } from '../../../src/api/admission/attributes.ts';
import { matches, selects } from '../../../src/api/admission/matching.ts';
import type { ApiCore, Subresource } from '../../../src/api/core.ts';
import type { KubeObject } from '../../../src/api/object.ts';
import { builtinResources } from '../../../src/api/registry/builtin.ts';
import { Registry } from '../../../src/api/registry/registry.ts';
import { Store } from '../../../src/api/storage/store.ts';

const registry = new Registry();
for (const type of builtinResources()) registry.add(type);
const store = new Store({ historyLimit: 10 });
const core: ApiCore = { registry, store, now: () => 0, epoch: 'test' };
store.put('/namespaces', 'apps', {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'apps', labels: { team: 'a' } },
});

interface Asked {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly operation?: Operation;
  readonly subresource?: Subresource;
  readonly labels?: Record<string, string>;
}

function request({
  apiVersion = 'apps/v1',
  kind = 'Deployment',
  operation = 'CREATE',
  subresource = '',
  labels = {},
}: Asked): Attributes {
  const type = registry.findKind(apiVersion, kind)!;
  const object: KubeObject = { apiVersion, kind, metadata: { name: 'web', labels } };
  const options = {
    manager: 'm',
    dryRun: false,
    force: false,
    fieldValidation: 'Ignore',
    warnings: [],
  } as const;
  const target = { type, namespace: type.namespaced ? 'apps' : '', name: 'web', subresource };
  return {
    core,
    operation,
    target,
    options: { ...options, warnings: [] },
    object: operation === 'DELETE' ? undefined : object,
    oldObject: operation === 'CREATE' ? undefined : object,
  };
}

const ALL = { apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*/*'] };

describe('which requests a policy or webhook is for', () => {
  it.each([
    [{}, {}, true],
    [{ operations: ['UPDATE'] }, {}, false],
    [{ operations: ['UPDATE', 'DELETE'] }, { operation: 'DELETE' }, true],
    [{ apiGroups: ['batch'] }, {}, false],
    [{ apiVersions: ['v2'] }, {}, false],
    [{ resources: ['deployments'] }, {}, true],
    [{ resources: ['deployments'] }, { subresource: 'status' }, false],
    [{ resources: ['deployments/status'] }, { subresource: 'status' }, true],
    [{ resources: ['deployments/*'] }, { subresource: 'scale' }, true],
    [{ resources: ['*'] }, { subresource: 'status' }, false],
    [{ resources: ['*/status'] }, { subresource: 'status' }, true],
    [{ resources: ['jobs'] }, {}, false],
    [{ scope: 'Cluster' }, {}, false],
    [{ scope: 'Namespaced' }, {}, true],
    [{ resourceNames: ['web'] }, {}, true],
    [{ resourceNames: ['other'] }, {}, false],
  ] as const)('rule %j, request %j: %s', (rule, asked, expected) => {
    expect(matches(request(asked), [{ ...ALL, ...rule }], {})).toBe(expected);
  });

  it('matches another version of the same resource unless told to be exact', () => {
    const asked = { apiVersion: 'events.k8s.io/v1', kind: 'Event' };
    const rule = { ...ALL, apiGroups: ['events.k8s.io'], apiVersions: ['v1'] };
    expect(matches(request(asked), [rule], {})).toBe(true);
    expect(matches(request(asked), [{ ...rule, apiVersions: ['v9'] }], { matchPolicy: 'Exact' })).toBe(false);
  });

  it('selects by the labels of the namespace and of either object', () => {
    const team = (value: string) => ({ namespaceSelector: { matchLabels: { team: value } } });
    expect(matches(request({}), [ALL], team('a'))).toBe(true);
    expect(matches(request({}), [ALL], team('b'))).toBe(false);
    expect(
      matches(request({ kind: 'Namespace', apiVersion: 'v1', labels: { team: 'b' } }), [ALL], team('b')),
    ).toBe(true);
    const objects = { objectSelector: { matchLabels: { app: 'x' } } };
    expect(matches(request({ labels: { app: 'x' } }), [ALL], objects)).toBe(true);
    expect(matches(request({ operation: 'DELETE', labels: { app: 'x' } }), [ALL], objects)).toBe(true);
    expect(matches(request({}), [ALL], objects)).toBe(false);
  });

  it.each([
    [{ operator: 'In', values: ['a', 'b'] }, true],
    [{ operator: 'In', values: ['c'] }, false],
    [{ operator: 'NotIn', values: ['c'] }, true],
    [{ operator: 'Exists' }, true],
    [{ operator: 'DoesNotExist' }, false],
    [{ operator: 'Almost' }, false],
  ])('expression %j: %s', (expression, expected) => {
    expect(selects({ matchExpressions: [{ key: 'k', ...expression }] }, { k: 'a' })).toBe(expected);
  });
});
