import { z } from 'zod';
import type { KubeObject } from '../../kube/resource.ts';
import type { WorkloadView } from './workload.ts';

const scalerSpec = z.object({
  scaleTargetRef: z.object({ kind: z.string().nullish(), name: z.string() }),
  // Of ScaledObjects alone, which are told apart by it: items of a list need not name their kind.
  triggers: z.unknown().optional(),
});

/**
 * The HorizontalPodAutoscaler that works on a workload inside the members, for people; null when there is none on the
 * hub. ScaledObjects are looked for elsewhere.
 */
export function autoscalerOf(workload: WorkloadView, scalers: Iterable<KubeObject>): string | null {
  for (const scaler of scalers) {
    if (scaler.metadata.namespace !== workload.namespace) continue;
    const spec = scalerSpec.safeParse(scaler.spec).data;
    if (spec === undefined || spec.triggers !== undefined) continue;
    const target = spec.scaleTargetRef;
    if (target.name === workload.name && target.kind === workload.type.kind) {
      return `HorizontalPodAutoscaler ${workload.namespace}/${scaler.metadata.name}`;
    }
  }
  return null;
}
