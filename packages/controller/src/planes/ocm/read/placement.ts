import { z } from 'zod';
import type { KubeObject } from '../../../kube/resource.ts';
import {
  expressionsSchema,
  type LabelExpression,
  type LabelSelector,
  labelSelectorSchema,
  type Maybe,
} from '../../shared/label-selector.ts';
import { memoized } from '../../shared/memo.ts';

/** One of a Placement's predicates: a cluster meets it when it meets all three parts. */
export interface ClusterPredicate {
  readonly labelSelector?: Maybe<LabelSelector>;
  readonly claimSelector?: Maybe<{ readonly matchExpressions?: Maybe<readonly LabelExpression[]> }>;
  readonly celSelector?: Maybe<{ readonly celExpressions?: Maybe<readonly string[]> }>;
}

export interface Toleration {
  readonly key?: Maybe<string>;
  readonly operator?: Maybe<string>;
  readonly value?: Maybe<string>;
  readonly effect?: Maybe<string>;
  readonly tolerationSeconds?: Maybe<number>;
}

/** What is added to a cluster's sum: `weight` times the score that the coordinate names. */
interface PrioritizerConfig {
  readonly scoreCoordinate?: Maybe<{
    readonly type?: Maybe<string>;
    readonly builtIn?: Maybe<string>;
    readonly addOn?: Maybe<{ readonly resourceName: string; readonly scoreName: string }>;
  }>;
  readonly weight?: Maybe<number>;
}

export interface PrioritizerPolicy {
  readonly mode?: Maybe<string>;
  readonly configurations?: Maybe<readonly PrioritizerConfig[]>;
}

/** `spec` of a Placement (cluster.open-cluster-management.io/v1beta1), as far as it is read. */
export interface PlacementSpec {
  readonly clusterSets?: Maybe<readonly string[]>;
  readonly numberOfClusters?: Maybe<number>;
  readonly predicates?: Maybe<readonly { readonly requiredClusterSelector?: Maybe<ClusterPredicate> }[]>;
  readonly prioritizerPolicy?: Maybe<PrioritizerPolicy>;
  readonly tolerations?: Maybe<readonly Toleration[]>;
}

const text = z.string().nullish();

const prioritizerSchema: z.ZodType<PrioritizerPolicy> = z.object({
  mode: text,
  configurations: z
    .array(
      z.object({
        scoreCoordinate: z
          .object({
            type: text,
            builtIn: text,
            addOn: z.object({ resourceName: z.string(), scoreName: z.string() }).nullish(),
          })
          .nullish(),
        weight: z.number().nullish(),
      }),
    )
    .nullish(),
});

const specSchema: z.ZodType<PlacementSpec> = z.object({
  clusterSets: z.array(z.string()).nullish(),
  numberOfClusters: z.number().nullish(),
  predicates: z
    .array(
      z.object({
        requiredClusterSelector: z
          .object({
            labelSelector: labelSelectorSchema.nullish(),
            claimSelector: z.object({ matchExpressions: expressionsSchema }).nullish(),
            celSelector: z.object({ celExpressions: z.array(z.string()).nullish() }).nullish(),
          })
          .nullish(),
      }),
    )
    .nullish(),
  prioritizerPolicy: prioritizerSchema.nullish(),
  tolerations: z
    .array(
      z.object({
        key: text,
        operator: text,
        value: text,
        effect: text,
        tolerationSeconds: z.number().nullish(),
      }),
    )
    .nullish(),
});

const statusSchema = z.object({
  conditions: z.array(z.object({ type: z.string(), status: z.string(), message: text })).nullish(),
});

const read = memoized((placement: KubeObject) => specSchema.safeParse(placement.spec ?? {}).data ?? null);

/** Null when the server sent something that is no Placement. */
export function placementSpec(placement: KubeObject): PlacementSpec | null {
  return read(placement);
}

/** Reads a prioritizer policy that was kept as JSON; null when it is none. */
export function readPrioritizerPolicy(value: unknown): PrioritizerPolicy | null {
  return prioritizerSchema.safeParse(value).data ?? null;
}

/** What OCM says is wrong with the Placement; null for nothing. */
export function misconfiguration(placement: KubeObject): string | null {
  const { conditions } = statusSchema.safeParse(placement.status ?? {}).data ?? {};
  const found = (conditions ?? []).find(
    ({ type, status }) => type === 'PlacementMisconfigured' && status === 'True',
  );
  return found === undefined ? null : (found.message ?? 'it is misconfigured');
}
