import { describe, expect, it } from 'vitest';
import { changedByUser, metadataChanged } from '../../../src/karmada/detector/changes.ts';
import { claimMetadata, claimOf, claimPatch, policyId } from '../../../src/karmada/detector/claim.ts';
import { bestPolicy } from '../../../src/karmada/detector/match.ts';
import type { Policy, PropagationSpec } from '../../../src/karmada/types.ts';
import type { KubeObject } from '../../../src/runtime/client/object.ts';

const web: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'ns', labels: { app: 'web' }, resourceVersion: '1', generation: 1 },
  spec: { replicas: 1 },
};

const kind = { apiVersion: 'apps/v1', kind: 'Deployment' };
const byName = { ...kind, name: 'web' };
const byLabel = { ...kind, labelSelector: { matchLabels: { app: 'web' } } };

function policy(name: string, spec: PropagationSpec, deletionTimestamp?: string): Policy {
  return {
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'PropagationPolicy',
    metadata: { name, namespace: 'ns', ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }) },
    spec,
  };
}

function winner(...policies: readonly Policy[]): string | undefined {
  return bestPolicy(policies, web)?.metadata.name;
}

describe('the policy for an unclaimed template', () => {
  it('is the one with the higher priority, however loosely it matches', () => {
    expect(
      winner(
        policy('close', { resourceSelectors: [byName] }),
        policy('loose', { resourceSelectors: [kind], priority: 1 }),
      ),
    ).toBe('loose');
  });

  it('is the one that matches by name, then by label, then by kind', () => {
    const named = policy('z-name', { resourceSelectors: [byName] });
    const labelled = policy('m-label', { resourceSelectors: [byLabel] });
    const loose = policy('a-kind', { resourceSelectors: [kind] });
    expect(winner(loose, labelled, named)).toBe('z-name');
    expect(winner(loose, labelled)).toBe('m-label');
    expect(winner(loose)).toBe('a-kind');
  });

  it('is the first by name among equals', () => {
    expect(
      winner(policy('b', { resourceSelectors: [kind] }), policy('a', { resourceSelectors: [kind] })),
    ).toBe('a');
  });

  it('is none that does not select it or is being deleted', () => {
    expect(winner(policy('other', { resourceSelectors: [{ ...kind, name: 'db' }] }))).toBeUndefined();
    expect(winner(policy('leaving', { resourceSelectors: [kind] }, '2026-01-01T00:00:00Z'))).toBeUndefined();
  });

  it('does not look at labels when the selector has a name', () => {
    const both = { ...byName, labelSelector: { matchLabels: { app: 'nothing' } } };
    expect(winner(policy('both', { resourceSelectors: [both] }))).toBe('both');
  });

  it('selects in its own namespace when none is written', () => {
    const elsewhere = { ...web, metadata: { ...web.metadata, namespace: 'elsewhere' } };
    expect(bestPolicy([policy('own', { resourceSelectors: [byName] })], elsewhere)).toBeUndefined();
  });
});

describe('a claim', () => {
  const claiming = policy('web', { resourceSelectors: [byName] });

  it('is written once, and read back', () => {
    const metadata = claimMetadata(claiming, 'id-1');
    expect(claimPatch(web, metadata)).toEqual({ metadata });
    const claimed = { ...web, metadata: { ...web.metadata, ...metadata } };
    expect(claimOf(claimed)).toEqual({ scope: 'namespace', id: 'id-1', key: 'ns/web' });
    expect(claimPatch(claimed, metadata)).toBeUndefined();
  });

  it('needs all of its parts', () => {
    const { labels } = claimMetadata(claiming, 'id-1');
    expect(claimOf({ ...web, metadata: { ...web.metadata, labels } })).toBeUndefined();
  });

  it('of a PropagationPolicy comes before that of a ClusterPropagationPolicy', () => {
    const cluster: Policy = { ...claiming, kind: 'ClusterPropagationPolicy', metadata: { name: 'all' } };
    const [own, wide] = [claimMetadata(claiming, 'id-1'), claimMetadata(cluster, 'id-2')];
    const only = { ...web, metadata: { ...web.metadata, ...wide } };
    expect(claimOf(only)).toEqual({ scope: 'cluster', id: 'id-2', key: 'all' });
    const both = {
      ...web,
      metadata: {
        ...web.metadata,
        labels: { ...own.labels, ...wide.labels },
        annotations: { ...own.annotations, ...wide.annotations },
      },
    };
    expect(claimOf(both)?.scope).toBe('namespace');
  });

  it('waits for the id that the webhook gives', () => {
    expect(policyId(claiming)).toBeUndefined();
  });
});

describe('a change of a template', () => {
  const after = (
    change: Partial<KubeObject>,
    metadata: Partial<KubeObject['metadata']> = {},
  ): KubeObject => ({
    ...web,
    ...change,
    metadata: { ...web.metadata, ...metadata },
  });

  it.each<[string, KubeObject, boolean]>([
    ['its spec', after({ spec: { replicas: 2 } }), true],
    ['a label', after({}, { labels: { app: 'web', touched: 'yes' } }), true],
    ['an annotation', after({}, { annotations: { touched: 'yes' } }), true],
    ['its status', after({ status: { replicas: 1 } }), false],
    ['its bookkeeping', after({}, { resourceVersion: '2', generation: 2, managedFields: [] }), false],
    ["Karmada's keys", after({}, { annotations: { 'propagationpolicy.karmada.io/name': 'web' } }), false],
  ])("in %s is a user's: %#", (_what, changed, byUser) => {
    expect(changedByUser(web, changed)).toBe(byUser);
  });

  it('is a new object, too', () => {
    expect(changedByUser(undefined, web)).toBe(true);
  });

  it('may be of its metadata only', () => {
    expect(metadataChanged(web, after({ spec: { replicas: 2 } }))).toBe(false);
    expect(metadataChanged(web, after({}, { labels: {} }))).toBe(true);
  });
});
