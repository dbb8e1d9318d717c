import { z } from 'zod';
import type { Maybe } from '../../shared/label-selector.ts';
import { type Quantities, quantitiesSchema } from './cluster.ts';

export interface Container {
  readonly resources?: Maybe<{ readonly requests?: Quantities }>;
}

export interface PodTemplate {
  readonly metadata?: Maybe<{ readonly labels?: Maybe<Readonly<Record<string, string>>> }>;
  readonly spec?: Maybe<{
    readonly containers?: Maybe<readonly Container[]>;
    readonly initContainers?: Maybe<readonly Container[]>;
    readonly volumes?: Maybe<readonly { readonly persistentVolumeClaim?: unknown }[]>;
  }>;
}

/** `spec` of a Deployment and its kin, as far as it is read. */
export interface WorkloadSpec {
  readonly replicas?: Maybe<number>;
  readonly template?: Maybe<PodTemplate>;
}

const containers = z
  .array(z.object({ resources: z.object({ requests: quantitiesSchema }).nullish() }))
  .nullish();

const schema: z.ZodType<WorkloadSpec> = z.object({
  replicas: z.number().nullish(),
  template: z
    .object({
      metadata: z.object({ labels: z.record(z.string(), z.string()).nullish() }).nullish(),
      spec: z
        .object({
          containers,
          initContainers: containers,
          volumes: z.array(z.object({ persistentVolumeClaim: z.unknown().optional() })).nullish(),
        })
        .nullish(),
    })
    .nullish(),
});

export function readWorkloadSpec(value: unknown): WorkloadSpec {
  return schema.safeParse(value ?? {}).data ?? {};
}
