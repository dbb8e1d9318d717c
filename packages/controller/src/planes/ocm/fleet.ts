import type { LocationResolver } from '@windvane/carbon-map';
import type { KubeObject } from '../../kube/resource.ts';
import { type ClusterPlace, placeOf } from '../../optin/cluster.ts';
import type { ClusterView } from '../plane.ts';
import { readManagedClusterSpec, readManagedClusterStatus, type Taint } from './read/cluster.ts';

/** A ManagedCluster, as far as placement is concerned. */
export interface ManagedCluster {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Cluster claims by name. */
  readonly claims: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** Accepted by the hub, joined, and its agent reports (`ManagedClusterConditionAvailable`). */
  readonly available: boolean;
  readonly deleting: boolean;
  readonly place: ClusterPlace;
  /** Quantities as written, by resource. They are totals: what is in use is not known to the hub. */
  readonly allocatable: Readonly<Record<string, string>>;
  readonly capacity: Readonly<Record<string, string>>;
  readonly object: KubeObject;
}

export interface FleetSettings {
  readonly locations: LocationResolver;
  /** Locations from the hub's configuration, by cluster. */
  readonly configured: Readonly<Record<string, string>>;
  /** Cluster claim that names a location, for example `region.example.com`; null for none. */
  readonly locationClaim: string | null;
}

/** Reads a `ManagedCluster` object. */
export function managedCluster(object: KubeObject, settings: FleetSettings): ManagedCluster {
  const { name, annotations, labels, deletionTimestamp } = object.metadata;
  const spec = readManagedClusterSpec(object.spec);
  const status = readManagedClusterStatus(object.status);
  const claims = Object.fromEntries((status.clusterClaims ?? []).map((claim) => [claim.name, claim.value]));
  const claimed = settings.locationClaim === null ? undefined : claims[settings.locationClaim];
  const isTrue = (type: string): boolean =>
    (status.conditions ?? []).some((each) => each.type === type && each.status === 'True');
  return {
    name,
    labels: labels ?? {},
    claims,
    taints: spec.taints ?? [],
    available: spec.hubAcceptsClient === true && isTrue('ManagedClusterConditionAvailable'),
    deleting: deletionTimestamp !== undefined,
    place: placeOf(
      { name, annotations, labels, configured: settings.configured[name], claimed },
      settings.locations,
    ),
    allocatable: status.allocatable ?? {},
    capacity: status.capacity ?? {},
    object,
  };
}

export function clusterView(cluster: ManagedCluster, hub: string): ClusterView {
  const { location, zone, excluded } = cluster.place;
  return {
    name: cluster.name,
    hub,
    plane: 'ocm',
    location,
    zone,
    ready: cluster.available,
    headroom: null,
    excluded: cluster.deleting ? 'it is being deleted' : excluded,
  };
}
