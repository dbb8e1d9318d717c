import { applyJsonPatch } from '../../patch/json-patch.ts';
import { ApiError } from '../errors.ts';
import { asKubeObject, cloneJson, equalJson, isObject, type JsonObject, type KubeObject } from '../object.ts';
import type { Attributes } from './attributes.ts';
import { evaluate, firstLine, JsonPatchValue, toJson } from './cel/expression.ts';
import { bindingsOf, judge } from './conditions.ts';
import { matches, matchesRule, objects } from './matching.ts';
import type { Reinvocation } from './reinvocation.ts';

const POLICIES = 'admissionregistration.k8s.io/mutatingadmissionpolicies';
const BINDINGS = 'admissionregistration.k8s.io/mutatingadmissionpolicybindings';

/** A mutation and what became of the object; `settle` prunes and fills in defaults. */
export interface PolicyRun {
  readonly attributes: Attributes;
  readonly again: boolean;
  readonly reinvocation: Reinvocation;
  readonly settle: (object: KubeObject) => KubeObject;
}

/**
 * Runs every MutatingAdmissionPolicy that a binding puts in force, in the order of their names. In a real
 * server a new policy takes about a second to come into force, here it is at once. Costs are not limited.
 *
 * @throws ApiError 403 when a policy with failurePolicy `Fail` does not evaluate
 * @see https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/
 */
export function runPolicies({ attributes, again, reinvocation, settle }: PolicyRun): KubeObject | undefined {
  const { core } = attributes;
  let { object } = attributes;
  const failures: string[] = [];
  const bindings = core.store.list(BINDINGS);
  for (const policy of bindings.length === 0 ? [] : core.store.list(POLICIES)) {
    const spec = section(policy['spec']);
    for (const binding of bindings) {
      const terms = section(binding['spec']);
      if (terms['policyName'] !== policy.metadata.name) continue;
      const present = { ...attributes, object };
      if (!isConcerned(present, spec, terms)) continue;
      const key = `${policy.metadata.name}/${binding.metadata.name}`;
      try {
        const verdict = judge(spec['matchConditions'], bindingsOf(present));
        if ('error' in verdict) throw new Error(verdict.error);
        if (!verdict.matches || (again && !reinvocation.isDue(key))) continue;
        const mutated = mutate(present, spec, settle);
        if (!equalJson(mutated, object)) reinvocation.changed();
        object = mutated;
        reinvocation.ran(key, spec['reinvocationPolicy']);
      } catch (error) {
        if (spec['failurePolicy'] === 'Ignore') continue;
        const where = `policy '${policy.metadata.name}' with binding '${binding.metadata.name}'`;
        failures.push(`${where} denied request: ${firstLine(error)}`);
      }
    }
  }
  if (failures.length > 0) throw denied(attributes, failures);
  return object;
}

function section(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

function isConcerned(attributes: Attributes, spec: JsonObject, binding: JsonObject): boolean {
  const constraints = section(spec['matchConstraints']);
  const exact = constraints['matchPolicy'] === 'Exact';
  if (!matches(attributes, objects(constraints['resourceRules']), constraints)) return false;
  const excluded = objects(constraints['excludeResourceRules']);
  if (excluded.some((rule) => matchesRule(attributes, rule, exact))) return false;
  const narrower = binding['matchResources'];
  if (!isObject(narrower)) return true;
  const rules = objects(narrower['resourceRules']);
  const all = { operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] };
  return matches(attributes, rules.length === 0 ? [all] : rules, narrower);
}

/** Applies the mutations of one policy, each to what the one before it made. */
function mutate(
  attributes: Attributes,
  spec: JsonObject,
  settle: (object: KubeObject) => KubeObject,
): KubeObject | undefined {
  let { object } = attributes;
  for (const mutation of objects(spec['mutations'])) {
    if (object === undefined) return undefined;
    const bindings = bindingsOf({ ...attributes, object }, objects(spec['variables']));
    const { expression } = section(mutation['jsonPatch']);
    const made = evaluate(String(expression), bindings);
    if (!Array.isArray(made)) throw new Error('JSONPatch.expression should evaluate to array');
    const operations = made.map(operation);
    if (operations.length > 0) object = settle(patched(object, operations));
  }
  return object;
}

function operation(value: unknown): JsonObject {
  if (!(value instanceof JsonPatchValue)) {
    throw new Error('JSONPatch.expression should evaluate to array of JSONPatch');
  }
  return Object.fromEntries([...value.fields].map(([key, field]) => [key, toJson(field)]));
}

/** A patch whose `test` fails is left out as a whole, and that is no error. */
function patched(object: KubeObject, operations: readonly JsonObject[]): KubeObject {
  const tests = operations.filter(({ op }) => op === 'test').length > 0;
  try {
    return asKubeObject(applyJsonPatch(cloneJson(object), operations));
  } catch (error) {
    // The patch library does not tell a failed test from a path that is not there; without the tests it does.
    if (
      tests &&
      applies(
        object,
        operations.filter(({ op }) => op !== 'test'),
      )
    )
      return object;
    throw new Error(`JSON patch does not apply: ${firstLine(error)}`, { cause: error });
  }
}

function applies(object: KubeObject, operations: readonly JsonObject[]): boolean {
  try {
    applyJsonPatch(cloneJson(object), operations);
    return true;
  } catch {
    return false;
  }
}

function denied({ target, object }: Attributes, failures: readonly string[]): ApiError {
  const name = target.name === '' ? (object?.metadata.name ?? '') : target.name;
  return new ApiError(403, 'Invalid', failures[0] ?? '', {
    ...(name === '' ? {} : { name }),
    ...(target.type.group === '' ? {} : { group: target.type.group }),
    kind: target.type.plural,
    causes: failures.map((message) => ({ message })),
  });
}
