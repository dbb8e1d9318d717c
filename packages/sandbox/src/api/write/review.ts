import { USER } from '../admission/attributes.ts';
import type { ApiCore, Target } from '../core.ts';
import { isObject, type JsonObject } from '../object.ts';

/** Answers a review: whoever is let in may do everything. */
export function review(_core: ApiCore, { type }: Target, body: unknown): JsonObject {
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
    case 'SubjectAccessReview':
      return answer({ allowed: true });
    case 'TokenReview':
      return answer({ authenticated: true, user: USER });
    case 'SelfSubjectRulesReview':
      return answer({
        incomplete: false,
        resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
        nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
      });
    default:
      return answer({ userInfo: USER });
  }
}
