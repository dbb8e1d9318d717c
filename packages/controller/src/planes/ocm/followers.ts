import type { KubeApi } from '../../kube/api.ts';
import { replicaSetView } from './read/replica-set.ts';
import { MANIFEST_WORK_REPLICA_SET } from './resources.ts';

/**
 * The ManifestWorkReplicaSet whose status speaks for a Placement: the first that follows it; null when none does, and
 * the Placement speaks for itself. Throws {@link KubeError}.
 */
export async function speakerOf(
  api: KubeApi,
  placement: { readonly namespace: string; readonly name: string },
): Promise<string | null> {
  if (!(await api.serves(MANIFEST_WORK_REPLICA_SET))) return null;
  const { items } = await api.list(MANIFEST_WORK_REPLICA_SET, { namespace: placement.namespace });
  const names = items
    .filter((set) => replicaSetView(set).placements[0] === placement.name)
    .map(({ metadata }) => metadata.name)
    .sort();
  return names[0] ?? null;
}
