import { isObject, type JsonObject, type KubeObject } from '../object.ts';
import { type Attributes, namespaceOf } from './attributes.ts';

/** Strings of a list field; absent is empty. */
export function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** Objects of a list field; absent is empty. */
export function objects(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/**
 * Whether a request is one that a webhook or a policy is for: its rules, namespaceSelector and objectSelector.
 * With matchPolicy `Equivalent` a rule for another version of the same resource matches too.
 *
 * @param rules the entries of `rules` or `resourceRules`
 * @see https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-rules
 */
export function matches(
  attributes: Attributes,
  rules: readonly JsonObject[],
  constraints: JsonObject,
): boolean {
  const exact = constraints['matchPolicy'] === 'Exact';
  return (
    rules.some((rule) => matchesRule(attributes, rule, exact)) &&
    matchesNamespace(attributes, constraints['namespaceSelector']) &&
    matchesObjects(attributes, constraints['objectSelector'])
  );
}

/** Whether one rule covers the request's operation, resource, scope and name. */
export function matchesRule(attributes: Attributes, rule: JsonObject, exact: boolean): boolean {
  const { target, operation, object } = attributes;
  const { type } = target;
  const has = (field: string, value: string): boolean => {
    const listed = texts(rule[field]);
    return listed.includes('*') || listed.includes(value);
  };
  const versions = attributes.core.registry
    .all()
    .filter((other) => other.storage === type.storage)
    .map(({ version }) => version);
  const scope = rule['scope'] ?? '*';
  const names = texts(rule['resourceNames']);
  return (
    has('operations', operation) &&
    has('apiGroups', type.group) &&
    (exact ? has('apiVersions', type.version) : versions.some((version) => has('apiVersions', version))) &&
    texts(rule['resources']).some((resource) => matchesResource(resource, type.plural, target.subresource)) &&
    (scope === '*' || (scope === 'Namespaced') === type.namespaced) &&
    (names.length === 0 || names.includes(object?.metadata.name ?? target.name))
  );
}

/** `pods`, `pods/status`, `pods/*`, `*` (all but subresources), `*\/scale` and `*\/*`. */
function matchesResource(wanted: string, plural: string, subresource: string): boolean {
  const [resource = '', sub = ''] = wanted.split('/');
  return (resource === '*' || resource === plural) && (sub === '*' || sub === subresource);
}

function matchesNamespace(attributes: Attributes, selector: unknown): boolean {
  const { target, object } = attributes;
  const isNamespace = target.type.storage === '/namespaces';
  // Cluster-scoped objects have no namespace to select by; a Namespace stands for itself.
  if (!target.type.namespaced && !isNamespace) return true;
  const labels = (isNamespace ? object : namespaceOf(attributes))?.metadata.labels;
  return selects(selector, labels ?? {});
}

/** Either the new object or the old one has to be selected. */
function matchesObjects({ object, oldObject }: Attributes, selector: unknown): boolean {
  return [object, oldObject].some(
    (candidate: KubeObject | undefined) =>
      candidate !== undefined && selects(selector, candidate.metadata.labels ?? {}),
  );
}

/** A LabelSelector: all its parts must hold, an empty one holds always. */
export function selects(selector: unknown, labels: Readonly<Record<string, string>>): boolean {
  if (!isObject(selector)) return true;
  const wanted = isObject(selector['matchLabels']) ? selector['matchLabels'] : {};
  return (
    Object.entries(wanted).every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value) &&
    objects(selector['matchExpressions']).every((expression) => holds(expression, labels))
  );
}

function holds(expression: JsonObject, labels: Readonly<Record<string, string>>): boolean {
  const key = String(expression['key']);
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  const listed = value !== undefined && texts(expression['values']).includes(value);
  switch (expression['operator']) {
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
