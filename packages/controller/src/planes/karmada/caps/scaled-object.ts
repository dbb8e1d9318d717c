import { z } from 'zod';
import { type KubeObject, keyOf } from '../../../kube/resource.ts';
import type { BindingView } from '../binding.ts';
import type { WorkloadView } from '../workload.ts';

/** KEDA takes this for a ScaledObject that sets none (keda.sh/v1alpha1). */
const DEFAULT_MAX = 100;

/** A ScaledObject on the hub, which Karmada propagates into the members. */
export interface ScaledObjectView {
  readonly object: KubeObject;
  /** For people: `ScaledObject apps/worker`. */
  readonly label: string;
  readonly namespace: string;
  readonly name: string;
  /** Replicas that it goes between when active, as its template says. */
  readonly min: number;
  readonly max: number;
  /** What Karmada made of it; null until it is bound. */
  readonly binding: BindingView | null;
}

const schema = z.object({
  scaleTargetRef: z.object({ kind: z.string().nullish(), name: z.string() }),
  minReplicaCount: z.number().nullish(),
  maxReplicaCount: z.number().nullish(),
  triggers: z.array(z.unknown()),
});

/** The ScaledObject that scales a Deployment, among the autoscalers of its namespace; null when none does. */
export function scaledObjectOf(
  workload: WorkloadView,
  scalers: Iterable<KubeObject>,
  bindingOf: (label: string) => BindingView | null,
): ScaledObjectView | null {
  for (const object of scalers) {
    if (object.metadata.namespace !== workload.namespace) continue;
    const spec = schema.safeParse(object.spec).data;
    const target = spec?.scaleTargetRef;
    if (spec === undefined || target?.name !== workload.name) continue;
    // KEDA takes a target without a kind for a Deployment.
    if ((target.kind ?? 'Deployment') !== workload.type.kind) continue;
    const label = `ScaledObject ${keyOf(object)}`;
    return {
      object,
      label,
      namespace: workload.namespace,
      name: object.metadata.name,
      min: spec.minReplicaCount ?? 0,
      max: spec.maxReplicaCount ?? DEFAULT_MAX,
      binding: bindingOf(label),
    };
  }
  return null;
}
