import { type Context, Environment, type ParseResult } from '@marcbachmann/cel-js';
import { invalid, invalidByRule } from './errors.ts';
import { equalJson, isObject, type JsonObject, ownValue } from './json.ts';
import type { FieldError, StructuralSchema, ValidationRule } from './schema.ts';

/**
 * Evaluates the CEL rules of `x-kubernetes-validations` throughout an object. Rules that name `oldSelf`
 * compare with the stored object: they run on updates only, and only on values that the stored object has
 * (items of lists are matched by their map keys).
 *
 * @see https://kubernetes.io/docs/reference/using-api/cel/
 */
export function validateRules(
  schema: StructuralSchema,
  object: JsonObject,
  previous?: JsonObject,
): FieldError[] {
  return hasRules(schema) ? walk(schema, object, previous, '') : [];
}

const withRules = new WeakMap<StructuralSchema, boolean>();

/** True when the schema has a rule anywhere. */
export function hasRules(schema: StructuralSchema): boolean {
  let found = withRules.get(schema);
  if (found === undefined) {
    const { items, properties = {}, additionalProperties } = schema;
    found =
      schema['x-kubernetes-validations'] !== undefined ||
      (items !== undefined && hasRules(items)) ||
      (typeof additionalProperties === 'object' && hasRules(additionalProperties)) ||
      Object.values(properties).some(hasRules);
    withRules.set(schema, found);
  }
  return found;
}

function walk(schema: StructuralSchema, value: unknown, previous: unknown, path: string): FieldError[] {
  if (value === null || value === undefined) {
    return [];
  }
  const errors = (schema['x-kubernetes-validations'] ?? []).flatMap((rule) =>
    evaluate(rule, schema, value, previous, path),
  );
  const { items, properties = {}, additionalProperties } = schema;
  if (Array.isArray(value) && items !== undefined) {
    value.forEach((item: unknown, index) => {
      errors.push(...walk(items, item, counterpart(schema, item, previous), `${path}[${index}]`));
    });
  }
  for (const [key, child] of Object.entries(isObject(value) ? value : {})) {
    const before = isObject(previous) ? ownValue(previous, key) : undefined;
    const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (property !== undefined) {
      errors.push(...walk(property, child, before, path === '' ? key : `${path}.${key}`));
    } else if (typeof additionalProperties === 'object') {
      errors.push(...walk(additionalProperties, child, before, `${path}[${key}]`));
    }
  }
  return errors;
}

/** The stored item that an item of a list of type map replaces. */
function counterpart(schema: StructuralSchema, item: unknown, previous: unknown): unknown {
  const keys = schema['x-kubernetes-list-map-keys'];
  if (keys === undefined || !Array.isArray(previous) || !isObject(item)) {
    return undefined;
  }
  return previous.find(
    (candidate) => isObject(candidate) && keys.every((key) => equalJson(candidate[key], item[key])),
  );
}

function evaluate(
  rule: ValidationRule,
  schema: StructuralSchema,
  value: unknown,
  previous: unknown,
  path: string,
): FieldError[] {
  const isTransition = /\boldSelf\b/.test(rule.rule);
  if (isTransition && previous === undefined && rule.optionalOldSelf !== true) {
    return [];
  }
  const context: Context = { self: toCel(schema, value), oldSelf: toCel(schema, previous ?? null) };
  const text = (rule.message ?? rule.rule).trim();
  try {
    const holds: unknown = compiled(rule.rule)(context);
    if (holds === true) {
      return [];
    }
    const message = messageOf(rule, context) ?? rule.message?.trim() ?? `failed rule: ${text}`;
    return [invalidByRule(`${path}${rule.fieldPath ?? ''}`, value, message, rule.reason)];
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return [invalid(path, schema.type ?? '', `${reason} evaluating rule: ${text}`)];
  }
}

function messageOf(rule: ValidationRule, context: Context): string | undefined {
  if (rule.messageExpression === undefined) {
    return undefined;
  }
  try {
    const message: unknown = compiled(rule.messageExpression)(context);
    return typeof message === 'string' && message !== '' ? message : undefined;
  } catch {
    // As the API server: a message that cannot be computed falls back to the static one.
    return undefined;
  }
}

const environment = new Environment({ unlistedVariablesAreDyn: true })
  .registerVariable('self', 'dyn')
  .registerVariable('oldSelf', 'dyn');
const programs = new Map<string, ParseResult>();

function compiled(expression: string): ParseResult {
  let program = programs.get(expression);
  if (program === undefined) {
    program = environment.parse(expression);
    programs.set(expression, program);
  }
  return program;
}

/** CEL tells integers from doubles, JSON does not: the schema decides, and whole numbers without one are integers. */
function toCel(schema: StructuralSchema | undefined, value: unknown): unknown {
  if (typeof value === 'number') {
    return Number.isInteger(value) && schema?.type !== 'number' ? BigInt(value) : value;
  }
  if (Array.isArray(value)) {
    return value.map((item: unknown) => toCel(schema?.items, item));
  }
  if (!isObject(value)) {
    return value;
  }
  const { properties = {}, additionalProperties } = schema ?? {};
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => {
      const rest = typeof additionalProperties === 'object' ? additionalProperties : undefined;
      return [key, toCel(Object.hasOwn(properties, key) ? properties[key] : rest, child)];
    }),
  );
}
