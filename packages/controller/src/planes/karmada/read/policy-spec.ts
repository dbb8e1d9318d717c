import { z } from 'zod';
import type { Maybe } from '../../shared/label-selector.ts';
import { affinitySchema, type ClusterAffinity } from './selector.ts';

export interface Toleration {
  readonly key?: Maybe<string>;
  readonly operator?: Maybe<string>;
  readonly value?: Maybe<string>;
  readonly effect?: Maybe<string>;
}

export interface WeightRule {
  readonly targetCluster: ClusterAffinity;
  readonly weight: number;
}

/** `spec.placement` of a policy, as far as it is read. */
interface PlacementSpec {
  readonly clusterAffinity?: Maybe<ClusterAffinity>;
  readonly clusterAffinities?: Maybe<readonly unknown[]>;
  readonly clusterTolerations?: Maybe<readonly Toleration[]>;
  readonly spreadConstraints?: Maybe<readonly unknown[]>;
  readonly workloadAffinity?: unknown;
  readonly replicaScheduling?: Maybe<{
    readonly replicaSchedulingType?: Maybe<string>;
    readonly replicaDivisionPreference?: Maybe<string>;
    readonly weightPreference?: Maybe<{
      readonly staticWeightList?: Maybe<readonly WeightRule[]>;
      readonly dynamicWeight?: Maybe<string>;
    }>;
  }>;
}

/** `spec` of a PropagationPolicy or ClusterPropagationPolicy (policy.karmada.io/v1alpha1), as far as it is read. */
export interface PolicySpec {
  readonly placement?: Maybe<PlacementSpec>;
  readonly schedulerName?: Maybe<string>;
  readonly activationPreference?: Maybe<string>;
  readonly preserveResourcesOnDeletion?: Maybe<boolean>;
  readonly suspension?: Maybe<Readonly<Record<string, unknown>>>;
}

const text = z.string().nullish();

const schema: z.ZodType<PolicySpec> = z.object({
  placement: z
    .object({
      clusterAffinity: affinitySchema.nullish(),
      clusterAffinities: z.array(z.unknown()).nullish(),
      clusterTolerations: z
        .array(z.object({ key: text, operator: text, value: text, effect: text }))
        .nullish(),
      spreadConstraints: z.array(z.unknown()).nullish(),
      workloadAffinity: z.unknown().optional(),
      replicaScheduling: z
        .object({
          replicaSchedulingType: text,
          replicaDivisionPreference: text,
          weightPreference: z
            .object({
              staticWeightList: z
                .array(z.object({ targetCluster: affinitySchema, weight: z.number() }))
                .nullish(),
              dynamicWeight: text,
            })
            .nullish(),
        })
        .nullish(),
    })
    .nullish(),
  schedulerName: text,
  activationPreference: text,
  preserveResourcesOnDeletion: z.boolean().nullish(),
  suspension: z.record(z.string(), z.unknown()).nullish(),
});

/** Null when the server sent something that is no policy. */
export function readPolicySpec(value: unknown): PolicySpec | null {
  return schema.safeParse(value ?? {}).data ?? null;
}
