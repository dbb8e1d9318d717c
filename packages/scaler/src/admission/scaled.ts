import { z } from 'zod';

const trigger = z.object({
  type: z.string(),
  metadata: z.record(z.string(), z.string()).default({}),
  name: z.string().optional(),
});

const spec = z.object({
  maxReplicaCount: z.number().optional(),
  triggers: z.array(trigger),
  advanced: z
    .object({ scalingModifiers: z.object({ formula: z.string().optional() }).optional() })
    .optional(),
});

/** One trigger, as far as it concerns us. */
export interface ScaledTrigger {
  readonly type: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly name?: string | undefined;
}

/** The part of a ScaledObject's or ScaledJob's spec that concerns triggers. */
export interface ScaledSpec {
  readonly maxReplicaCount?: number | undefined;
  readonly triggers: readonly ScaledTrigger[];
  readonly advanced?:
    | { readonly scalingModifiers?: { readonly formula?: string | undefined } | undefined }
    | undefined;
}

/** KEDA's own maximum where none is written. */
export const DEFAULT_MAX_REPLICAS = 100;

/** What of an object concerns triggers; null for one that KEDA's schema refuses, which is not ours to judge. */
export function scaledSpec(object: { readonly spec?: unknown }): ScaledSpec | null {
  return spec.safeParse(object.spec).data ?? null;
}
