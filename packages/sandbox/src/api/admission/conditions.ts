import type { JsonObject } from '../object.ts';
import { type Attributes, describeRequest, namespaceOf } from './attributes.ts';
import { type Bindings, evaluate, firstLine, toCel } from './cel/expression.ts';
import { objects } from './matching.ts';

/** What match conditions came to: an error counts only when no condition was false. */
export type Verdict = { readonly matches: boolean } | { readonly error: string };

/** A JSON value that an expression sees as an object. */
function celObject(value: unknown): JsonObject | null {
  const cel = toCel(value ?? null);
  return typeof cel === 'object' && cel !== null && !Array.isArray(cel) ? { ...cel } : null;
}

/**
 * What the expressions of a policy or webhook see. Variables are evaluated when they are first used, and may
 * use those before them.
 */
export function bindingsOf(attributes: Attributes, variables: readonly JsonObject[] = []): Bindings {
  const values: JsonObject = {};
  const bindings: Bindings = {
    object: celObject(attributes.object),
    oldObject: celObject(attributes.oldObject),
    request: celObject(describeRequest(attributes)) ?? {},
    namespaceObject: celObject(namespaceOf(attributes)),
    variables: values,
  };
  for (const { name, expression } of variables) {
    let known: { readonly value: unknown } | undefined;
    Object.defineProperty(values, String(name), {
      enumerable: true,
      get() {
        known ??= { value: evaluate(String(expression), bindings) };
        return known.value;
      },
    });
  }
  return bindings;
}

/**
 * Evaluates `matchConditions`: one that is false decides, an error comes up only without one.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-matchconditions
 */
export function judge(conditions: unknown, bindings: Bindings): Verdict {
  let failed: string | undefined;
  for (const { name, expression } of objects(conditions)) {
    try {
      const value = evaluate(String(expression), bindings);
      if (value === false) return { matches: false };
      if (value !== true) failed ??= `match condition '${String(name)}' is not a bool`;
    } catch (error) {
      failed ??= `match condition '${String(name)}': expression '${String(expression)}' resulted in error: ${firstLine(error)}`;
    }
  }
  return failed === undefined ? { matches: true } : { error: failed };
}
