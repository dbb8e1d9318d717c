import { z } from 'zod';
import {
  expressionsSchema,
  type LabelExpression,
  type LabelSelector,
  labelSelectorSchema,
  type Maybe,
} from '../../shared/label-selector.ts';

/** Karmada's ClusterAffinity. All parts must hold; an empty one holds for every cluster. */
export interface ClusterAffinity {
  readonly labelSelector?: Maybe<LabelSelector>;
  readonly fieldSelector?: Maybe<{ readonly matchExpressions?: Maybe<readonly LabelExpression[]> }>;
  readonly clusterNames?: Maybe<readonly string[]>;
  readonly exclude?: Maybe<readonly string[]>;
}

const names = z.array(z.string()).nullish();

export const affinitySchema: z.ZodType<ClusterAffinity> = z.object({
  labelSelector: labelSelectorSchema.nullish(),
  fieldSelector: z.object({ matchExpressions: expressionsSchema }).nullish(),
  clusterNames: names,
  exclude: names,
});
