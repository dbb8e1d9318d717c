import { Environment, type ParseResult } from '@marcbachmann/cel-js';
import type { KubeObject } from '../../../kube/resource.ts';
import { withKubernetesLibrary } from './cel-library.ts';

/** Scores of one cluster by the name of their AddOnPlacementScore; null when there is no such object. */
export type ScoresOf = (
  cluster: string,
  resource: string,
) => readonly { readonly name: string; readonly value: number }[] | null;

/** Whether a cluster meets CEL expressions. */
export interface CelSelector {
  /** Why the expressions cannot be evaluated here, for people; null when they can. */
  problem(expressions: readonly string[]): string | null;
  /** All of them hold. One that fails to evaluate, or gives no boolean, does not. */
  holds(expressions: readonly string[], cluster: KubeObject): boolean;
}

type Program = { readonly run: ParseResult } | { readonly problem: string };

/**
 * CEL selectors as OCM evaluates them (open-cluster-management-io/ocm, pkg/placement/helpers/cel.go): the variable
 * `managedCluster` is the object, `managedCluster.scores(NAME)` its scores, `TEXT.parseJSON()` a value; versions and
 * quantities are known, what else there is in Kubernetes' own libraries (addresses, URLs) is not: `problem` names it.
 */
export function createCelSelector(scoresOf: ScoresOf): CelSelector {
  const programs = new Map<string, Program>();
  const environment = withKubernetesLibrary(new Environment({ enableOptionalTypes: true }))
    .registerVariable('managedCluster', 'map<string, dyn>')
    .registerFunction('map.scores(string): list<dyn>', (cluster: unknown, name: unknown) => {
      const scores = scoresOf(nameOf(cluster), String(name));
      if (scores === null) throw new Error(`no AddOnPlacementScore ${String(name)}`);
      return scores.map((score) => ({ name: score.name, value: BigInt(score.value) }));
    })
    .registerFunction('string.parseJSON(): dyn', (text: unknown) => celValue(JSON.parse(String(text))));

  function compiled(expression: string): Program {
    let program = programs.get(expression);
    if (program === undefined) {
      program = compile(environment, expression);
      programs.set(expression, program);
    }
    return program;
  }

  return {
    problem(expressions) {
      for (const expression of expressions) {
        const program = compiled(expression);
        if ('problem' in program) return `CEL expression ${expression}: ${program.problem}`;
      }
      return null;
    },
    holds(expressions, cluster) {
      if (expressions.length === 0) return true;
      const context = { managedCluster: celValue(cluster) };
      return expressions.every((expression) => {
        const program = compiled(expression);
        if ('problem' in program) return false;
        try {
          return program.run(context) === true;
        } catch {
          return false;
        }
      });
    },
  };
}

function compile(environment: Environment, expression: string): Program {
  try {
    const run = environment.parse(expression);
    const { valid, error } = run.check();
    return valid ? { run } : { problem: firstLine(error) };
  } catch (error) {
    return { problem: firstLine(error) };
  }
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';

function nameOf(cluster: unknown): string {
  if (typeof cluster !== 'object' || cluster === null || !('metadata' in cluster)) return '';
  const { metadata } = cluster;
  if (typeof metadata !== 'object' || metadata === null || !('name' in metadata)) return '';
  return String(metadata.name);
}

/** CEL tells integers from doubles, JSON does not: whole numbers are integers, as Kubernetes decodes them. */
function celValue(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(celValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, celValue(child)]));
}
