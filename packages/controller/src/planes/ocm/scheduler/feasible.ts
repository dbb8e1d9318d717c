import type { Instant } from '@windvane/carbon-map';
import { matchesExpression, matchesLabels, wrongExpression } from '../../shared/label-selector.ts';
import type { ManagedCluster } from '../fleet.ts';
import type { ClusterPredicate, PlacementSpec } from '../read/placement.ts';
import type { CelSelector } from './cel.ts';
import { type ClusterSets, eligibleSets, membersOf } from './membership.ts';
import { repellingTaint, unsoundToleration } from './tolerations.ts';

/** What bears on which clusters OCM would consider. */
export interface HubClusters extends ClusterSets {
  readonly fleet: readonly ManagedCluster[];
  readonly cel: CelSelector;
}

function meets(cluster: ManagedCluster, predicate: ClusterPredicate, cel: CelSelector): boolean {
  const claims = predicate.claimSelector?.matchExpressions ?? [];
  return (
    matchesLabels(cluster.labels, predicate.labelSelector) &&
    claims.every((each) => matchesExpression(cluster.claims[each.key], each)) &&
    cel.holds(predicate.celSelector?.celExpressions ?? [], cluster.object)
  );
}

/** Clusters of the Placement's sets that meet any of its predicates; taints are not looked at. */
export function selectedClusters(namespace: string, spec: PlacementSpec, hub: HubClusters): ManagedCluster[] {
  const members = membersOf(eligibleSets(namespace, spec, hub), hub.fleet, hub);
  const predicates = (spec.predicates ?? []).map((each) => each.requiredClusterSelector ?? {});
  if (predicates.length === 0) return members;
  return members.filter((cluster) => predicates.some((predicate) => meets(cluster, predicate, hub.cel)));
}

/** Of these clusters, those that taints do not keep out. */
export function toleratedClusters(
  selected: readonly ManagedCluster[],
  spec: PlacementSpec,
  decided: ReadonlySet<string>,
  now: Instant,
): ManagedCluster[] {
  const tolerations = spec.tolerations ?? [];
  return selected.filter(
    ({ name, taints }) => repellingTaint(taints, tolerations, decided.has(name), now) === null,
  );
}

/** What OCM refuses in a predicate, or what cannot be evaluated here, for people; null for nothing. */
export function wrongPredicate(spec: PlacementSpec, cel: CelSelector): string | null {
  for (const { requiredClusterSelector } of spec.predicates ?? []) {
    const { labelSelector, claimSelector, celSelector } = requiredClusterSelector ?? {};
    const problem =
      wrongExpression(labelSelector?.matchExpressions ?? []) ??
      wrongExpression(claimSelector?.matchExpressions ?? []) ??
      cel.problem(celSelector?.celExpressions ?? []);
    if (problem !== null) return problem;
  }
  return null;
}

/** Why it cannot be told which clusters OCM would consider, for people; null when it can. */
export function unjudgeable(spec: PlacementSpec, cel: CelSelector): string | null {
  return wrongPredicate(spec, cel) ?? unsoundToleration(spec.tolerations ?? []);
}
