import { z } from 'zod';
import type { Maybe } from '../../shared/label-selector.ts';

/** `spec` of a ResourceBinding (work.karmada.io/v1alpha2), as far as it is read. */
export interface BindingSpec {
  readonly resource: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly namespace?: Maybe<string>;
    readonly name: string;
    readonly uid?: Maybe<string>;
  };
  readonly replicas?: Maybe<number>;
  readonly clusters?: Maybe<readonly { readonly name: string; readonly replicas?: Maybe<number> }[]>;
  readonly gracefulEvictionTasks?: Maybe<readonly { readonly fromCluster: string }[]>;
  readonly placement?: unknown;
}

/** A Deployment's counters as a member reports them. */
interface ReportedStatus {
  readonly replicas?: Maybe<number>;
  readonly availableReplicas?: Maybe<number>;
  readonly updatedReplicas?: Maybe<number>;
  readonly generation?: Maybe<number>;
  readonly observedGeneration?: Maybe<number>;
  /** Generation of the hub's template that the member's copy was rendered from. */
  readonly resourceTemplateGeneration?: Maybe<number>;
}

export interface BindingStatus {
  readonly schedulerObservedGeneration?: Maybe<number>;
  readonly conditions?: Maybe<
    readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: Maybe<string>;
      readonly message?: Maybe<string>;
    }[]
  >;
  readonly aggregatedStatus?: Maybe<
    readonly {
      readonly clusterName: string;
      readonly health?: Maybe<string>;
      readonly status?: Maybe<ReportedStatus>;
    }[]
  >;
}

const text = z.string().nullish();
const count = z.number().nullish();

const spec: z.ZodType<BindingSpec> = z.object({
  resource: z.object({
    apiVersion: z.string(),
    kind: z.string(),
    namespace: text,
    name: z.string(),
    uid: text,
  }),
  replicas: count,
  clusters: z.array(z.object({ name: z.string(), replicas: count })).nullish(),
  gracefulEvictionTasks: z.array(z.object({ fromCluster: z.string() })).nullish(),
  placement: z.unknown().optional(),
});

const status: z.ZodType<BindingStatus> = z.object({
  schedulerObservedGeneration: count,
  conditions: z
    .array(z.object({ type: z.string(), status: z.string(), reason: text, message: text }))
    .nullish(),
  aggregatedStatus: z
    .array(
      z.object({
        clusterName: z.string(),
        health: text,
        status: z
          .object({
            replicas: count,
            availableReplicas: count,
            updatedReplicas: count,
            generation: count,
            observedGeneration: count,
            resourceTemplateGeneration: count,
          })
          .nullish(),
      }),
    )
    .nullish(),
});

export function readBindingSpec(value: unknown): BindingSpec | null {
  return spec.safeParse(value).data ?? null;
}

export function readBindingStatus(value: unknown): BindingStatus {
  return status.safeParse(value ?? {}).data ?? {};
}
