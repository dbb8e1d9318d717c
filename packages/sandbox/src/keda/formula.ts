/**
 * The expressions of `scalingModifiers.formula`: numbers, names of triggers, + - * / % and ^, comparisons,
 * && || !, `? :`, `??`, and min, max, abs, ceil, floor, round, sum. KEDA evaluates them with expr-lang, which knows
 * more; what is not listed here is refused.
 *
 * @see https://keda.sh/docs/latest/reference/scaledobject-spec/#scalingmodifiers
 */
export type Formula = (values: Readonly<Record<string, number | undefined>>) => number;

type Value = number | boolean | undefined;
type Node = (values: Readonly<Record<string, number | undefined>>) => Value;

const TOKEN = /\s*(\d+(?:\.\d+)?|[A-Za-z_][A-Za-z0-9_]*|\?\?|[<>=!]=|&&|\|\||[-+*/%^<>!?:(),])/y;

const FUNCTIONS: Readonly<Record<string, (values: readonly number[]) => number>> = {
  min: (values) => Math.min(...values),
  max: (values) => Math.max(...values),
  sum: (values) => values.reduce((sum, value) => sum + value, 0),
  abs: ([value = 0]) => Math.abs(value),
  ceil: ([value = 0]) => Math.ceil(value),
  floor: ([value = 0]) => Math.floor(value),
  round: ([value = 0]) => Math.round(value),
};

/** Binary operators by how tightly they bind, the loosest first. */
const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['==', '!=', '<', '>', '<=', '>='],
  ['+', '-'],
  ['*', '/', '%'],
  ['^'],
];

function number(value: Value, where: string): number {
  if (typeof value === 'number') return value;
  throw new Error(`${where} is not a number`);
}

function combine(op: string, left: Node, right: Node): Node {
  if (op === '||') return (values) => left(values) === true || right(values) === true;
  if (op === '&&') return (values) => left(values) === true && right(values) === true;
  if (op === '==') return (values) => left(values) === right(values);
  if (op === '!=') return (values) => left(values) !== right(values);
  const numbers: Readonly<Record<string, (a: number, b: number) => Value>> = {
    '<': (a, b) => a < b,
    '>': (a, b) => a > b,
    '<=': (a, b) => a <= b,
    '>=': (a, b) => a >= b,
    '+': (a, b) => a + b,
    '-': (a, b) => a - b,
    '*': (a, b) => a * b,
    '/': (a, b) => a / b,
    '%': (a, b) => a % b,
    '^': (a, b) => a ** b,
  };
  const apply = numbers[op];
  if (apply === undefined) throw new Error(`unknown operator ${op}`);
  return (values) => apply(number(left(values), `left of ${op}`), number(right(values), `right of ${op}`));
}

class Parser {
  readonly #tokens: string[] = [];
  #at = 0;

  constructor(text: string) {
    TOKEN.lastIndex = 0;
    let end = 0;
    for (let token = TOKEN.exec(text); token !== null; token = TOKEN.exec(text)) {
      this.#tokens.push(token[1] ?? '');
      end = TOKEN.lastIndex;
    }
    if (text.slice(end).trim() !== '')
      throw new Error(`formula: unexpected ${JSON.stringify(text.slice(end))}`);
  }

  whole(): Node {
    const node = this.#conditional();
    if (this.#at < this.#tokens.length)
      throw new Error(`formula: unexpected ${JSON.stringify(this.#tokens[this.#at])}`);
    return node;
  }

  #conditional(): Node {
    const test = this.#coalesce();
    if (!this.#take('?')) return test;
    const yes = this.#conditional();
    this.#expect(':');
    const no = this.#conditional();
    return (values) => (test(values) === true ? yes(values) : no(values));
  }

  #coalesce(): Node {
    let left = this.#binary(0);
    while (this.#take('??')) {
      const first = left;
      const right = this.#binary(0);
      left = (values) => first(values) ?? right(values);
    }
    return left;
  }

  #binary(level: number): Node {
    const operators = LEVELS[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    for (
      let op = this.#tokens[this.#at];
      op !== undefined && operators.includes(op);
      op = this.#tokens[this.#at]
    ) {
      this.#at += 1;
      left = combine(op, left, this.#binary(level + 1));
    }
    return left;
  }

  #unary(): Node {
    if (this.#take('-')) {
      const operand = this.#unary();
      return (values) => -number(operand(values), 'operand of -');
    }
    if (this.#take('!')) {
      const operand = this.#unary();
      return (values) => operand(values) !== true;
    }
    return this.#primary();
  }

  #primary(): Node {
    if (this.#take('(')) {
      const inner = this.#conditional();
      this.#expect(')');
      return inner;
    }
    const token = this.#tokens[this.#at];
    if (token === undefined) throw new Error('formula: unexpected end');
    this.#at += 1;
    if (/^\d/.test(token)) return () => Number(token);
    if (!/^[A-Za-z_]/.test(token)) throw new Error(`formula: unexpected ${JSON.stringify(token)}`);
    if (token === 'true' || token === 'false') return () => token === 'true';
    if (!this.#take('(')) return (values) => values[token];
    const apply = FUNCTIONS[token];
    if (apply === undefined) throw new Error(`formula: unknown function ${token}`);
    const args = [this.#conditional()];
    while (this.#take(',')) args.push(this.#conditional());
    this.#expect(')');
    return (values) => apply(args.map((arg) => number(arg(values), `argument of ${token}`)));
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at += 1;
    return true;
  }

  #expect(token: string): void {
    if (!this.#take(token))
      throw new Error(`formula: expected ${token}, found ${this.#tokens[this.#at] ?? 'the end'}`);
  }
}

/** @throws Error for text that is no formula */
export function parseFormula(text: string): Formula {
  const node = new Parser(text).whole();
  return (values) => number(node(values), 'the formula');
}
