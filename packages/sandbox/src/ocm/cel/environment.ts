import { Environment, type ParseResult } from '@marcbachmann/cel-js';
import { isObject } from '../../runtime/client/object.ts';
import { registerCollections } from './collections.ts';
import { registerQuantity } from './quantity.ts';
import { registerSemver } from './semver.ts';

/**
 * The CEL environment that all of OCM's expressions share: optional types, extended strings, and of Kubernetes'
 * libraries lists, regular expressions, quantities and semantic versions. Those of URLs, IP addresses, CIDRs and
 * formats are not there: an expression that uses them does not compile. Costs are not counted.
 */
export function createEnvironment(): Environment {
  const environment = new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false });
  registerCollections(environment);
  registerQuantity(environment);
  registerSemver(environment);
  return environment;
}

/** An expression that has been checked; calling it may throw. */
export type Program = (input: Readonly<Record<string, unknown>>) => unknown;

/** Compiles every expression once. */
export function createCompiler(environment: Environment): (expression: string) => Program {
  const programs = new Map<string, Program>();
  return (expression) => {
    let program = programs.get(expression);
    if (program === undefined) {
      const parsed: ParseResult = environment.parse(expression);
      const { valid, error } = parsed.check();
      if (!valid) throw error ?? new Error('the types do not fit');
      program = (input): unknown => parsed({ ...input });
      programs.set(expression, program);
    }
    return program;
  };
}

/** JSON as CEL sees it: whole numbers are integers, as for whatever has no schema in Go. */
export function toCel(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(toCel);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, toCel(child)]));
}
