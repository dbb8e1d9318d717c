import type { Binding, Cluster, ClusterAffinity, Placement } from '../types.ts';
import { matchesAffinity } from './affinity.ts';
import { untolerated } from './tolerations.ts';
import { byteOrder } from './webster.ts';

/** What may take a binding, or why nothing may. */
export interface Candidates {
  readonly clusters: readonly Cluster[];
  /** How many clusters each reason kept out. */
  readonly refusals: ReadonlyMap<string, number>;
}

function servesApi(cluster: Cluster, apiVersion: string, kind: string): boolean {
  return (cluster.status?.apiEnablements ?? []).some(
    (api) =>
      api.groupVersion === apiVersion && (api.resources ?? []).some((resource) => resource.kind === kind),
  );
}

/** Why a cluster is no candidate; undefined when it is one. A target of now passes the last two filters. */
function refusal(
  cluster: Cluster,
  binding: Binding,
  affinity: ClusterAffinity | undefined,
): string | undefined {
  const spec = binding.spec;
  if (!matchesAffinity(cluster, affinity)) return 'did not match the placement cluster affinity constraint';
  if ((spec?.clusters ?? []).some((target) => target.name === cluster.metadata.name)) return undefined;
  const taint = untolerated(cluster.spec?.taints, spec?.placement?.clusterTolerations);
  if (taint !== undefined) return `had untolerated taint {${taint.key}: ${taint.value ?? ''}}`;
  const resource = spec?.resource;
  if (resource !== undefined && !servesApi(cluster, resource.apiVersion, resource.kind)) {
    return 'did not have the API resource';
  }
  return undefined;
}

/**
 * Clusters that pass affinity, taints and API enablement. One that is not Ready is not filtered for that: only
 * its taint keeps it out, and not where it already is a target. One that is being deleted never passes.
 */
export function findCandidates(
  clusters: Iterable<Cluster>,
  binding: Binding,
  affinity: ClusterAffinity | undefined,
): Candidates {
  const passed: Cluster[] = [];
  const refusals = new Map<string, number>();
  for (const cluster of clusters) {
    if (cluster.metadata.deletionTimestamp !== undefined) continue;
    const why = refusal(cluster, binding, affinity);
    if (why === undefined) passed.push(cluster);
    else refusals.set(why, (refusals.get(why) ?? 0) + 1);
  }
  passed.sort((a, b) => byteOrder(a.metadata.name, b.metadata.name));
  return { clusters: passed, refusals };
}

/** The affinity groups to try, in order, from the one that the last schedule ended in. */
export function affinityGroups(
  placement: Placement | undefined,
  observed: string | undefined,
): readonly { readonly name: string | undefined; readonly affinity: ClusterAffinity | undefined }[] {
  const terms = placement?.clusterAffinities ?? [];
  if (terms.length === 0) return [{ name: undefined, affinity: placement?.clusterAffinity }];
  const start = Math.max(
    0,
    terms.findIndex((term) => term.affinityName === observed),
  );
  return terms.slice(start).map((term) => ({ name: term.affinityName, affinity: term }));
}

/** The sentence that Karmada's scheduler puts into the Scheduled condition. */
export function fitError(total: number, refusals: ReadonlyMap<string, number>): string {
  const reasons = [...refusals].map(([why, count]) => `${count} cluster(s) ${why}`).sort();
  return `0/${total} clusters are available: ${reasons.length === 0 ? 'no cluster exists' : reasons.join(', ')}.`;
}
