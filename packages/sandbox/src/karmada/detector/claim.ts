import { type ApiObject, annotationOf, type JsonObject, labelOf } from '../../runtime/client/object.ts';
import type { Policy } from '../types.ts';
import {
  CLUSTER_POLICY_ID_LABEL,
  CLUSTER_POLICY_NAME_ANNOTATION,
  POLICY_ID_LABEL,
  POLICY_NAME_ANNOTATION,
  POLICY_NAMESPACE_ANNOTATION,
} from '../well-known.ts';

/** What a claimed object says of the policy that owns it. */
export interface Claim {
  readonly scope: 'namespace' | 'cluster';
  readonly id: string;
  /** Key of the policy in its store. */
  readonly key: string;
}

/** Labels and annotations of a claim; null, to take it away, removes a key in a merge patch. */
interface ClaimMetadata<Value = string> {
  readonly labels: Readonly<Record<string, Value>>;
  readonly annotations: Readonly<Record<string, Value>>;
}

/** The claim on an object: a PropagationPolicy's comes first; half of one is none. */
export function claimOf(object: ApiObject): Claim | undefined {
  const id = labelOf(object, POLICY_ID_LABEL) ?? '';
  const namespace = annotationOf(object, POLICY_NAMESPACE_ANNOTATION) ?? '';
  const name = annotationOf(object, POLICY_NAME_ANNOTATION) ?? '';
  if (id !== '' && namespace !== '' && name !== '') {
    return { scope: 'namespace', id, key: `${namespace}/${name}` };
  }
  const clusterId = labelOf(object, CLUSTER_POLICY_ID_LABEL) ?? '';
  const clusterName = annotationOf(object, CLUSTER_POLICY_NAME_ANNOTATION) ?? '';
  if (clusterId !== '' && clusterName !== '') return { scope: 'cluster', id: clusterId, key: clusterName };
  return undefined;
}

/** The permanent id of a policy; undefined until the webhook gave it one. */
export function policyId(policy: Policy): string | undefined {
  return labelOf(policy, policy.kind === 'PropagationPolicy' ? POLICY_ID_LABEL : CLUSTER_POLICY_ID_LABEL);
}

/** What claiming an object for `policy` writes on it. */
export function claimMetadata(policy: Policy, id: string): ClaimMetadata {
  const { name, namespace } = policy.metadata;
  if (policy.kind === 'PropagationPolicy') {
    return {
      labels: { [POLICY_ID_LABEL]: id },
      annotations: { [POLICY_NAMESPACE_ANNOTATION]: namespace ?? '', [POLICY_NAME_ANNOTATION]: name },
    };
  }
  return {
    labels: { [CLUSTER_POLICY_ID_LABEL]: id },
    annotations: { [CLUSTER_POLICY_NAME_ANNOTATION]: name },
  };
}

const NO_CLAIM: Readonly<Record<Claim['scope'], ClaimMetadata<null>>> = {
  namespace: {
    labels: { [POLICY_ID_LABEL]: null },
    annotations: { [POLICY_NAMESPACE_ANNOTATION]: null, [POLICY_NAME_ANNOTATION]: null },
  },
  cluster: {
    labels: { [CLUSTER_POLICY_ID_LABEL]: null },
    annotations: { [CLUSTER_POLICY_NAME_ANNOTATION]: null },
  },
};

/** The merge patch that takes a claim off an object. */
export function stripPatch(scope: Claim['scope']): JsonObject {
  return { metadata: NO_CLAIM[scope] };
}

/** The merge patch that puts a claim on an object; undefined when it is there already. */
export function claimPatch(object: ApiObject, claim: ClaimMetadata): JsonObject | undefined {
  const there =
    Object.entries(claim.labels).every(([key, value]) => labelOf(object, key) === value) &&
    Object.entries(claim.annotations).every(([key, value]) => annotationOf(object, key) === value);
  return there ? undefined : { metadata: claim };
}
