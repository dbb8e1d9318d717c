import { type Access, isAllowed, rulesFor } from '../authorization/rbac.ts';
import { ADMIN, type UserInfo } from '../authorization/users.ts';
import type { ApiCore, Target } from '../core.ts';
import { isObject, type JsonObject } from '../object.ts';

/** Answers a review of what `user` (or, in a SubjectAccessReview, the user that it names) may do. */
export function review(core: ApiCore, { type }: Target, body: unknown, user: UserInfo): JsonObject {
  const given = isObject(body) ? body : {};
  const answer = (status: JsonObject): JsonObject => ({
    kind: type.kind,
    apiVersion: `${type.group}/${type.version}`,
    metadata: { creationTimestamp: null },
    spec: given['spec'] ?? {},
    status,
  });
  switch (type.kind) {
    case 'SelfSubjectAccessReview':
      return answer({ allowed: isAllowed(core, user, accessOf(given['spec'])) });
    case 'SubjectAccessReview':
      return answer({ allowed: isAllowed(core, subjectOf(given['spec']), accessOf(given['spec'])) });
    case 'TokenReview':
      return answer({ authenticated: true, user: { ...ADMIN } });
    case 'SelfSubjectRulesReview': {
      const everything = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] };
      const { namespace } = isObject(given['spec']) ? given['spec'] : {};
      return answer({
        incomplete: false,
        resourceRules: user.groups.includes('system:masters')
          ? [everything]
          : rulesFor(core, user, text(namespace)).map((rule) => ({ ...rule })),
        nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
      });
    }
    default:
      return answer({ userInfo: { ...user } });
  }
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The access that a review asks for. Paths that are no resources are open to everybody here. */
function accessOf(spec: unknown): Access {
  const given = isObject(spec) ? spec : {};
  const attributes = isObject(given['resourceAttributes']) ? given['resourceAttributes'] : {};
  return {
    verb: text(attributes['verb']),
    group: text(attributes['group']),
    resource: text(attributes['resource']),
    subresource: text(attributes['subresource']),
    namespace: text(attributes['namespace']),
    name: text(attributes['name']),
  };
}

function subjectOf(spec: unknown): UserInfo {
  const given = isObject(spec) ? spec : {};
  const groups = Array.isArray(given['groups']) ? given['groups'].map(text) : [];
  return { username: text(given['user']), groups };
}
