import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type KubeObject, keyOf, type ResourceType } from '../../../src/kube/resource.ts';
import {
  APPLICATION_SET,
  MANIFEST_WORK,
  MANIFEST_WORK_REPLICA_SET,
  PLACEMENT,
  PLACEMENT_DECISION,
} from '../../../src/planes/ocm/resources.ts';
import { createUnitIndex, type UnitIndex, unitKey } from '../../../src/planes/ocm/unit-index.ts';
import { FOLLOW, placement, replicaSet } from './support/objects.ts';

interface Knobs {
  readonly name: string;
  readonly other: string;
  readonly optedIn: boolean;
  readonly cluster: string;
}

const NS = 'n';
const types = {
  placement: PLACEMENT,
  set: MANIFEST_WORK_REPLICA_SET,
  decision: PLACEMENT_DECISION,
  work: MANIFEST_WORK,
  application: APPLICATION_SET,
} as const;
type Kind = keyof typeof types;

const annotations = (optedIn: boolean) => (optedIn ? FOLLOW : {});
const PLACEMENT_LABEL = 'cluster.open-cluster-management.io/placement';
const makers: Readonly<Record<Kind, (knobs: Knobs) => KubeObject>> = {
  placement: ({ name, optedIn }) => placement(NS, name, { numberOfClusters: 1 }, annotations(optedIn)),
  set: ({ name, other, optedIn, cluster }) =>
    replicaSet(NS, name, cluster === 'paris' ? [other] : [other, 'c'], annotations(optedIn)),
  decision: ({ name, other, cluster }) => ({
    metadata: { name: `${name}-decision-1`, namespace: NS, labels: { [PLACEMENT_LABEL]: other } },
    status: { decisions: [{ clusterName: cluster }] },
  }),
  work: ({ name, other, cluster, optedIn }) => ({
    metadata: {
      name,
      namespace: cluster,
      generation: 1,
      labels: { 'work.open-cluster-management.io/manifestworkreplicaset': `${NS}.${other}` },
    },
    spec: {},
    status: {
      conditions: ['Applied', 'Available'].map((type) => ({ type, status: optedIn ? 'True' : 'False' })),
    },
  }),
  application: ({ name, other }) => ({
    metadata: { name, namespace: NS },
    spec: {
      generators: [
        { clusterDecisionResource: { labelSelector: { matchLabels: { [PLACEMENT_LABEL]: other } } } },
      ],
    },
  }),
};

/** Caches of a hub, and an index that is kept up as the plane does it. */
function hub() {
  const stores = new Map<ResourceType, Map<string, KubeObject>>(
    Object.values(types).map((type) => [type, new Map()]),
  );
  const world = {
    objects: (type: ResourceType) => stores.get(type)?.values() ?? [],
    get: (type: ResourceType, key: string) => stores.get(type)?.get(key),
  };
  const serves = (): boolean => true;
  const kept = createUnitIndex(world, serves);
  return {
    kept,
    fresh: () => createUnitIndex(world, serves),
    change: (kind: Kind, object: KubeObject, gone: boolean) => {
      const store = stores.get(types[kind]);
      const before = store?.get(keyOf(object)) ?? null;
      if (gone) store?.delete(keyOf(object));
      else store?.set(keyOf(object), object);
      if (!gone || before !== null) kept.changed(types[kind], gone ? null : object, before);
    },
  };
}

/** Everything that an index says. */
function told(index: UnitIndex): unknown {
  const keys = [...index.keys()].sort();
  return {
    units: keys.map((key) => index.unit(key)),
    placements: [...index.placements()].map(({ key }) => key).sort(),
    usage: Object.fromEntries(index.usage),
    whole: ['a', 'b', 'c'].map((name) => index.whole(`${NS}/${name}`)),
    statuses: ['a', 'b', 'c'].flatMap((name) =>
      ['placement', 'manifestworkreplicaset'].filter((kind) =>
        index.hasCarbonPlacement(`${NS}/${name}-${kind}`),
      ),
    ),
  };
}

const name = fc.constantFrom('a', 'b', 'c');
const change = fc.record({
  kind: fc.constantFrom<Kind[]>('placement', 'set', 'decision', 'work', 'application'),
  gone: fc.boolean(),
  knobs: fc.record({
    name,
    other: name,
    optedIn: fc.boolean(),
    cluster: fc.constantFrom('paris', 'berlin'),
  }),
});

describe('the units of a hub', () => {
  it('are after any changes what they are when they are read anew', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        const { kept, fresh, change: apply } = hub();
        for (const { kind, gone, knobs } of changes) {
          apply(kind, makers[kind](knobs), gone);
          expect(told(kept)).toEqual(told(fresh()));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('stay when what follows no Placement comes to follow another', () => {
    const { kept, fresh, change: apply } = hub();
    const knobs = { name: 'a', other: 'b', optedIn: true, cluster: 'paris' };
    apply('set', makers.set(knobs), false);
    apply('set', makers.set({ ...knobs, other: 'c' }), false);
    expect([...kept.keys()]).toEqual(['ManifestWorkReplicaSet n/a']);
    expect(told(kept)).toEqual(told(fresh()));
  });

  it('are annotated Placements with all that follows them', () => {
    const { kept, change: apply } = hub();
    const knobs = { name: 'a', other: 'a', optedIn: true, cluster: 'paris' };
    for (const kind of ['placement', 'set', 'decision', 'work', 'application'] as const) {
      apply(kind, makers[kind](knobs), false);
    }
    const unit = kept.unit(unitKey(`${NS}/a`));
    expect(unit?.followers.map(({ label }) => label)).toEqual([
      'ManifestWorkReplicaSet n/a',
      'ApplicationSet n/a',
    ]);
    expect(unit?.decided).toEqual(['paris']);
    expect(unit?.works.get('paris')?.get('n/a')).toBe(true);
    expect(kept.usage.get('paris')).toBe(1);
    apply('placement', makers.placement(knobs), true);
    expect(kept.unit('ManifestWorkReplicaSet n/a')).toMatchObject({ placement: null, decided: [] });
    expect(kept.unit(unitKey(`${NS}/a`))).toBeUndefined();
  });
});
