import type { KubeApi } from '../../kube/api.ts';
import { isKubeError } from '../../kube/errors.ts';
import { apiVersionOf, type KubeObject } from '../../kube/resource.ts';
import type { CarbonPlacementStatus } from '../../status/carbon-placement.ts';
import type { PlacementSubject } from './placement-writer.ts';
import { CARBON_PLACEMENT } from './resources.ts';

/**
 * Puts a workload to observe until its opt-in changes: the hold alone, in a status that may not be there yet.
 * Throws {@link KubeError}.
 */
export async function writeHold(
  api: KubeApi,
  subject: PlacementSubject,
  hold: NonNullable<CarbonPlacementStatus['hold']>,
): Promise<void> {
  const { kind } = subject.type;
  const { name, uid = '' } = subject.object.metadata;
  const ref = { apiVersion: apiVersionOf(subject.type), kind, name };
  const placement: KubeObject = {
    metadata: {
      namespace: subject.namespace,
      name: `${name}-${kind.toLowerCase()}`,
      ownerReferences: [{ ...ref, uid }],
    },
    spec: { workloadRef: ref },
  };
  const write = (): Promise<KubeObject> =>
    api.mergePatch(CARBON_PLACEMENT, placement.metadata, { status: { hold } }, { subresource: 'status' });
  try {
    await write();
  } catch (error) {
    if (!isKubeError(error, 'not-found')) throw error;
    await api.create(CARBON_PLACEMENT, placement);
    await write();
  }
}
