import { isObject } from '../object.ts';

/** One step of a path, from the values it is at to those it leads to. */
type Step = (value: unknown) => readonly unknown[];

/** A compiled JSONPath: all values that it finds, in document order. */
export type JsonPath = (root: unknown) => readonly unknown[];

const TOKEN =
  /^(?:\.\.([\w-]+|\*)|\.?\[\?\(@((?:\\.|[^=!<>])*?)\s*(?:(==|!=|>=|<=|>|<)\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^)]+))?\)\]|\.?\[(\*|-?\d+|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\]|\.?\[(-?\d*):(-?\d*)\]|\.((?:\\.|[^.[\]\\])+)|\.)/;

/**
 * Compiles the JSONPath of printer columns and selectable fields: `.spec.names['a.b']`, `[0]`, `[-1]`,
 * `[1:3]`, `[*]`, `..name`, `[?(@.type=="Ready")].status`, with an optional `{}` around it.
 * A path that cannot be read finds nothing.
 */
export function compileJsonPath(text: string): JsonPath {
  let rest = text
    .trim()
    .replace(/^\{(.*)\}$/, '$1')
    .replace(/^\$/, '');
  if (!/^[.[]/.test(rest)) rest = `.${rest}`;
  const steps: Step[] = [];
  while (rest !== '') {
    const match = TOKEN.exec(rest);
    if (match === null) return () => [];
    const step = toStep(match);
    if (step !== undefined) steps.push(step);
    rest = rest.slice(match[0].length);
  }
  return (root) => steps.reduce<readonly unknown[]>((values, step) => values.flatMap(step), [root]);
}

function toStep(match: RegExpExecArray): Step | undefined {
  const [, deep, filterPath, operator, operand, index, from, to, field] = match;
  if (deep !== undefined) return (value) => descendants(value).flatMap(fieldStep(deep));
  if (filterPath !== undefined) return filterStep(filterPath, operator, operand);
  if (from !== undefined || to !== undefined) return sliceStep(from ?? '', to ?? '');
  if (index !== undefined) return indexStep(index);
  return field === undefined ? undefined : fieldStep(field.replaceAll(/\\(.)/g, '$1'));
}

function fieldStep(name: string): Step {
  if (name === '*') return children;
  return (value) => (isObject(value) && Object.hasOwn(value, name) ? [value[name]] : []);
}

function indexStep(text: string): Step {
  if (text === '*') return children;
  if (/^['"]/.test(text)) return fieldStep(text.slice(1, -1).replaceAll(/\\(.)/g, '$1'));
  return (value) => {
    const item: unknown = Array.isArray(value) ? value.at(Number(text)) : undefined;
    return item === undefined ? [] : [item];
  };
}

function sliceStep(from: string, to: string): Step {
  return (value) =>
    Array.isArray(value)
      ? value.slice(from === '' ? 0 : Number(from), to === '' ? value.length : Number(to))
      : [];
}

function filterStep(path: string, operator: string | undefined, operand: string | undefined): Step {
  const left = compileJsonPath(path);
  if (operator === undefined) return (value) => children(value).filter((item) => left(item).length > 0);
  const right = literal(operand ?? '');
  return (value) =>
    children(value).filter((item) => left(item).some((found) => compare(found, operator, right)));
}

function literal(text: string): unknown {
  const trimmed = text.trim();
  if (/^['"]/.test(trimmed)) return trimmed.slice(1, -1).replaceAll(/\\(.)/g, '$1');
  if (trimmed === 'true' || trimmed === 'false') return trimmed === 'true';
  return Number(trimmed);
}

function compare(left: unknown, operator: string, right: unknown): boolean {
  if (operator === '==') return left === right;
  if (operator === '!=') return left !== right;
  const ordered =
    (typeof left === 'number' && typeof right === 'number') ||
    (typeof left === 'string' && typeof right === 'string');
  if (!ordered) return false;
  if (operator === '>') return left > right;
  if (operator === '<') return left < right;
  return operator === '>=' ? left >= right : left <= right;
}

function children(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return isObject(value) ? Object.values(value) : [];
}

function descendants(value: unknown): readonly unknown[] {
  return [value, ...children(value).flatMap(descendants)];
}
