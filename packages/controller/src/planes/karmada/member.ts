import type { LocationResolver } from '@windvane/carbon-map';
import type { KubeObject } from '../../kube/resource.ts';
import { type ClusterPlace, placeOf } from '../../optin/cluster.ts';
import type { ClusterView } from '../plane.ts';
import { parseQuantity } from '../shared/quantity.ts';
import { type ClusterStatus, readClusterSpec, readClusterStatus, type Taint } from './read/cluster.ts';

/** Free resources: allocatable less allocated and allocating. Coarse: fragmentation and autoscalers are not seen. */
export interface Headroom {
  readonly cpuMillis: number;
  readonly memoryBytes: number;
  readonly pods: number;
}

/** A member cluster of Karmada, as far as placement is concerned. */
export interface MemberCluster {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly provider: string;
  readonly region: string;
  readonly zones: readonly string[];
  readonly taints: readonly Taint[];
  /** Its Ready condition is True. */
  readonly ready: boolean;
  readonly deleting: boolean;
  readonly place: ClusterPlace;
  readonly headroom: Headroom | null;
  /** `groupVersion/kind` that the member serves; empty when it does not tell. */
  readonly apis: ReadonlySet<string>;
}

function headroomOf(status: ClusterStatus): Headroom | null {
  const summary = status.resourceSummary;
  if (summary === undefined || summary === null) return null;
  const free = (name: string): number => {
    const of = (part: Readonly<Record<string, string>> | null | undefined): number =>
      parseQuantity(part?.[name] ?? '0') ?? 0;
    return Math.max(0, of(summary.allocatable) - of(summary.allocated) - of(summary.allocating));
  };
  return {
    // 1.2 less 0.8 cores are 399.99 millicores to a computer.
    cpuMillis: Math.floor(Math.round(free('cpu') * 1e6) / 1e3),
    memoryBytes: Math.floor(free('memory')),
    pods: Math.floor(free('pods')),
  };
}

export interface MemberSettings {
  readonly locations: LocationResolver;
  /** Locations from the hub's configuration, by cluster. */
  readonly configured: Readonly<Record<string, string>>;
}

/** Reads a `Cluster` object. */
export function memberOf(object: KubeObject, settings: MemberSettings): MemberCluster {
  const { name, annotations, labels, deletionTimestamp } = object.metadata;
  const spec = readClusterSpec(object.spec);
  const status = readClusterStatus(object.status);
  const place = placeOf(
    {
      name,
      annotations,
      labels,
      configured: settings.configured[name],
      provider: spec.provider ?? undefined,
      region: spec.region ?? undefined,
    },
    settings.locations,
  );
  return {
    name,
    labels: labels ?? {},
    provider: spec.provider ?? '',
    region: spec.region ?? '',
    zones:
      spec.zones ?? (spec.zone === undefined || spec.zone === null || spec.zone === '' ? [] : [spec.zone]),
    taints: spec.taints ?? [],
    ready: (status.conditions ?? []).some((each) => each.type === 'Ready' && each.status === 'True'),
    deleting: deletionTimestamp !== undefined,
    place,
    headroom: headroomOf(status),
    apis: new Set(
      (status.apiEnablements ?? []).flatMap((api) =>
        (api.resources ?? []).map((resource) => `${api.groupVersion}/${resource.kind}`),
      ),
    ),
  };
}

export function clusterView(member: MemberCluster, hub: string): ClusterView {
  const { location, zone, excluded } = member.place;
  return {
    name: member.name,
    hub,
    plane: 'karmada',
    location,
    zone,
    ready: member.ready,
    headroom: member.headroom,
    excluded: member.deleting ? 'it is being deleted' : excluded,
  };
}
