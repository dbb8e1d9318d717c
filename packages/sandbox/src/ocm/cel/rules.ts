import { isObject, type KubeObject } from '../../runtime/client/object.ts';
import type { Condition } from '../../runtime/conditions.ts';
import type { ConditionRule } from '../types.ts';
import { createCompiler, createEnvironment, toCel } from './environment.ts';

type RuleCondition = Omit<Condition, 'lastTransitionTime' | 'observedGeneration'>;

/** Evaluates condition rules against an object in a cluster. */
export type RuleReader = (object: KubeObject, rules: readonly ConditionRule[]) => readonly RuleCondition[];

/** The conditions that OCM knows by itself. */
const WELL_KNOWN: Readonly<Record<string, ConditionRule>> = {
  'batch/v1/Job/Complete': {
    condition: 'Complete',
    type: 'CEL',
    celExpressions: [
      `hasConditions(object.status) ? object.status.conditions.exists(c, (c.type == 'Complete' || c.type == 'Failed') && c.status == 'True') : false`,
    ],
    messageExpression: `result ? "Job is finished" : "Job is not finished"`,
  },
  'v1/Pod/Complete': {
    condition: 'Complete',
    type: 'CEL',
    celExpressions: [`object.status.phase in ['Succeeded', 'Failed']`],
    messageExpression: `"Pod is in phase " + object.status.phase`,
  },
};

/** A well-known rule with the messages of the user's; undefined for a condition that OCM does not know there. */
function ruleFor(object: KubeObject, rule: ConditionRule): ConditionRule | undefined {
  if (rule.type !== 'WellKnownConditions') return rule;
  const known = WELL_KNOWN[`${object.apiVersion}/${object.kind}/${rule.condition}`];
  if (known === undefined) return undefined;
  const { message, messageExpression } = rule;
  return {
    ...known,
    ...(message === undefined ? {} : { message }),
    ...(messageExpression === undefined ? {} : { messageExpression }),
  };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Condition rules of manifests, with the variable `object` and the function `hasConditions`. */
export function createRuleReader(): RuleReader {
  const compile = createCompiler(
    createEnvironment()
      .registerVariable('object', 'dyn')
      .registerVariable('result', 'bool')
      .registerFunction('hasConditions(dyn): bool', (status: unknown) => {
        const conditions = isObject(status) ? status['conditions'] : undefined;
        return Array.isArray(conditions) && conditions.length > 0;
      }),
  );

  const verdict = (rule: ConditionRule, input: { readonly object: unknown }): boolean => {
    for (const expression of rule.celExpressions ?? []) {
      const holds = compile(expression)(input);
      if (typeof holds !== 'boolean') throw new Error(`expected bool result, got ${typeof holds}`);
      if (!holds) return false;
    }
    return true;
  };

  const messageOf = (
    rule: ConditionRule,
    input: { readonly object: unknown; readonly result: boolean },
  ): string => {
    if (rule.messageExpression !== undefined && rule.messageExpression !== '') {
      try {
        const message = compile(rule.messageExpression)(input);
        if (typeof message === 'string' && message !== '') return message;
      } catch (error) {
        return textOf(error);
      }
    }
    if (rule.message !== undefined && rule.message !== '') return rule.message;
    return `Manifest is ${input.result ? '' : 'not '}${rule.condition}`;
  };

  const evaluate = (object: unknown, rule: ConditionRule): RuleCondition => {
    const type = rule.condition;
    try {
      const result = verdict(rule, { object });
      const message = messageOf(rule, { object, result });
      return { type, status: result ? 'True' : 'False', reason: 'ConditionRuleEvaluated', message };
    } catch (error) {
      return { type, status: 'False', reason: 'ConditionRuleExpressionError', message: textOf(error) };
    }
  };

  return (object, rules) => {
    const value = toCel(object);
    return rules
      .map((rule) => ruleFor(object, rule))
      .filter((rule) => rule !== undefined)
      .map((rule) => evaluate(value, rule));
  };
}
