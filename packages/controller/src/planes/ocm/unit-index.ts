import { type KubeObject, keyOf, type ResourceType } from '../../kube/resource.ts';
import { rememberedFrom } from '../../status/schema.ts';
import { STEP } from '../shared/annotations.ts';
import { memoized } from '../shared/memo.ts';
import { isOptedIn } from '../shared/opted-in.ts';
import { placementKey } from '../shared/placement-writer.ts';
import { type ConsumerObjects, consumersByPlacement } from './consumers.ts';
import { decidedClusters, placementOf } from './read/decision.ts';
import { placementSpec } from './read/placement.ts';
import { replicaSetView } from './read/replica-set.ts';
import { isAvailable, replicaSetOf } from './read/work.ts';
import { MANIFEST_WORK_REPLICA_SET, PLACEMENT } from './resources.ts';
import type { Follower, PlacementView, Unit, UnitMember } from './unit.ts';

/** The objects of one hub. */
export interface HubObjects extends ConsumerObjects {
  readonly placements: Iterable<KubeObject>;
  readonly replicaSets: Iterable<KubeObject>;
  readonly decisions: Iterable<KubeObject>;
  readonly works: Iterable<KubeObject>;
  readonly namespace: (name: string) => KubeObject | undefined;
  readonly carbonPlacement: (key: string) => KubeObject | undefined;
}

/** All units of a hub. Units are put together when they are asked for. */
export interface UnitIndex {
  readonly keys: ReadonlySet<string>;
  unit(key: string): Unit | undefined;
  /** Keys of the CarbonPlacements that there should be. */
  readonly carbonPlacements: ReadonlySet<string>;
  /** Placements of the units, by the key of the unit. */
  readonly placements: ReadonlyMap<string, PlacementView>;
  /** What follows any Placement, opted in or not, and what OCM has decided for it. */
  whole(placement: string): Pick<Unit, 'followers' | 'decided' | 'works'>;
  /** How many Placements have decided for each cluster. */
  readonly usage: ReadonlyMap<string, number>;
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
  readonly subjects: readonly Subject[];
  readonly followers: readonly Follower[];
}

const readRemembered = memoized((placement: KubeObject) => rememberedFrom(placement.status));

const view = memoized((object: KubeObject): PlacementView | null => {
  const spec = placementSpec(object);
  const key = keyOf(object);
  return spec === null ? null : { object, spec, key, label: `Placement ${key}` };
});

function group(objects: Iterable<KubeObject>, keyFor: (object: KubeObject) => readonly string[]) {
  const grouped = new Map<string, KubeObject[]>();
  for (const object of objects) {
    for (const key of keyFor(object)) {
      const list = grouped.get(key);
      if (list === undefined) grouped.set(key, [object]);
      else list.push(object);
    }
  }
  return grouped;
}

const one = (key: string | null): readonly string[] => (key === null ? [] : [key]);

function followedBy(set: KubeObject): string[] {
  const namespace = set.metadata.namespace ?? '';
  return [...new Set(replicaSetView(set).placements)].map((name) => `${namespace}/${name}`);
}

