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

export const expressionsSchema: z.ZodType<Maybe<readonly LabelExpression[]>> = z
  .array(z.object({ key: z.string(), operator: z.string(), values: z.array(z.string()).nullish() }))
  .nullish();

export const labelSelectorSchema: z.ZodType<LabelSelector> = z.object({
  matchLabels: z.record(z.string(), z.string()).nullish(),
  matchExpressions: expressionsSchema,
});

/** Whether labels meet a selector (metav1.LabelSelector). No selector, and an empty one, hold for everything. */
export function matchesLabels(
  labels: Readonly<Record<string, string>>,
  selector: LabelSelector | null | undefined,
): boolean {
  if (selector === undefined || selector === null) return true;
  const exact = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  return (
    exact && (selector.matchExpressions ?? []).every((each) => matchesExpression(labels[each.key], each))
  );
}

export function matchesExpression(value: string | undefined, { operator, values }: LabelExpression): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && (values ?? []).includes(value);
    case 'NotIn':
      return value === undefined || !(values ?? []).includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}

/** What metav1.LabelSelectorAsSelector refuses in these expressions, for people; null for nothing. */
export function wrongExpression(expressions: readonly LabelExpression[]): string | null {
  for (const { key, operator, values } of expressions) {
    const listed = (values ?? []).length > 0;
    if (operator === 'In' || operator === 'NotIn') {
      if (!listed) return `operator ${operator} of ${key} needs values`;
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (listed) return `operator ${operator} of ${key} takes no values`;
    } else return `operator ${operator} of ${key} is not known`;
  }
  return null;
}
