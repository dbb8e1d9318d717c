import { type KubeObject, keyOf, type ResourceType } from '../../kube/resource.ts';
import { rememberedFrom } from '../../status/schema.ts';
import { STEP } from '../shared/annotations.ts';
import { memoized } from '../shared/memo.ts';
import { createObjectIndex } from '../shared/object-index.ts';
import { isOptedIn } from '../shared/opted-in.ts';
import { placementKey } from '../shared/placement-writer.ts';
import { CARBON_PLACEMENT, NAMESPACE } from '../shared/resources.ts';
import type { World } from '../shared/world.ts';
import { consumersByPlacement } from './consumers.ts';
import { decidedClusters, placementOf } from './read/decision.ts';
import { placementSpec } from './read/placement.ts';
import { replicaSetView } from './read/replica-set.ts';
import { isAvailable, replicaSetOf } from './read/work.ts';
import {
  APPLICATION_SET,
  CLUSTER_MANAGEMENT_ADD_ON,
  MANIFEST_WORK,
  MANIFEST_WORK_REPLICA_SET,
  PLACEMENT,
  PLACEMENT_BINDING,
  PLACEMENT_DECISION,
} from './resources.ts';
import type { Follower, PlacementView, Unit, UnitMember } from './unit.ts';

/** All units of a hub, kept up as its objects change. Units are put together when they are asked for. */
export interface UnitIndex {
  keys(): Iterable<string>;
  unit(key: string): Unit | undefined;
  /** Whether there should be a CarbonPlacement of this key. */
  hasCarbonPlacement(key: string): boolean;
  /** Placements of the units. */
  placements(): Iterable<PlacementView>;
  /** What follows any Placement, opted in or not, and what OCM has decided for it. */
  whole(placement: string): Pick<Unit, 'followers' | 'decided' | 'works'>;
  /** How many Placements have decided for each cluster. */
  readonly usage: ReadonlyMap<string, number>;
  /** Takes over a change of an object, after the cache has it. */
  changed(type: ResourceType, now: KubeObject | null, before: KubeObject | null): void;
}

/** Key of the unit that a Placement makes. */
export function unitKey(placement: string): string {
  return `Placement ${placement}`;
}

interface Subject {
  readonly object: KubeObject;
  readonly type: ResourceType;
}

interface Entry {
  readonly placement: PlacementView | null;
  /** Key of the Placement, whether it is there or not. */
  readonly follows: string;
  readonly subjects: readonly Subject[];
}

const readRemembered = memoized((placement: KubeObject) => rememberedFrom(placement.status));

const view = memoized((object: KubeObject): PlacementView | null => {
  const spec = placementSpec(object);
  const key = keyOf(object);
  return spec === null ? null : { object, spec, key, label: `Placement ${key}` };
});

const one = (key: string | null): readonly string[] => (key === null ? [] : [key]);

const byKey = (a: KubeObject, b: KubeObject): number => (keyOf(a) < keyOf(b) ? -1 : 1);

const followedBy = memoized((set: KubeObject): readonly string[] => {
  const namespace = set.metadata.namespace ?? '';
  return [...new Set(replicaSetView(set).placements)].map((name) => `${namespace}/${name}`);
});

const INDEXED = [PLACEMENT, MANIFEST_WORK_REPLICA_SET, PLACEMENT_DECISION, MANIFEST_WORK] as const;
const CONSUMERS: readonly ResourceType[] = [CLUSTER_MANAGEMENT_ADD_ON, PLACEMENT_BINDING, APPLICATION_SET];

