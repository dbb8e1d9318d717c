import type { LabelSelectorTerm } from '../../runtime/labels.ts';
import { matchesLabels } from '../../runtime/labels.ts';
import type { Cluster, ClusterAffinity } from '../types.ts';

function fieldValues(cluster: Cluster, key: string): readonly string[] {
  const spec = cluster.spec;
  switch (key) {
    case 'provider':
      return spec?.provider === undefined ? [] : [spec.provider];
    case 'region':
      return spec?.region === undefined ? [] : [spec.region];
    case 'zone':
      return spec?.zones ?? (spec?.zone === undefined ? [] : [spec.zone]);
    default:
      return [];
  }
}

function matchesField(cluster: Cluster, term: LabelSelectorTerm): boolean {
  const values = fieldValues(cluster, term.key);
  const listed = values.some((value) => (term.values ?? []).includes(value));
  return term.operator === 'In' ? listed : term.operator === 'NotIn' ? !listed : false;
}

/**
 * Whether `affinity` holds a cluster. `exclude` wins over everything; the other parts must all match, an empty
 * list of names stands for all clusters, and so does an empty affinity (pkg/util/selector.go).
 */
export function matchesAffinity(cluster: Cluster, affinity: ClusterAffinity | undefined): boolean {
  if (affinity === undefined) return true;
  const { name } = cluster.metadata;
  if (affinity.exclude?.includes(name) === true) return false;
  if (
    affinity.labelSelector !== undefined &&
    !matchesLabels(cluster.metadata.labels, affinity.labelSelector)
  ) {
    return false;
  }
  const fields = affinity.fieldSelector?.matchExpressions ?? [];
  if (!fields.every((term) => matchesField(cluster, term))) return false;
  const names = affinity.clusterNames ?? [];
  return names.length === 0 || names.includes(name);
}
