import type { KubeObject, ResourceType } from '../../kube/resource.ts';
import { annotationsHash } from '../../optin/hash.ts';
import { userAnnotations } from '../../optin/keys.ts';
import { type MergedOptIn, mergeOptIn } from '../../optin/merge.ts';
import { type OptInSource, parseOptIn } from '../../optin/parse.ts';
import type { Remembered } from '../../status/schema.ts';
import type { PlacementSpec } from './read/placement.ts';
import type { Manifest } from './read/replica-set.ts';

/** What one CarbonPlacement speaks of: a ManifestWorkReplicaSet, or a Placement that nothing known follows. */
export interface UnitMember {
  readonly object: KubeObject;
  readonly type: ResourceType;
  /** `namespace/name`. */
  readonly key: string;
  /** For people: `ManifestWorkReplicaSet apps/train`. */
  readonly label: string;
  readonly namespace: string;
  readonly name: string;
  readonly namespaceObject: KubeObject | null;
  readonly manifests: readonly Manifest[];
  /** Its last stored status. */
  readonly remembered: Remembered;
}

/** A Placement with its content read. */
export interface PlacementView {
  readonly object: KubeObject;
  readonly spec: PlacementSpec;
  /** `namespace/name`. */
  readonly key: string;
  /** For people: `Placement apps/train`. */
  readonly label: string;
}

/** One thing that runs in the clusters of a decision, opted in or not. */
export interface Follower {
  /** For people. */
  readonly label: string;
  readonly optedIn: boolean;
  /** Key of a ManifestWorkReplicaSet; null for what cannot be looked into. */
  readonly replicaSet: string | null;
  /** It follows other Placements as well. */
  readonly shared: boolean;
}

/** What one decision places: everything that follows one Placement. */
export interface Unit {
  readonly key: string;
  readonly label: string;
  /** Null when a ManifestWorkReplicaSet names one that is not there. */
  readonly placement: PlacementView | null;
  readonly members: readonly UnitMember[];
  readonly followers: readonly Follower[];
  /** Clusters that OCM has decided for, in ascending order. */
  readonly decided: readonly string[];
  /** ManifestWorks of the followers: cluster, then key of the ManifestWorkReplicaSet, then whether it is available. */
  readonly works: ReadonlyMap<string, ReadonlyMap<string, boolean>>;
}

export interface UnitOptIn extends MergedOptIn {
  /** Changes when any annotation of the opt-in does. */
  readonly hash: string;
}

/** Reads and merges all annotations that speak for the unit. */
export function optInOf(
  unit: Pick<Unit, 'placement' | 'members'>,
  hubDefaults: Readonly<Record<string, string>>,
): UnitOptIn {
  const written = new Map<string, Readonly<Record<string, string>>>();
  const namespaces = new Map<string, OptInSource>();
  const note = (label: string, object: KubeObject): Readonly<Record<string, string>> => {
    const annotations = userAnnotations(object.metadata.annotations);
    written.set(label, annotations);
    return annotations;
  };
  const { placement } = unit;
  const policy =
    placement === null
      ? null
      : parseOptIn('policy', placement.label, note(placement.label, placement.object), 'ocm');
  const workloads = unit.members.map((member) => {
    const own = parseOptIn('workload', member.label, note(member.label, member.object), 'ocm');
    const { namespaceObject } = member;
    if (namespaceObject === null) return { own, namespace: null };
    const label = `Namespace ${namespaceObject.metadata.name}`;
    const source =
      namespaces.get(label) ?? parseOptIn('namespace', label, note(label, namespaceObject), null);
    namespaces.set(label, source);
    return { own, namespace: source };
  });
  const hub =
    Object.keys(hubDefaults).length === 0
      ? null
      : parseOptIn('hub', "the hub's configuration", hubDefaults, null);
  return { ...mergeOptIn({ policy, workloads, hub }), hash: annotationsHash(written) };
}

/** Whether everything that follows the Placement and can be looked into is applied and available in the cluster. */
export function worksAvailable(unit: Pick<Unit, 'followers' | 'works'>, cluster: string): boolean {
  const works = unit.works.get(cluster);
  return unit.followers.every(({ replicaSet }) => replicaSet === null || works?.get(replicaSet) === true);
}
