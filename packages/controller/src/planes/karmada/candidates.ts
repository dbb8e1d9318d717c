import type { Instant } from '@windvane/carbon-map';
import type { ClusterOption } from '../../engine/problem.ts';
import { isAllowed } from '../../optin/locations.ts';
import type { UnitOptions } from '../../optin/options.ts';
import { shunnedClusters } from '../shared/annotations.ts';
import { intensityOf, type MapContext } from '../shared/intensity.ts';
import { memoized } from '../shared/memo.ts';
import { pricesOf } from '../shared/prices.ts';
import { matchesAffinity, repellingTaint } from './affinity.ts';
import type { Headroom, MemberCluster } from './member.ts';
import type { Toleration } from './read/policy-spec.ts';
import type { Unit } from './unit.ts';
import type { ReplicaRequests } from './workload.ts';

export interface CandidateContext extends MapContext {
  /** Room in a cluster that other units' steps are about to take. */
  readonly reserved: (unit: string, cluster: string) => Headroom | undefined;
  readonly now: Instant;
}

/** Clusters that the policy's own affinity selects. It is never widened. */
export function candidatesOf(unit: Unit, fleet: Iterable<MemberCluster>): MemberCluster[] {
  const affinity = unit.policy?.spec?.placement?.clusterAffinity;
  return [...fleet]
    .filter((member) => !member.deleting && matchesAffinity(member, affinity))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What a unit asks of every cluster. */
interface Needs {
  readonly tolerations: readonly Toleration[];
  /** `apps/v1/Deployment` */
  readonly kinds: readonly string[];
  /** Of the largest replica. */
  readonly requests: ReplicaRequests;
}

const needsOf = memoized((unit: Unit): Needs => {
  const workloads = unit.members.map(({ workload }) => workload);
  return {
    tolerations: unit.policy?.spec?.placement?.clusterTolerations ?? [],
    kinds: [...new Set(workloads.map(({ object, type }) => `${object.apiVersion ?? ''}/${type.kind}`))],
    requests: {
      cpuMillis: Math.max(0, ...workloads.map(({ requests }) => requests.cpuMillis)),
      memoryBytes: Math.max(0, ...workloads.map(({ requests }) => requests.memoryBytes)),
    },
  };
});

/** Whether the cluster can take more replicas of the unit: Ready, no taint against it, and it serves the kind. */
export function canBeFed(member: MemberCluster, unit: Unit): boolean {
  const { tolerations, kinds } = needsOf(unit);
  if (!member.ready || repellingTaint(member, tolerations) !== null) return false;
  return member.apis.size === 0 || kinds.every((kind) => member.apis.has(kind));
}

/** Until when a cluster is left alone because replicas did not become available there (RFC 3339); null when it is not. */
function shunnedUntil(member: MemberCluster, unit: Unit, now: Instant): string | null {
  return unit.policy === null ? null : (shunnedClusters(unit.policy.object, now)[member.name] ?? null);
}

/** More replicas of these requests that fit; null when the cluster does not tell what is free. */
function fitting(
  member: MemberCluster,
  { cpuMillis: cpu, memoryBytes: memory }: ReplicaRequests,
  reserved: Headroom | undefined,
): number | null {
  const { headroom } = member;
  if (headroom === null) return null;
  const free = (of: (each: Headroom) => number): number =>
    Math.max(0, of(headroom) - (reserved === undefined ? 0 : of(reserved)));
  return Math.floor(
    Math.min(
      free((each) => each.pods),
      cpu > 0 ? free((each) => each.cpuMillis) / cpu : Number.MAX_SAFE_INTEGER,
      memory > 0 ? free((each) => each.memoryBytes) / memory : Number.MAX_SAFE_INTEGER,
    ),
  );
}

/** One candidate as the engine sees it. */
export function clusterOption(
  member: MemberCluster,
  unit: Unit,
  options: UnitOptions,
  context: CandidateContext,
): ClusterOption {
  const { zone, location, avoid, maxShare, pue, excluded } = member.place;
  return {
    name: member.name,
    zone: excluded === null ? zone : null,
    ready: canBeFed(member, unit) && shunnedUntil(member, unit, context.now) === null,
    allowed: isAllowed({ location, zone }, options.locations, context.locations),
    avoid,
    ...intensityOf(member.place, options.onStaleData, context),
    pue,
    ...pricesOf(member, context, context.now),
    headroomReplicas: fitting(member, needsOf(unit).requests, context.reserved(unit.key, member.name)),
    maxShare: Math.min(maxShare, options.maxShare),
  };
}
