import { z } from 'zod';
import type { KubeObject } from '../../kube/resource.ts';
import type { WorkloadView } from './workload.ts';

/** HorizontalPodAutoscalers and ScaledObjects name what they scale in the same place. */
const scalerSpec = z.object({
  scaleTargetRef: z.object({ kind: z.string().nullish(), name: z.string() }),
});

/** The autoscaler that works on a workload inside the members, for people; null when there is none on the hub. */
export function autoscalerOf(workload: WorkloadView, scalers: Iterable<KubeObject>): string | null {
  for (const scaler of scalers) {
    if (scaler.metadata.namespace !== workload.namespace) continue;
    const target = scalerSpec.safeParse(scaler.spec).data?.scaleTargetRef;
    // KEDA takes a target without a kind for a Deployment.
    if (target?.name === workload.name && (target.kind ?? 'Deployment') === workload.type.kind) {
      return `${scaler.kind ?? 'autoscaler'} ${workload.namespace}/${scaler.metadata.name}`;
    }
  }
  return null;
}
