import { Environment, type ParseResult } from '@marcbachmann/cel-js';
import { isObject, type JsonObject } from '../../object.ts';
import { rewriteStructLiterals } from './struct-literals.ts';
import { registerTransformList } from './two-variables.ts';

/** One operation that an expression made with `JSONPatch{...}`. */
export class JsonPatchValue {
  readonly fields: ReadonlyMap<string, unknown>;

  constructor(fields: ReadonlyMap<string, unknown>) {
    this.fields = fields;
  }
}

/** The library `jsonpatch` of Kubernetes' CEL. */
class JsonPatchLibrary {
  /** A key as a part of a JSON pointer. */
  escapeKey(key: string): string {
    return key.replaceAll('~', '~0').replaceAll('/', '~1');
  }
}

const FIELDS: readonly string[] = ['op', 'path', 'from', 'value'];

const environment: Environment = new Environment({ enableOptionalTypes: true })
  .registerVariable('object', 'dyn')
  .registerVariable('oldObject', 'dyn')
  .registerVariable('request', 'dyn')
  .registerVariable('namespaceObject', 'dyn')
  .registerVariable('variables', 'dyn')
  .registerType('JSONPatch', JsonPatchValue)
  .registerType('JsonPatchLibrary', JsonPatchLibrary)
  .registerConstant('jsonpatch', 'JsonPatchLibrary', new JsonPatchLibrary())
  .registerFunction('newJSONPatch(map<string, dyn>): JSONPatch', makePatch)
  .registerFunction('JsonPatchLibrary.escapeKey(string): string', (library: JsonPatchLibrary, key: string) =>
    library.escapeKey(key),
  );
registerTransformList(environment);

function makePatch(value: unknown): JsonPatchValue {
  const entries = value instanceof Map ? [...value.entries()] : isObject(value) ? Object.entries(value) : [];
  const fields = new Map(entries.map(([key, field]): [string, unknown] => [String(key), field]));
  for (const key of fields.keys()) {
    if (!FIELDS.includes(key)) throw new Error(`undefined field '${key}' of JSONPatch`);
  }
  return new JsonPatchValue(fields);
}

const programs = new Map<string, ParseResult>();

/** What an expression sees; `variables` are those of its policy. */
export interface Bindings {
  readonly object: JsonObject | null;
  readonly oldObject: JsonObject | null;
  readonly request: JsonObject;
  readonly namespaceObject: JsonObject | null;
  readonly variables: JsonObject;
}

/**
 * Compiles an expression, once.
 * @throws Error when it does not parse
 */
function compile(expression: string): ParseResult {
  let program = programs.get(expression);
  if (program === undefined) {
    program = environment.parse(rewriteStructLiterals(expression, ['JSONPatch']));
    programs.set(expression, program);
  }
  return program;
}

/** Fields of objects have no type, those of these variables have one that is not known here. */
const TYPED = /\b(request|namespaceObject|variables)\b/;
const MAKES_PATCH = /\bJSONPatch\s*\{/;

/** Whether an expression of type `found` is taken: a real server asks for exactly `bool` or `list(JSONPatch)`. */
function fits(type: 'bool' | 'patch' | 'any', found: string, expression: string): boolean {
  if (type === 'any') return true;
  if (type === 'bool') return found === 'bool' || (found === 'dyn' && TYPED.test(expression));
  // Of a list made of several this library does not always know the items' type.
  if (found === 'list' || found === 'list<T>') return MAKES_PATCH.test(expression);
  return found === 'list<JSONPatch>' || (found === 'dyn' && /\bvariables\b/.test(expression));
}

/** Why the API server would refuse an expression, or undefined when it compiles to `type`. */
export function compileError(expression: string, type: 'bool' | 'patch' | 'any'): string | undefined {
  try {
    const checked = compile(expression).check();
    if (!checked.valid) return checked.error === undefined ? 'does not compile' : firstLine(checked.error);
    const found = checked.type ?? 'dyn';
    if (fits(type, found, expression)) return undefined;
    return `must evaluate to ${type === 'bool' ? 'bool' : 'list(JSONPatch)'} but got ${found}`;
  } catch (error) {
    return firstLine(error);
  }
}

/** @throws Error when the expression fails on these values */
export function evaluate(expression: string, bindings: Bindings): unknown {
  return compile(expression)({ ...bindings });
}

/** The first line of an error: the others draw where it is. */
export function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}

/** JSON as CEL values: whole numbers are integers, as the API server decodes them. */
export function toCel(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(toCel);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, toCel(child)]));
}

/**
 * A CEL value as JSON.
 * @throws Error for what JSON cannot hold
 */
export function toJson(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return value;
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof Map) {
    return Object.fromEntries([...value.entries()].map(([key, child]) => [String(key), toJson(child)]));
  }
  if (isObject(value) && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, toJson(child)]));
  }
  throw new Error('evaluated to a type that could not marshal to JSON');
}
