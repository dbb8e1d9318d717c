import { z } from 'zod';
import type { KubeObject } from '../../../kube/resource.ts';
import { memoized } from '../../shared/memo.ts';

const PLACEMENT_LABEL = 'cluster.open-cluster-management.io/placement';

const statusSchema = z.object({
  decisions: z.array(z.object({ clusterName: z.string() })).nullish(),
});

/** Key of the Placement that a PlacementDecision belongs to; null when it names none. */
export function placementOf(decision: KubeObject): string | null {
  const name = decision.metadata.labels?.[PLACEMENT_LABEL];
  return name === undefined ? null : `${decision.metadata.namespace ?? ''}/${name}`;
}

/** Clusters that one PlacementDecision names (cluster.open-cluster-management.io/v1beta1; at most 100). */
export const decidedClusters: (decision: KubeObject) => readonly string[] = memoized((decision: KubeObject) =>
  (statusSchema.safeParse(decision.status ?? {}).data?.decisions ?? []).map(({ clusterName }) => clusterName),
);
