import { isDeepStrictEqual } from 'node:util';
import { type KubeObject, keyOf, type ResourceType } from '../../kube/resource.ts';
import { CARBON_PLACEMENT } from '../shared/resources.ts';
import { isCap, unitOfCap } from './caps/cap-policy.ts';
import { policyUnitKey } from './fleet-index.ts';
import { isPin, ownerOfPin } from './move/pins.ts';
import {
  CLUSTER,
  CLUSTER_PROPAGATION_POLICY,
  OVERRIDE_POLICY,
  PROPAGATION_POLICY,
  RESOURCE_BINDING,
  WORK,
  workloadKinds,
} from './resources.ts';
import { claimOf } from './workload.ts';

/** Which units a change concerns. `all` for changes that may concern any. */
export type Concerned = 'all' | readonly string[];

/** Key of a CarbonPlacement among the keys of units. */
export const PLACEMENT_PREFIX = 'CarbonPlacement ';
/** Key of a pin among them. */
export const PIN_KEY = 'Pin ';

function claimed(object: KubeObject | null): string[] {
  const claim = object === null ? null : claimOf(object);
  return claim === null ? [] : [policyUnitKey(claim.kind, claim.key)];
}

/** Heartbeats and free resources change all the time; what a decision turns on does not. */
function sameCluster(now: KubeObject | null, before: KubeObject | null): boolean {
  const essence = (object: KubeObject | null): unknown => {
    const status = object?.status;
    const conditions =
      typeof status === 'object' &&
      status !== null &&
      'conditions' in status &&
      Array.isArray(status.conditions)
        ? status.conditions.map((each: { type?: unknown; status?: unknown }) => [each.type, each.status])
        : null;
    return object === null
      ? null
      : [
          object.spec,
          conditions,
          object.metadata.labels,
          object.metadata.annotations,
          object.metadata.deletionTimestamp,
        ];
  };
  return isDeepStrictEqual(essence(now), essence(before));
}

export function concernedBy(
  type: ResourceType,
  now: KubeObject | null,
  before: KubeObject | null,
): Concerned {
  const object = now ?? before;
  if (object === null) return [];
  if (type === PROPAGATION_POLICY || type === CLUSTER_PROPAGATION_POLICY) {
    const kind = type === PROPAGATION_POLICY ? 'PropagationPolicy' : 'ClusterPropagationPolicy';
    // Workloads of a policy that is gone become units of their own.
    return now === null || before === null ? 'all' : [policyUnitKey(kind, keyOf(object))];
  }
  if (type === OVERRIDE_POLICY && isPin(object))
    return [ownerOfPin(object).unit, `${PIN_KEY}${keyOf(object)}`];
  if (type === OVERRIDE_POLICY && isCap(object)) return [unitOfCap(object)];
  if (type === WORK) return [];
  if (type === RESOURCE_BINDING) return [...claimed(now), ...claimed(before)];
  if (type === CARBON_PLACEMENT) return [`${PLACEMENT_PREFIX}${keyOf(object)}`];
  if (workloadKinds.includes(type)) {
    const placement = `${PLACEMENT_PREFIX}${keyOf(object)}-${type.kind.toLowerCase()}`;
    return [...claimed(now), ...claimed(before), `${type.kind} ${keyOf(object)}`, placement];
  }
  if (type === CLUSTER && sameCluster(now, before)) return [];
  return 'all';
}
