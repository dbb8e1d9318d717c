import { z } from 'zod';
import type { KubeObject } from '../../../kube/resource.ts';
import { memoized } from '../../shared/memo.ts';

const REPLICA_SET_LABEL = 'work.open-cluster-management.io/manifestworkreplicaset';

const conditionsSchema = z.object({
  conditions: z
    .array(z.object({ type: z.string(), status: z.string(), observedGeneration: z.number().nullish() }))
    .nullish(),
});

/** Key (`namespace/name`) of the ManifestWorkReplicaSet that made a ManifestWork; null when none did. */
export function replicaSetOf(work: KubeObject): string | null {
  // The label joins both by a dot. Namespaces have none, so that the first one parts them.
  const label = work.metadata.labels?.[REPLICA_SET_LABEL];
  const dot = label?.indexOf('.') ?? -1;
  return label === undefined || dot < 0 ? null : `${label.slice(0, dot)}/${label.slice(dot + 1)}`;
}

/**
 * Whether the manifests of a ManifestWork (work.open-cluster-management.io/v1) are applied and available in its
 * cluster, as reported for its present generation.
 */
export const isAvailable: (work: KubeObject) => boolean = memoized((work: KubeObject) => {
  if (work.metadata.deletionTimestamp !== undefined) return false;
  const { conditions } = conditionsSchema.safeParse(work.status ?? {}).data ?? {};
  const holds = (type: string): boolean =>
    (conditions ?? []).some(
      (each) =>
        each.type === type &&
        each.status === 'True' &&
        (each.observedGeneration ?? Number.MAX_SAFE_INTEGER) >= (work.metadata.generation ?? 0),
    );
  return holds('Applied') && holds('Available');
});
