import { parseInstant } from '@windvane/carbon-map';
import type { KubeObject, ResourceType } from '@windvane/controller/kube';
import { z } from 'zod';
import type { ScaledTrigger } from '../admission/scaled.ts';
import type { TriggerRef } from '../policy/decider.ts';
import type { ScaledFacts, WorkloadRef } from '../policy/snapshot.ts';
import { readsEnvironment } from '../trigger/parse.ts';

/** KEDA's two kinds that triggers belong to. */
export const SCALED_OBJECT: ResourceType = {
  group: 'keda.sh',
  version: 'v1alpha1',
  plural: 'scaledobjects',
  kind: 'ScaledObject',
  namespaced: true,
};
export const SCALED_JOB: ResourceType = {
  group: 'keda.sh',
  version: 'v1alpha1',
  plural: 'scaledjobs',
  kind: 'ScaledJob',
  namespaced: true,
};

const triggerSchema = z.object({
  type: z.string(),
  metadata: z.record(z.string(), z.string()).default({}),
});
const specSchema = z.object({
  scaleTargetRef: z.object({ kind: z.string().optional(), name: z.string() }).optional(),
  maxReplicaCount: z.number().optional(),
  triggers: z.array(z.unknown()).default([]),
});

/** A ScaledObject or ScaledJob as far as a decision looks at it. */
export interface ScaledView {
  readonly facts: ScaledFacts;
  /** Its triggers that ask this scaler. */
  readonly triggers: readonly AskingTrigger[];
}

interface AskingTrigger {
  readonly ref: TriggerRef;
  /** KEDA puts values from the target's environment in place of some keys before it asks. */
  readonly fromEnvironment: boolean;
}

/** Reads one object; null for one that holds no trigger of ours. Never throws. */
export function readScaled(type: ResourceType, object: KubeObject): ScaledView | null {
  const spec = specSchema.safeParse(object.spec);
  if (!spec.success) return null;
  const { namespace = '', name } = object.metadata;
  const triggers: AskingTrigger[] = [];
  for (const written of spec.data.triggers) {
    const trigger = triggerSchema.safeParse(written);
    if (trigger.success && asksUs(trigger.data)) {
      const { metadata } = trigger.data;
      triggers.push({ ref: { namespace, name, metadata }, fromEnvironment: readsEnvironment(metadata) });
    }
  }
  if (triggers.length === 0) return null;
  const workload: WorkloadRef =
    type.kind === 'ScaledJob' || spec.data.scaleTargetRef === undefined
      ? { namespace, kind: type.kind, name }
      : {
          namespace,
          // KEDA's own default (autoscaling.keda.sh: spec.scaleTargetRef.kind).
          kind: spec.data.scaleTargetRef.kind ?? 'Deployment',
          name: spec.data.scaleTargetRef.name,
        };
  const createdAt = parseInstant(object.metadata.creationTimestamp ?? '') ?? 0;
  return { facts: { createdAt, workload, maxReplicaCount: spec.data.maxReplicaCount ?? null }, triggers };
}

/** Keys that only a carbon trigger has, and those that say so beside a rule. */
const RULES = ['targetValue', 'percentile'];
const SIGNS = ['location', 'metricType', 'forecastWindow', 'windvaneInjected'];

/**
 * Whether an external trigger is one of ours. Its address does not tell: a Service may have any name. A trigger that is
 * still written as `carbon-aware` reaches no scaler before it is converted.
 */
export function asksUs({ type, metadata }: ScaledTrigger): boolean {
  if (type !== 'external' && type !== 'external-push') return false;
  if (!RULES.some((key) => key in metadata || `${key}FromEnv` in metadata)) return false;
  return SIGNS.some((key) => key in metadata) || (metadata['scalerAddress'] ?? '').includes('windvane');
}