/** Finds every unit: annotated Placements with all that follows them, and annotated ManifestWorkReplicaSets. */
export function createUnitIndex(
  hub: Pick<World, 'objects' | 'get'>,
  serves: (namespace: string) => boolean,
): UnitIndex {
  const sets = createObjectIndex(followedBy);
  const decisions = createObjectIndex((object) => one(placementOf(object)));
  const works = createObjectIndex((object) => one(replicaSetOf(object)));
  const usage = new Map<string, number>();
  const entries = new Map<string, Entry>();
  const carbonPlacements = new Set<string>();
  /** Keys of the units that came of one Placement. */
  const made = new Map<string, readonly string[]>();
  let consumers: ReadonlyMap<string, readonly string[]> | null = null;

  const optsIn = (object: KubeObject): boolean =>
    isOptedIn(object) && serves(object.metadata.namespace ?? '');

  function consumersOf(placement: string): readonly string[] {
    consumers ??= consumersByPlacement({
      addOns: hub.objects(CLUSTER_MANAGEMENT_ADD_ON),
      placementBindings: hub.objects(PLACEMENT_BINDING),
      applicationSets: hub.objects(APPLICATION_SET),
    });
    return consumers.get(placement) ?? [];
  }

  const following = (placement: string): KubeObject[] => [...sets.of(placement)].sort(byKey);

  const followersOf = (placement: string): Follower[] => [
    ...following(placement).map((set) => ({
      label: `ManifestWorkReplicaSet ${keyOf(set)}`,
      optedIn: optsIn(set),
      replicaSet: keyOf(set),
      shared: followedBy(set).length > 1,
    })),
    ...consumersOf(placement).map((label) => ({ label, optedIn: false, replicaSet: null, shared: false })),
  ];

  function entriesOf(key: string): (readonly [string, Entry])[] {
    const object = hub.get(PLACEMENT, key);
    const leaders = following(key).filter((set) => followedBy(set)[0] === key);
    if (object === undefined) {
      return leaders.filter(optsIn).map((set) => {
        const subjects = [{ object: set, type: MANIFEST_WORK_REPLICA_SET }];
        return [`ManifestWorkReplicaSet ${keyOf(set)}`, { placement: null, follows: key, subjects }] as const;
      });
    }
    const whole = optsIn(object);
    // A step that is under way is brought to its end, also when nobody follows any more.
    const moving = object.metadata.annotations?.[STEP] !== undefined;
    const members = leaders.filter((set) => whole || moving || optsIn(set));
    const placement = view(object);
    if (placement === null || !(whole || moving || members.length > 0)) return [];
    const subjects =
      members.length === 0
        ? [{ object, type: PLACEMENT }]
        : members.map((set) => ({ object: set, type: MANIFEST_WORK_REPLICA_SET }));
    return [[unitKey(key), { placement, follows: key, subjects }]];
  }

  /** Makes the units of these Placements anew: all of the old go first, for one may come back under another. */
  function update(placements: Iterable<string>): void {
    const touched = new Set(placements);
    for (const placement of touched) {
      for (const key of made.get(placement) ?? []) {
        for (const subject of entries.get(key)?.subjects ?? []) carbonPlacements.delete(statusKey(subject));
        entries.delete(key);
      }
      made.delete(placement);
    }
    for (const placement of touched) {
      const next = entriesOf(placement);
      for (const [key, entry] of next) {
        entries.set(key, entry);
        for (const subject of entry.subjects) carbonPlacements.add(statusKey(subject));
      }
      const keys = next.map(([key]) => key);
      if (keys.length > 0) made.set(placement, keys);
    }
  }

  function count(decision: KubeObject | null, by: 1 | -1): void {
    if (decision === null || placementOf(decision) === null) return;
    for (const name of decidedClusters(decision)) {
      const next = (usage.get(name) ?? 0) + by;
      if (next === 0) usage.delete(name);
      else usage.set(name, next);
    }
  }

  function changed(type: ResourceType, now: KubeObject | null, before: KubeObject | null): void {
    const object = now ?? before;
    if (CONSUMERS.includes(type)) consumers = null;
    if (type === MANIFEST_WORK) works.changed(now, before);
    if (type === PLACEMENT_DECISION) {
      decisions.changed(now, before);
      count(before, -1);
      count(now, 1);
    }
    if (type === PLACEMENT && object !== null) update([keyOf(object)]);
    if (type === MANIFEST_WORK_REPLICA_SET) {
      sets.changed(now, before);
      update([now, before].flatMap((set) => (set === null ? [] : followedBy(set))));
    }
  }

  function memberOf({ object, type }: Subject): UnitMember {
    const { name, namespace = '' } = object.metadata;
    const stored = hub.get(CARBON_PLACEMENT, statusKey({ object, type }));
    return {
      object,
      type,
      key: `${type.kind} ${namespace}/${name}`,
      label: `${type.kind} ${namespace}/${name}`,
      namespace,
      name,
      namespaceObject: hub.get(NAMESPACE, namespace) ?? null,
      manifests: type === PLACEMENT ? [] : replicaSetView(object).manifests,
      remembered: stored === undefined ? rememberedFrom(undefined) : readRemembered(stored),
    };
  }

  function worksOf(followers: readonly Follower[]): Unit['works'] {
    const found = new Map<string, Map<string, boolean>>();
    for (const { replicaSet } of followers) {
      if (replicaSet === null) continue;
      for (const work of works.of(replicaSet)) {
        const cluster = work.metadata.namespace ?? '';
        const here = found.get(cluster) ?? new Map<string, boolean>();
        here.set(replicaSet, isAvailable(work));
        found.set(cluster, here);
      }
    }
    return found;
  }

  const decidedFor = (placement: string): string[] =>
    [...new Set([...decisions.of(placement)].flatMap(decidedClusters))].sort();

  for (const type of INDEXED) for (const object of hub.objects(type)) changed(type, object, null);

  return {
    keys: () => entries.keys(),
    hasCarbonPlacement: (key) => carbonPlacements.has(key),
    *placements() {
      for (const { placement } of entries.values()) if (placement !== null) yield placement;
    },
    usage,
    changed,
    whole(placement) {
      const followers = followersOf(placement);
      return { followers, decided: decidedFor(placement), works: worksOf(followers) };
    },
    unit(key) {
      const entry = entries.get(key);
      const members = entry?.subjects.map(memberOf) ?? [];
      const [first] = members;
      if (entry === undefined || first === undefined) return undefined;
      const { placement, follows } = entry;
      // One that names a Placement that is not there stands for itself alone.
      const followers = followersOf(follows).filter(
        ({ replicaSet }) => placement !== null || replicaSet === keyOf(first.object),
      );
      return {
        key,
        label: placement?.label ?? first.label,
        placement,
        members,
        followers,
        decided: placement === null ? [] : decidedFor(follows),
        works: worksOf(followers),
      };
    },
  };
}

const statusKey = ({ object, type }: Subject): string => {
  const { name, namespace = '' } = object.metadata;
  return placementKey({ object, type, namespace, name });
};
