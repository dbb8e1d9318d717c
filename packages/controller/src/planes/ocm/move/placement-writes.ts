import type { KubeApi } from '../../../kube/api.ts';
import { isKubeError } from '../../../kube/errors.ts';
import type { KubeObject } from '../../../kube/resource.ts';
import { FOUND, SHUNNED, type Shunned, STEP } from '../../shared/annotations.ts';
import { PLACEMENT } from '../resources.ts';
import { foundPolicy, ownPatchEntries, steeringPolicy } from '../steering.ts';
import { type PlacementFound, type StepRecord, SURGE_ENDS } from './step-record.ts';

/** What stands in the way of writing the prioritizer policy. */
export type Ownership =
  | { readonly kind: 'free' }
  /** Other managers own a part of it: only a forced apply takes it. */
  | { readonly kind: 'contested'; readonly managers: readonly string[] };

/**
 * The document that is applied: one field, and the identity of the Placement that was planned on. Without the uid a
 * Placement that is gone would be made anew, empty: it would select every cluster.
 */
function policyDocument(placement: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion } = placement.metadata;
  if (uid === undefined) throw new Error(`refusing to apply Placement ${name} without its uid`);
  return {
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      uid,
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
    spec: { prioritizerPolicy: steeringPolicy(placement) },
  };
}

/** Asks the server, without storing anything, whether the policy can be written without force. */
export async function probeOwnership(api: KubeApi, placement: KubeObject): Promise<Ownership> {
  try {
    await api.apply(PLACEMENT, policyDocument(placement), { dryRun: true });
    return { kind: 'free' };
  } catch (error) {
    if (isKubeError(error, 'field-conflict')) return { kind: 'contested', managers: error.managers };
    throw error;
  }
}

/** Writes the prioritizer policy, and nothing else. */
export function applyPolicy(api: KubeApi, placement: KubeObject, force: boolean): Promise<KubeObject> {
  return api.apply(PLACEMENT, policyDocument(placement), { force });
}

/** Annotations of Windvane. Null removes one, undefined leaves it. */
export interface OwnAnnotations {
  readonly found?: PlacementFound | null;
  readonly step?: StepRecord | null;
  readonly shunned?: Shunned;
  readonly surgeEnds?: { readonly count: number; readonly optIn: string } | null;
}

/** Writes annotations, guarded by the version that was planned on. */
export function annotatePlacement(
  api: KubeApi,
  placement: KubeObject,
  { found, step, shunned, surgeEnds }: OwnAnnotations,
): Promise<KubeObject> {
  const { name, namespace, uid, resourceVersion } = placement.metadata;
  const annotations: Record<string, string | null> = {};
  const put = (key: string, value: unknown): void => {
    if (value !== undefined) annotations[key] = value === null ? null : JSON.stringify(value);
  };
  put(FOUND, found);
  put(STEP, step);
  put(SHUNNED, shunned);
  put(SURGE_ENDS, surgeEnds);
  return api.mergePatch(PLACEMENT, { name, namespace }, { metadata: { uid, resourceVersion, annotations } });
}

const annotationPath = (key: string): string => `/metadata/annotations/${key.replace('/', '~1')}`;

/**
 * Changes `numberOfClusters` together with the record that says so: both or neither. Tests the Placement's identity,
 * its version and the number that was planned on; an API server answers `invalid` when one of them differs.
 */
export function patchCount(
  api: KubeApi,
  placement: KubeObject,
  change: { readonly from: number; readonly to: number },
  step: StepRecord,
): Promise<KubeObject> {
  const { name, namespace, uid, resourceVersion } = placement.metadata;
  return api.jsonPatch(PLACEMENT, { name, namespace }, [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
    { op: 'test', path: '/spec/numberOfClusters', value: change.from },
    { op: 'replace', path: '/spec/numberOfClusters', value: change.to },
    { op: 'add', path: annotationPath(STEP), value: JSON.stringify(step) },
  ]);
}

/** Takes Windvane's patches out of the record of owners, so that nobody's apply meets a conflict with them. */
export function disown(api: KubeApi, placement: KubeObject): Promise<KubeObject> {
  const { name, namespace, resourceVersion } = placement.metadata;
  return api.jsonPatch(PLACEMENT, { name, namespace }, [
    { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
    ...ownPatchEntries(placement)
      .toReversed()
      .map((index) => ({ op: 'remove' as const, path: `/metadata/managedFields/${index}` })),
  ]);
}

/** What to remember as found: kept while the policy is ours, else what stands there now. */
export function foundBeforeWrite(
  placement: KubeObject,
  before: { readonly found: PlacementFound | null; readonly owned: boolean },
  now: { readonly clusters: readonly string[]; readonly optIn: string; readonly forced: boolean },
): PlacementFound {
  const { found, owned } = before;
  const kept = found !== null && owned;
  const value = kept ? found : foundPolicy(placement);
  const forcedBefore = found !== null && found.optIn === now.optIn && found.forced;
  return {
    present: value.present,
    value: value.value,
    clusters: kept && found.clusters.length > 0 ? found.clusters : now.clusters,
    optIn: now.optIn,
    forced: now.forced || forcedBefore,
    generation: placement.metadata.generation ?? 0,
  };
}
