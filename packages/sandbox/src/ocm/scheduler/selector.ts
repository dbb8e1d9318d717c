import { invalidSelector, matchesLabels } from '../../runtime/labels.ts';
import type { ClusterSelector, ManagedCluster } from '../types.ts';
import { MisconfiguredError } from './misconfigured.ts';

export type ClusterMatcher = (cluster: ManagedCluster) => boolean;

/** Turns CEL expressions into one matcher; all of them have to hold. */
export type CelCompiler = (expressions: readonly string[]) => ClusterMatcher;

/** The claims of a cluster; of two with one name the last counts. */
function claimsOf(cluster: ManagedCluster): Readonly<Record<string, string>> {
  return Object.fromEntries((cluster.status?.clusterClaims ?? []).map(({ name, value }) => [name, value]));
}

/**
 * Turns a selector into a matcher: labels, claims and CEL all have to match.
 *
 * @throws MisconfiguredError when a part of it is invalid.
 */
export function compileSelector(
  selector: ClusterSelector,
  plugin: string,
  compileCel?: CelCompiler,
): ClusterMatcher {
  const { labelSelector = {}, claimSelector = {} } = selector;
  const wrong = invalidSelector(labelSelector) ?? invalidSelector(claimSelector);
  if (wrong !== undefined) throw new MisconfiguredError(plugin, wrong);
  const expressions = selector.celSelector?.celExpressions ?? [];
  const cel = compileCel === undefined || expressions.length === 0 ? undefined : compileCel(expressions);
  const claimTerms = claimSelector.matchExpressions ?? [];
  return (cluster) =>
    matchesLabels(cluster.metadata.labels, labelSelector) &&
    (claimTerms.length === 0 || matchesLabels(claimsOf(cluster), { matchExpressions: claimTerms })) &&
    (cel === undefined || cel(cluster));
}

/**
 * The filter plugin Predicate: a cluster passes when one of the predicates matches it, and all pass when there
 * is none.
 *
 * @throws MisconfiguredError when a predicate is invalid; with no cluster to look at OCM does not notice.
 */
export function predicateFilter(
  predicates: readonly { readonly requiredClusterSelector?: ClusterSelector }[],
  clusters: readonly ManagedCluster[],
  compileCel: CelCompiler,
): readonly ManagedCluster[] {
  if (predicates.length === 0 || clusters.length === 0) return clusters;
  const matchers = predicates.map(({ requiredClusterSelector }) =>
    compileSelector(requiredClusterSelector ?? {}, 'Predicate', compileCel),
  );
  return clusters.filter((cluster) => matchers.some((matches) => matches(cluster)));
}
