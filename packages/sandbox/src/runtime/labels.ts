export interface LabelSelectorTerm {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly LabelSelectorTerm[];
}

type Labels = Readonly<Record<string, string>>;

function matchesTerm(labels: Labels, term: LabelSelectorTerm): boolean {
  const value = labels[term.key];
  const listed = value !== undefined && (term.values ?? []).includes(value);
  switch (term.operator) {
    case 'In':
      return listed;
    case 'NotIn':
      return !listed;
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}

/** Kubernetes' label selector: every part has to match, an empty one matches everything. */
export function matchesLabels(labels: Labels | undefined, selector: LabelSelector): boolean {
  const own = labels ?? {};
  return (
    Object.entries(selector.matchLabels ?? {}).every(([key, value]) => own[key] === value) &&
    (selector.matchExpressions ?? []).every((term) => matchesTerm(own, term))
  );
}

const VALUE_OPERATORS = ['In', 'NotIn'];
const OPERATORS = [...VALUE_OPERATORS, 'Exists', 'DoesNotExist'];

/** What makes a selector invalid, as apimachinery says when it turns one into a matcher; undefined when nothing does. */
export function invalidSelector(selector: LabelSelector): string | undefined {
  for (const { key, operator, values = [] } of selector.matchExpressions ?? []) {
    if (!OPERATORS.includes(operator))
      return `${JSON.stringify(operator)} is not a valid label selector operator`;
    if (VALUE_OPERATORS.includes(operator) && values.length === 0) {
      return `values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty (${key})`;
    }
    if (!VALUE_OPERATORS.includes(operator) && values.length > 0) {
      return `values: Invalid value: values set must be empty for exists and does not exist (${key})`;
    }
  }
  return undefined;
}
