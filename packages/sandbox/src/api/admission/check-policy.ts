import { required, unsupported } from '../../schema/errors.ts';
import type { FieldError } from '../../schema/schema.ts';
import { isObject, type JsonObject } from '../object.ts';
import type { Check } from '../registry/checks.ts';
import { compileError } from './cel/expression.ts';
import { objects, texts } from './matching.ts';

const OPERATIONS = ['CREATE', 'UPDATE', 'CONNECT', '*'];
const MAX_CONDITIONS = 64;

function invalid(field: string, value: unknown, detail: string): FieldError {
  return {
    field,
    reason: 'FieldValueInvalid',
    message: `Invalid value: ${JSON.stringify(value)}: ${detail}`,
  };
}

export function forbidden(field: string, detail: string): FieldError {
  return { field, reason: 'FieldValueForbidden', message: `Forbidden: ${detail}` };
}

export function oneOf(field: string, value: unknown, allowed: readonly string[]): FieldError[] {
  if (value === undefined || value === '') return [required(field)];
  return typeof value === 'string' && allowed.includes(value) ? [] : [unsupported(field, value, allowed)];
}

/** An expression that must be there and compile. */
function checkExpression(field: string, value: unknown, type: 'bool' | 'patch' | 'any'): FieldError[] {
  if (typeof value !== 'string' || value.trim() === '') return [required(field)];
  const error = compileError(value, type);
  return error === undefined ? [] : [invalid(field, value, `compilation failed: ${error}`)];
}

/** Rules of a policy or webhook: nothing may be left open. */
export function checkRules(
  field: string,
  rules: readonly JsonObject[],
  operations: readonly string[],
): FieldError[] {
  return rules.flatMap((rule, index) => {
    const at = `${field}[${index}]`;
    const lists = ['operations', 'apiGroups', 'apiVersions', 'resources'];
    return [
      ...lists.filter((name) => texts(rule[name]).length === 0).map((name) => required(`${at}.${name}`)),
      ...texts(rule['operations'])
        .filter((operation) => !operations.includes(operation))
        .map((operation) => unsupported(`${at}.operations`, operation, operations)),
      ...oneOf(`${at}.scope`, rule['scope'] ?? '*', ['*', 'Cluster', 'Namespaced']),
    ];
  });
}

export function checkConditions(field: string, value: unknown): FieldError[] {
  const conditions = objects(value);
  const names = conditions.map(({ name }) => name);
  return [
    ...(conditions.length > MAX_CONDITIONS
      ? [
          {
            field,
            reason: 'FieldValueTooMany',
            message: `Too many: must have at most ${MAX_CONDITIONS} items`,
          } as const,
        ]
      : []),
    ...conditions.flatMap(({ name, expression }, index) => [
      ...(typeof name === 'string' && name !== '' ? [] : [required(`${field}[${index}].name`)]),
      ...(names.indexOf(name) < index
        ? [
            {
              field: `${field}[${index}].name`,
              reason: 'FieldValueDuplicate',
              message: `Duplicate value: ${JSON.stringify(name)}`,
            } as const,
          ]
        : []),
      ...checkExpression(`${field}[${index}].expression`, expression, 'bool'),
    ]),
  ];
}

/**
 * A MutatingAdmissionPolicy as the API server of Kubernetes 1.36 would take it. Refused here though served
 * there: parameters and ApplyConfiguration.
 */
export const checkPolicy: Check = (policy) => {
  const spec = isObject(policy['spec']) ? policy['spec'] : {};
  const constraints = isObject(spec['matchConstraints']) ? spec['matchConstraints'] : {};
  const rules = objects(constraints['resourceRules']);
  const mutations = objects(spec['mutations']);
  return [
    ...(rules.length === 0 ? [required('spec.matchConstraints.resourceRules')] : []),
    ...checkRules('spec.matchConstraints.resourceRules', rules, OPERATIONS),
    ...checkRules(
      'spec.matchConstraints.excludeResourceRules',
      objects(constraints['excludeResourceRules']),
      OPERATIONS,
    ),
    ...oneOf('spec.matchConstraints.matchPolicy', constraints['matchPolicy'], ['Exact', 'Equivalent']),
    ...oneOf('spec.failurePolicy', spec['failurePolicy'], ['Fail', 'Ignore']),
    ...oneOf('spec.reinvocationPolicy', spec['reinvocationPolicy'], ['Never', 'IfNeeded']),
    ...checkConditions('spec.matchConditions', spec['matchConditions']),
    ...objects(spec['variables']).flatMap(({ expression }, index) =>
      checkExpression(`spec.variables[${index}].expression`, expression, 'any'),
    ),
    ...(mutations.length === 0 ? [required('spec.mutations')] : []),
    ...mutations.flatMap((mutation, index) => checkMutation(`spec.mutations[${index}]`, mutation)),
    ...(spec['paramKind'] === undefined
      ? []
      : [forbidden('spec.paramKind', 'the sandbox evaluates policies without parameters only')]),
  ];
};

function checkMutation(
  field: string,
  { patchType, jsonPatch, applyConfiguration }: JsonObject,
): FieldError[] {
  if (patchType === 'ApplyConfiguration') {
    return [forbidden(`${field}.patchType`, 'the sandbox evaluates JSONPatch only')];
  }
  return [
    ...oneOf(`${field}.patchType`, patchType, ['ApplyConfiguration', 'JSONPatch']),
    ...(applyConfiguration === undefined
      ? []
      : [forbidden(`${field}.applyConfiguration`, 'must not be specified when patchType is JSONPatch')]),
    ...(isObject(jsonPatch)
      ? checkExpression(`${field}.jsonPatch.expression`, jsonPatch['expression'], 'patch')
      : [required(`${field}.jsonPatch`)]),
  ];
}

export const checkPolicyBinding: Check = (binding) => {
  const spec = isObject(binding['spec']) ? binding['spec'] : {};
  const { policyName } = spec;
  return [
    ...(typeof policyName === 'string' && policyName !== '' ? [] : [required('spec.policyName')]),
    ...(spec['paramRef'] === undefined
      ? []
      : [forbidden('spec.paramRef', 'the sandbox evaluates policies without parameters only')]),
  ];
};
