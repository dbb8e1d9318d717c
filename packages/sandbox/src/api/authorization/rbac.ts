import type { ApiCore } from '../core.ts';
import { isObject, type KubeObject } from '../object.ts';
import type { UserInfo } from './users.ts';

/** What somebody wants to do. */
export interface Access {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  /** Empty for the object itself. */
  readonly subresource: string;
  /** Empty for cluster-scoped resources and for all namespaces. */
  readonly namespace: string;
  /** Empty for collections and creates. */
  readonly name: string;
}

const GROUP = 'rbac.authorization.k8s.io';

/**
 * Whether the roles stored in the sandbox allow an access, by the rules of RBAC: the union of all roles that are bound
 * to the user, cluster-wide or in the namespace of the access. Self-reviews are open to everybody, as
 * `system:basic-user` makes them; `system:masters` may do everything. Not imitated: aggregated ClusterRoles, paths
 * that are no resources (discovery is open), and the check that nobody grants more than he has.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/rbac/
 */
export function isAllowed(core: ApiCore, user: UserInfo, access: Access): boolean {
  if (user.groups.includes('system:masters')) return true;
  if (access.group === 'authorization.k8s.io' && access.resource.startsWith('selfsubject')) return true;
  return rulesFor(core, user, access.namespace).some((rule) => allows(rule, access));
}

/** One entry of a role's `rules`. */
type Rule = Readonly<Record<'verbs' | 'apiGroups' | 'resources' | 'resourceNames', readonly string[]>>;

/** All rules that hold for a user in a namespace (cluster-wide ones included). */
export function rulesFor(core: ApiCore, user: UserInfo, namespace: string): Rule[] {
  const cluster = core.store.list(`${GROUP}/clusterrolebindings`);
  const local = namespace === '' ? [] : core.store.list(`${GROUP}/rolebindings`, namespace);
  return [...cluster, ...local]
    .filter((binding) => isBound(binding, user))
    .flatMap((binding) => rulesOf(core, binding));
}

const strings = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
const objects = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? value.filter(isObject) : [];

function isBound(binding: KubeObject, user: UserInfo): boolean {
  return objects(binding['subjects']).some(({ kind, name, namespace }) => {
    if (kind === 'User') return name === user.username;
    if (kind === 'Group') return user.groups.includes(String(name));
    return (
      kind === 'ServiceAccount' &&
      user.username === `system:serviceaccount:${String(namespace)}:${String(name)}`
    );
  });
}

function rulesOf(core: ApiCore, binding: KubeObject): Rule[] {
  const reference = isObject(binding['roleRef']) ? binding['roleRef'] : {};
  const name = String(reference['name']);
  const role =
    reference['kind'] === 'ClusterRole'
      ? core.store.get(`${GROUP}/clusterroles`, name)
      : core.store.get(`${GROUP}/roles`, `${binding.metadata.namespace ?? ''}/${name}`);
  return objects(role?.['rules']).map((rule) => ({
    verbs: strings(rule['verbs']),
    apiGroups: strings(rule['apiGroups']),
    resources: strings(rule['resources']),
    resourceNames: strings(rule['resourceNames']),
  }));
}

function allows(rule: Rule, { verb, group, resource, subresource, name }: Access): boolean {
  const wanted = subresource === '' ? resource : `${resource}/${subresource}`;
  const has = (list: readonly string[], value: string): boolean => list.includes('*') || list.includes(value);
  return (
    has(rule.verbs, verb) &&
    has(rule.apiGroups, group) &&
    (has(rule.resources, wanted) || (subresource !== '' && rule.resources.includes(`*/${subresource}`))) &&
    (rule.resourceNames.length === 0 || rule.resourceNames.includes(name))
  );
}
