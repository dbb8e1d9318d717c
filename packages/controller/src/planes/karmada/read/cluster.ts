import { z } from 'zod';
import type { Maybe } from '../../shared/label-selector.ts';

export interface Taint {
  readonly key: string;
  readonly value?: Maybe<string>;
  readonly effect: string;
}

/** `spec` of a Cluster (cluster.karmada.io/v1alpha1), as far as it is read. */
export interface ClusterSpec {
  readonly provider?: Maybe<string>;
  readonly region?: Maybe<string>;
  readonly zone?: Maybe<string>;
  readonly zones?: Maybe<readonly string[]>;
  readonly taints?: Maybe<readonly Taint[]>;
}

/** Resource quantities by name. */
export type Quantities = Maybe<Readonly<Record<string, string>>>;

export interface ClusterStatus {
  readonly conditions?: Maybe<readonly { readonly type: string; readonly status: string }[]>;
  readonly apiEnablements?: Maybe<
    readonly {
      readonly groupVersion: string;
      readonly resources?: Maybe<readonly { readonly kind: string }[]>;
    }[]
  >;
  readonly resourceSummary?: Maybe<{
    readonly allocatable?: Quantities;
    readonly allocating?: Quantities;
    readonly allocated?: Quantities;
  }>;
}

const text = z.string().nullish();
export const quantitiesSchema: z.ZodType<Quantities> = z
  .record(z.string(), z.union([z.string(), z.number()]).transform(String))
  .nullish();

const spec: z.ZodType<ClusterSpec> = z.object({
  provider: text,
  region: text,
  zone: text,
  zones: z.array(z.string()).nullish(),
  taints: z.array(z.object({ key: z.string(), value: text, effect: z.string() })).nullish(),
});

const status: z.ZodType<ClusterStatus> = z.object({
  conditions: z.array(z.object({ type: z.string(), status: z.string() })).nullish(),
  apiEnablements: z
    .array(
      z.object({
        groupVersion: z.string(),
        resources: z.array(z.object({ kind: z.string() })).nullish(),
      }),
    )
    .nullish(),
  resourceSummary: z
    .object({ allocatable: quantitiesSchema, allocating: quantitiesSchema, allocated: quantitiesSchema })
    .nullish(),
});

export function readClusterSpec(value: unknown): ClusterSpec {
  return spec.safeParse(value ?? {}).data ?? {};
}

export function readClusterStatus(value: unknown): ClusterStatus {
  return status.safeParse(value ?? {}).data ?? {};
}
