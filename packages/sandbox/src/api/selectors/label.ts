import { badRequest } from '../errors.ts';
import type { KubeObject } from '../object.ts';

/** One requirement of a label selector. */
interface Requirement {
  readonly key: string;
  readonly operator: 'in' | 'notin' | 'exists' | 'absent' | 'gt' | 'lt';
  readonly values: readonly string[];
}

/** Whether an object is selected. */
export type Selector = (object: KubeObject) => boolean;

const SETWISE = /^([^\s=!,()<>]+)\s+(in|notin)\s*\(([^()]*)\)$/;
const COMPARISON = /^([^\s=!,()<>]+)\s*(==|=|!=|>|<)\s*([^\s=!,()<>]*)$/;
const COMPARATORS: Readonly<Record<string, Requirement['operator']>> = {
  '!=': 'notin',
  '>': 'gt',
  '<': 'lt',
};
const PRESENCE = /^(!?)\s*([^\s=!,()<>]+)$/;

/**
 * Parses a label selector, equality-based or set-based (`a=b,c!=d,e in (f,g),!h,i>1`).
 * @throws ApiError 400 when it cannot be parsed
 */
export function parseLabelSelector(text: string): Selector {
  const requirements = splitTerms(text).map(parseTerm);
  if (requirements.length === 0) return () => true;
  return (object) => {
    const labels = object.metadata.labels ?? {};
    return requirements.every((requirement) => satisfies(labels, requirement));
  };
}

/** Splits at the commas that stand outside parentheses. */
function splitTerms(text: string): string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((term) => term.trim())
    .filter((term) => term !== '');
}

function parseTerm(term: string): Requirement {
  const setwise = SETWISE.exec(term);
  if (setwise !== null) {
    const values = (setwise[3] ?? '').split(',').map((value) => value.trim());
    return { key: setwise[1] ?? '', operator: setwise[2] === 'in' ? 'in' : 'notin', values };
  }
  const comparison = COMPARISON.exec(term);
  if (comparison !== null) {
    const operator = COMPARATORS[comparison[2] ?? ''] ?? 'in';
    return { key: comparison[1] ?? '', operator, values: [comparison[3] ?? ''] };
  }
  const presence = PRESENCE.exec(term);
  if (presence !== null) {
    return { key: presence[2] ?? '', operator: presence[1] === '!' ? 'absent' : 'exists', values: [] };
  }
  throw badRequest(`unable to parse requirement: cannot parse label selector term ${JSON.stringify(term)}`);
}

function satisfies(labels: Record<string, string>, { key, operator, values }: Requirement): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'exists':
      return value !== undefined;
    case 'absent':
      return value === undefined;
    case 'in':
      return value !== undefined && values.includes(value);
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'gt':
    case 'lt':
    default: {
      const limit = Number(values[0]);
      const number = value === undefined ? Number.NaN : Number(value);
      return operator === 'gt' ? number > limit : number < limit;
    }
  }
}
