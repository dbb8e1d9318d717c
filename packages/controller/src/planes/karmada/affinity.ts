import { matchesExpression, matchesLabels } from '../shared/label-selector.ts';
import type { MemberCluster } from './member.ts';
import type { Taint } from './read/cluster.ts';
import type { Toleration } from './read/policy-spec.ts';
import type { ClusterAffinity } from './read/selector.ts';

/**
 * Whether a cluster fits an affinity, as Karmada's `ClusterMatches` decides (karmada-io/karmada, pkg/util/selector.go):
 * `exclude` wins; all other parts must hold; an empty list of names and an empty affinity hold for every cluster.
 */
export function matchesAffinity(
  member: MemberCluster,
  affinity: ClusterAffinity | null | undefined,
): boolean {
  if (affinity === undefined || affinity === null) return true;
  if ((affinity.exclude ?? []).includes(member.name)) return false;
  const names = affinity.clusterNames ?? [];
  if (names.length > 0 && !names.includes(member.name)) return false;
  return matchesLabels(member.labels, affinity.labelSelector) && matchesFields(member, affinity);
}

/** Field selectors know provider, region and zone with In and NotIn. A cluster with several zones needs all in, or none. */
function matchesFields(member: MemberCluster, affinity: ClusterAffinity): boolean {
  return (affinity.fieldSelector?.matchExpressions ?? []).every((each) => {
    const wanted = each.values ?? [];
    if (each.key === 'zone') {
      if (each.operator === 'In') {
        return member.zones.length > 0 && member.zones.every((zone) => wanted.includes(zone));
      }
      return each.operator === 'NotIn' && member.zones.every((zone) => !wanted.includes(zone));
    }
    const value = each.key === 'provider' ? member.provider : each.key === 'region' ? member.region : '';
    return matchesExpression(value === '' ? undefined : value, each);
  });
}

function tolerates(toleration: Toleration, taint: Taint): boolean {
  if ((toleration.effect ?? '') !== '' && toleration.effect !== taint.effect) return false;
  if ((toleration.key ?? '') !== '' && toleration.key !== taint.key) return false;
  if (toleration.operator === 'Exists') return true;
  return (toleration.key ?? '') !== '' && (toleration.value ?? '') === (taint.value ?? '');
}

/** A taint that keeps new replicas away, or null. Karmada lets clusters that already hold replicas pass. */
export function repellingTaint(member: MemberCluster, tolerations: readonly Toleration[]): Taint | null {
  return (
    member.taints.find(
      (taint) =>
        (taint.effect === 'NoSchedule' || taint.effect === 'NoExecute') &&
        !tolerations.some((toleration) => tolerates(toleration, taint)),
    ) ?? null
  );
}
