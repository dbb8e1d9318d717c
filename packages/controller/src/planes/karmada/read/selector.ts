import { z } from 'zod';

/** What an API server may leave out or send as null. */
export type Maybe<T> = T | null | undefined;

export interface LabelExpression {
  readonly key: string;
  readonly operator: string;
  readonly values?: Maybe<readonly string[]>;
}

export interface LabelSelector {
  readonly matchLabels?: Maybe<Readonly<Record<string, string>>>;
  readonly matchExpressions?: Maybe<readonly LabelExpression[]>;
}

/** Karmada's ClusterAffinity. All parts must hold; an empty one holds for every cluster. */
export interface ClusterAffinity {
  readonly labelSelector?: Maybe<LabelSelector>;
  readonly fieldSelector?: Maybe<{ readonly matchExpressions?: Maybe<readonly LabelExpression[]> }>;
  readonly clusterNames?: Maybe<readonly string[]>;
  readonly exclude?: Maybe<readonly string[]>;
}

const names = z.array(z.string()).nullish();
const expressions = z.array(z.object({ key: z.string(), operator: z.string(), values: names })).nullish();

export const labelSelectorSchema: z.ZodType<LabelSelector> = z.object({
  matchLabels: z.record(z.string(), z.string()).nullish(),
  matchExpressions: expressions,
});

export const affinitySchema: z.ZodType<ClusterAffinity> = z.object({
  labelSelector: labelSelectorSchema.nullish(),
  fieldSelector: z.object({ matchExpressions: expressions }).nullish(),
  clusterNames: names,
  exclude: names,
});
