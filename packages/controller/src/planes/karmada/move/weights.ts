import type { KubeApi } from '../../../kube/api.ts';
import { isKubeError } from '../../../kube/errors.ts';
import type { KubeObject } from '../../../kube/resource.ts';
import { FOUND, type FoundRecord, SHUNNED, type Shunned, STEP } from '../../shared/annotations.ts';
import type { StepRecord } from '../annotations.ts';
import type { MemberCluster } from '../member.ts';
import { canonicalWeights, foundIn, ownsWeights, type PolicyView } from '../policy.ts';

/** What stands in the way of writing the weights. */
export type Ownership =
  | { readonly kind: 'free' }
  /** Other managers own the list: only a forced apply takes it. */
  | { readonly kind: 'contested'; readonly managers: readonly string[] };

/** The document that is applied: the identity of the policy that was planned on, and the one field. */
function weightsDocument(policy: KubeObject, staticWeightList: unknown): KubeObject {
  const { name, namespace, uid, resourceVersion } = policy.metadata;
  return {
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
    spec: {
      placement: {
        replicaScheduling: { weightPreference: { staticWeightList } },
      },
    },
  };
}

/**
 * The last look before anything is written. Karmada divides evenly over every candidate when no name of the list is
 * one, and it feeds clusters that are down: neither may ever be asked of it.
 * @throws Error for weights that would do so: a mistake of ours, not of the user's.
 */
export function assertWritable(
  weights: Readonly<Record<string, number>>,
  candidates: readonly MemberCluster[],
): void {
  const entries = Object.entries(weights);
  if (entries.length === 0) throw new Error('refusing to write an empty weight list');
  for (const [name, weight] of entries) {
    const member = candidates.find((each) => each.name === name);
    if (member === undefined) throw new Error(`refusing to write weights for ${name}: it is no candidate`);
    if (!member.ready || member.deleting) {
      throw new Error(`refusing to write weights for ${name}: it is not Ready`);
    }
    if (!Number.isSafeInteger(weight) || weight < 1) {
      throw new Error(`refusing to write the weight ${weight} for ${name}`);
    }
  }
}

/** Asks the server, without storing anything, whether the weights can be written without force. */
export async function probeOwnership(api: KubeApi, policy: PolicyView, step: StepRecord): Promise<Ownership> {
  try {
    await api.apply(policy.type, weightsDocument(policy.object, canonicalWeights(step.weights)), {
      dryRun: true,
    });
    return { kind: 'free' };
  } catch (error) {
    if (isKubeError(error, 'field-conflict')) return { kind: 'contested', managers: error.managers };
    throw error;
  }
}

/** What to remember as found: kept while the list is ours, else what stands there now. */
export function foundBeforeWrite(
  policy: PolicyView,
  before: FoundRecord | null,
  optIn: string,
  forced: boolean,
): FoundRecord {
  const value = before !== null && ownsWeights(policy.object) ? before : foundIn(policy.object);
  const forcedBefore = before !== null && before.optIn === optIn && before.forced;
  return { present: value.present, value: value.value, optIn, forced: forced || forcedBefore };
}

/** Annotations of Windvane on a policy, guarded by what was planned on. Null removes one. */
export function annotatePolicy(
  api: KubeApi,
  policy: PolicyView,
  annotations: {
    readonly found?: FoundRecord | null;
    readonly step: StepRecord | null;
    readonly shunned?: Shunned;
  },
): Promise<KubeObject> {
  const { name, namespace, uid, resourceVersion } = policy.object.metadata;
  const written = {
    ...(annotations.found === undefined
      ? {}
      : { [FOUND]: annotations.found === null ? null : JSON.stringify(annotations.found) }),
    ...(annotations.shunned === undefined ? {} : { [SHUNNED]: JSON.stringify(annotations.shunned) }),
    [STEP]: annotations.step === null ? null : JSON.stringify(annotations.step),
  };
  return api.mergePatch(
    policy.type,
    { name, namespace },
    { metadata: { uid, resourceVersion, annotations: written } },
  );
}

/** Writes a list of weights onto the policy as it stands after its annotations were written. */
export function applyWeights(
  api: KubeApi,
  policy: PolicyView,
  annotated: KubeObject,
  list: unknown,
  force: boolean,
): Promise<KubeObject> {
  return api.apply(policy.type, weightsDocument(annotated, list), { force });
}
