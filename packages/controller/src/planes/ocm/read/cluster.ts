import { z } from 'zod';
import type { Maybe } from '../../shared/label-selector.ts';

export interface Taint {
  readonly key: string;
  readonly value?: Maybe<string>;
  readonly effect: string;
  /** RFC 3339; a toleration with a time counts from here. */
  readonly timeAdded?: Maybe<string>;
}

/** `spec` of a ManagedCluster (cluster.open-cluster-management.io/v1), as far as it is read. */
interface ManagedClusterSpec {
  readonly hubAcceptsClient?: Maybe<boolean>;
  readonly taints?: Maybe<readonly Taint[]>;
}

/** `status` of a ManagedCluster, as far as it is read. */
interface ManagedClusterStatus {
  readonly conditions?: Maybe<readonly { readonly type: string; readonly status: string }[]>;
  readonly clusterClaims?: Maybe<readonly { readonly name: string; readonly value: string }[]>;
  readonly allocatable?: Maybe<Readonly<Record<string, string>>>;
  readonly capacity?: Maybe<Readonly<Record<string, string>>>;
}

const quantities = z.record(z.string(), z.union([z.string(), z.number()]).transform(String)).nullish();

const specSchema: z.ZodType<ManagedClusterSpec> = z.object({
  hubAcceptsClient: z.boolean().nullish(),
  taints: z
    .array(
      z.object({
        key: z.string(),
        value: z.string().nullish(),
        effect: z.string(),
        timeAdded: z.string().nullish(),
      }),
    )
    .nullish(),
});

const statusSchema: z.ZodType<ManagedClusterStatus> = z.object({
  conditions: z.array(z.object({ type: z.string(), status: z.string() })).nullish(),
  clusterClaims: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
  allocatable: quantities,
  capacity: quantities,
});

export function readManagedClusterSpec(value: unknown): ManagedClusterSpec {
  return specSchema.safeParse(value ?? {}).data ?? {};
}

export function readManagedClusterStatus(value: unknown): ManagedClusterStatus {
  return statusSchema.safeParse(value ?? {}).data ?? {};
}
