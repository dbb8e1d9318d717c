import type { KubeObject } from '../../runtime/client/object.ts';
import type { Condition } from '../../runtime/conditions.ts';
import type { ConditionRule } from '../types.ts';

/** Evaluates condition rules against an object in a cluster. */
export type RuleReader = (
  object: KubeObject,
  rules: readonly ConditionRule[],
) => readonly Omit<Condition, 'lastTransitionTime' | 'observedGeneration'>[];
