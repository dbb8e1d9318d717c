import { z } from 'zod';
import type { KubeObject } from '../../../kube/resource.ts';
import { memoized } from '../../shared/memo.ts';

const statusSchema = z.object({
  scores: z.array(z.object({ name: z.string(), value: z.number() })).nullish(),
  validUntil: z.string().nullish(),
});

/** `status` of an AddOnPlacementScore (cluster.open-cluster-management.io/v1alpha1). */
export interface StoredScores {
  /** -100..100, by name. */
  readonly values: ReadonlyMap<string, number>;
  /** RFC 3339; null when they do not expire. */
  readonly validUntil: string | null;
}

export const storedScores: (object: KubeObject) => StoredScores = memoized((object: KubeObject) => {
  const status = statusSchema.safeParse(object.status ?? {}).data;
  return {
    values: new Map((status?.scores ?? []).map(({ name, value }) => [name, value])),
    validUntil: status?.validUntil ?? null,
  };
});
