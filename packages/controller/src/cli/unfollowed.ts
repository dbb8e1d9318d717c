import type { KubeApi } from '../kube/api.ts';
import { isKubeError } from '../kube/errors.ts';
import type { ResourceType } from '../kube/resource.ts';
import { PREFIX, userAnnotations } from '../optin/keys.ts';
import { misspeltOptIn } from '../optin/misspelt.ts';
import { workloadKinds } from '../planes/karmada/resources.ts';
import { MANIFEST_WORK_REPLICA_SET, PLACEMENT } from '../planes/ocm/resources.ts';

/** An object as a user names it on the command line. */
export interface Asked {
  readonly kind: string;
  readonly name: string;
}

const KINDS: readonly ResourceType[] = [...workloadKinds, MANIFEST_WORK_REPLICA_SET, PLACEMENT];

/** Why an object may have no CarbonPlacement, by what stands on it, with the remedy. Throws KubeError. */
export async function whyUnfollowed(kube: KubeApi, namespace: string, asked: Asked): Promise<string> {
  const type = KINDS.find(({ kind }) => kind.toLowerCase() === asked.kind.toLowerCase());
  const label = `${type?.kind ?? asked.kind} ${namespace}/${asked.name}`;
  const written = type === undefined ? {} : await annotationsOf(kube, type, namespace, asked.name);
  const keys = Object.keys(userAnnotations(written));
  if (keys.length === 0) {
    return `${label} has no CarbonPlacement: annotate it with ${PREFIX}placement: follow-the-wind, and check the namespace (-n), the kubeconfig and that a controller runs`;
  }
  if (keys.includes('placement')) {
    return `${label} has no CarbonPlacement, though it carries ${PREFIX}placement: check that a controller runs on this API server and serves the namespace`;
  }
  const carries = `${label} carries ${keys.map((key) => PREFIX + key).join(', ')}`;
  return misspeltOptIn(written) !== null
    ? `${carries}: did you mean ${PREFIX}placement?`
    : `${carries} without ${PREFIX}placement: annotate it with ${PREFIX}placement: follow-the-wind as well`;
}

/** Its annotations; none when there is no such object, or it may not be read. */
async function annotationsOf(
  kube: KubeApi,
  type: ResourceType,
  namespace: string,
  name: string,
): Promise<Readonly<Record<string, string>>> {
  try {
    const { metadata } = await kube.get(type, { namespace, name });
    return metadata.annotations ?? {};
  } catch (error) {
    if (isKubeError(error, 'not-found', 'forbidden')) return {};
    throw error;
  }
}