/** Finds every unit: annotated Placements with all that follows them, and annotated ManifestWorkReplicaSets. */
export function buildUnitIndex(hub: HubObjects, serves: (namespace: string) => boolean): UnitIndex {
  const placements = new Map([...hub.placements].map((object) => [keyOf(object), object]));
  const sets = group(hub.replicaSets, followedBy);
  const decisions = group(hub.decisions, (object) => one(placementOf(object)));
  const works = group(hub.works, (object) => one(replicaSetOf(object)));
  const consumers = consumersByPlacement(hub);
  const optsIn = (object: KubeObject): boolean =>
    isOptedIn(object) && serves(object.metadata.namespace ?? '');
  const entries = new Map<string, Entry>();
  const followersOf = (key: string): Follower[] => [
    ...(sets.get(key) ?? []).map((set) => ({
      label: `ManifestWorkReplicaSet ${keyOf(set)}`,
      optedIn: optsIn(set),
      replicaSet: keyOf(set),
      shared: followedBy(set).length > 1,
    })),
    ...(consumers.get(key) ?? []).map((label) => ({
      label,
      optedIn: false,
      replicaSet: null,
      shared: false,
    })),
  ];

  for (const [key, object] of placements) {
    const following = sets.get(key) ?? [];
    const whole = optsIn(object);
    // A step that is under way is brought to its end, also when nobody follows any more.
    const moving = object.metadata.annotations?.[STEP] !== undefined;
    const members = following.filter((set) => followedBy(set)[0] === key && (whole || moving || optsIn(set)));
    const placement = view(object);
    if (placement === null || !(whole || moving || members.length > 0)) continue;
    entries.set(unitKey(key), {
      placement,
      subjects:
        members.length === 0
          ? [{ object, type: PLACEMENT }]
          : members.map((set) => ({ object: set, type: MANIFEST_WORK_REPLICA_SET })),
      followers: followersOf(key),
    });
  }
  for (const [key, following] of sets) {
    if (placements.has(key)) continue;
    for (const object of following.filter((set) => optsIn(set) && followedBy(set)[0] === key)) {
      const label = `ManifestWorkReplicaSet ${keyOf(object)}`;
      const follower = { label, optedIn: true, replicaSet: keyOf(object), shared: false };
      const subjects = [{ object, type: MANIFEST_WORK_REPLICA_SET }];
      entries.set(label, { placement: null, subjects, followers: [follower] });
    }
  }

  function memberOf({ object, type }: Subject): UnitMember {
    const { name, namespace = '' } = object.metadata;
    const manifests = type === PLACEMENT ? [] : replicaSetView(object).manifests;
    const stored = hub.carbonPlacement(placementKey({ object, type, namespace, name }));
    return {
      object,
      type,
      key: `${type.kind} ${namespace}/${name}`,
      label: `${type.kind} ${namespace}/${name}`,
      namespace,
      name,
      namespaceObject: hub.namespace(namespace) ?? null,
      manifests,
      remembered: stored === undefined ? rememberedFrom(undefined) : readRemembered(stored),
    };
  }

  function worksOf(followers: readonly Follower[]): Unit['works'] {
    const found = new Map<string, Map<string, boolean>>();
    for (const { replicaSet } of followers) {
      if (replicaSet === null) continue;
      for (const work of works.get(replicaSet) ?? []) {
        const cluster = work.metadata.namespace ?? '';
        const here = found.get(cluster) ?? new Map<string, boolean>();
        here.set(replicaSet, isAvailable(work));
        found.set(cluster, here);
      }
    }
    return found;
  }

  const decidedFor = (key: string): string[] =>
    [...new Set((decisions.get(key) ?? []).flatMap(decidedClusters))].sort();

  const usage = new Map<string, number>();
  for (const objects of decisions.values()) {
    for (const name of objects.flatMap(decidedClusters)) usage.set(name, (usage.get(name) ?? 0) + 1);
  }

  return {
    keys: new Set(entries.keys()),
    carbonPlacements: new Set(
      [...entries.values()].flatMap(({ subjects }) => subjects.map(memberOf)).map(placementKey),
    ),
    placements: new Map(
      [...entries].flatMap(([key, { placement }]) => (placement === null ? [] : [[key, placement] as const])),
    ),
    usage,
    whole(key) {
      const followers = followersOf(key);
      return { followers, decided: decidedFor(key), works: worksOf(followers) };
    },
    unit(key) {
      const entry = entries.get(key);
      const members = entry?.subjects.map(memberOf) ?? [];
      const [first] = members;
      if (entry === undefined || first === undefined) return undefined;
      const { placement, followers } = entry;
      return {
        key,
        label: placement?.label ?? first.label,
        placement,
        members,
        followers,
        decided: placement === null ? [] : decidedFor(placement.key),
        works: worksOf(followers),
      };
    },
  };
}
