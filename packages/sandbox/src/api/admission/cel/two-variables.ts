import type { Environment } from '@marcbachmann/cel-js';

/**
 * CEL's comprehension with index and item, `list.transformList(i, v, [filter,] expression)`, as a macro of the
 * library. Its contract with macros is only partly typed, so what is used of it is written out here.
 *
 * @see https://pkg.go.dev/github.com/google/cel-go/ext#TwoVarComprehensions
 */
interface Scope {
  forkWithVariable(name: string, type: CelType): Scope;
  reuse(parent: Scope): Scope;
  setIterValue(value: unknown, evaluator: Evaluator): Scope;
}

interface CelType {
  readonly kind: string;
  readonly valueType?: CelType;
}

interface Node {
  readonly op: unknown;
  readonly args: unknown;
}

interface Checker {
  check(node: Node, scope: Scope): CelType;
  getType(name: string): CelType;
  readonly registry: { getListType(type: CelType): CelType };
}

interface Evaluator {
  run(node: Node, scope: Scope): unknown;
}

interface MacroCall {
  readonly args: readonly Node[];
  readonly receiver: Node;
}

/** Adds `transformList` with and without a filter. */
export function registerTransformList(environment: Environment): void {
  environment.registerFunction('list.transformList(ast, ast, ast): list<dyn>', transformList);
  environment.registerFunction('list.transformList(ast, ast, ast, ast): list<dyn>', transformList);
}

function transformList({ args, receiver }: MacroCall): object {
  const [index, item, ...rest] = args;
  const transform = rest.at(-1);
  const filter = rest.length > 1 ? rest[0] : undefined;
  if (index === undefined || item === undefined || transform === undefined) throw new Error('unreachable');
  let indexScope: Scope;
  let itemScope: Scope;
  return {
    typeCheck(checker: Checker, _macro: unknown, scope: Scope): CelType {
      const list = checker.check(receiver, scope);
      indexScope = scope.forkWithVariable(variable(index), checker.getType('int'));
      itemScope = indexScope.forkWithVariable(variable(item), list.valueType ?? checker.getType('dyn'));
      if (filter !== undefined) checker.check(filter, itemScope);
      return checker.registry.getListType(checker.check(transform, itemScope));
    },
    evaluate(evaluator: Evaluator, _macro: unknown, scope: Scope): unknown[] {
      const list = evaluator.run(receiver, scope);
      if (!Array.isArray(list)) throw new Error('transformList: no such overload: not a list');
      const made: unknown[] = [];
      list.forEach((value: unknown, position) => {
        const outer = indexScope.reuse(scope).setIterValue(BigInt(position), evaluator);
        const inner = itemScope.reuse(outer).setIterValue(value, evaluator);
        const wanted = filter === undefined ? true : evaluator.run(filter, inner);
        if (typeof wanted !== 'boolean') throw new Error('transformList: the filter must be a bool');
        if (wanted) made.push(evaluator.run(transform, inner));
      });
      return made;
    },
  };
}

function variable(node: Node): string {
  // An identifier has its name as its only argument.
  if (typeof node.args !== 'string') throw new Error('transformList: a variable must be an identifier');
  return node.args;
}
