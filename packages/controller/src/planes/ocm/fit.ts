import type { Refusal } from '../../optin/consent.ts';
import type { UnitOptions } from '../../optin/options.ts';
import { isOptedIn } from '../shared/opted-in.ts';
import { storageIn, trafficIn } from './manifests.ts';
import { misconfiguration } from './read/placement.ts';
import type { CelSelector } from './scheduler/cel.ts';
import { unjudgeable } from './scheduler/feasible.ts';
import type { PlacementView, Unit, UnitMember } from './unit.ts';

const SCHEDULING_DISABLED = 'cluster.open-cluster-management.io/experimental-scheduling-disable';

function memberRefusal(member: UnitMember, options: UnitOptions): Refusal | null {
  if (options.latencyClass === 'realtime') {
    return {
      reason: 'RealTime',
      message: `${member.label} is realtime: it stays near its users; windvane.dev/latency-class: flexible would let it move`,
    };
  }
  const traffic = options.latencyClass === null ? trafficIn(member.manifests) : null;
  if (traffic !== null) {
    return {
      reason: 'ServesTraffic',
      message: `${traffic} among the manifests of ${member.label} sends traffic to it; annotate it with windvane.dev/latency-class: flexible if its users do not mind where it runs, or realtime if they do`,
    };
  }
  const storage = storageIn(member.manifests);
  if (storage === null) return null;
  return {
    reason: 'Stateful',
    message: `${member.label} ${storage}: its data would not move with it; remove windvane.dev/placement, or keep the data elsewhere`,
  };
}

/** What cannot be looked into may serve people: somebody has to say that it does not. */
function unseenTraffic(unit: Unit, options: UnitOptions): Refusal | null {
  if (options.latencyClass !== null) return null;
  const unseen = unit.followers.filter(({ replicaSet }) => replicaSet === null).map(({ label }) => label);
  if (unit.followers.length > 0 && unseen.length === 0) return null;
  const what =
    unseen.length === 0
      ? `nothing that is known here follows ${unit.label}`
      : `${unseen.join(', ')} follows ${unit.label}`;
  return {
    reason: 'ServesTraffic',
    message: `${what}, and whether it serves people cannot be seen; annotate ${unit.label} with windvane.dev/latency-class: flexible if its users do not mind where it runs, or realtime if they do`,
  };
}

/** One Placement can steer more than what opted in. */
function consent(unit: Unit, placement: PlacementView): Refusal | null {
  const both = unit.followers.find(({ shared }) => shared);
  if (both !== undefined) {
    return {
      reason: 'UnsupportedPolicy',
      message: `${both.label} follows several Placements; give it one, or leave ${placement.label} out`,
    };
  }
  if (isOptedIn(placement.object)) return null;
  const others = unit.followers.filter(({ optedIn }) => !optedIn);
  const [unseen] = others.filter(({ replicaSet }) => replicaSet === null);
  if (unseen !== undefined) {
    return {
      reason: 'ConsentRequired',
      message: `${unseen.label} follows ${placement.label} as well, which therefore has to opt in itself; annotate it with windvane.dev/placement: follow-the-wind, or give the workload a Placement of its own`,
    };
  }
  if (others.length === 0) return null;
  const named = others
    .slice(0, 3)
    .map(({ label }) => label)
    .join(', ');
  return {
    reason: 'SharedPolicy',
    message: `${placement.label} also places ${named}${others.length > 3 ? ` and ${others.length - 3} more` : ''}, not opted in; annotate those or the Placement with windvane.dev/placement: follow-the-wind, or give this workload a Placement of its own`,
  };
}

function unsupported({ object, spec, label }: PlacementView, cel: CelSelector): Refusal | null {
  if (object.metadata.annotations?.[SCHEDULING_DISABLED] === 'true') {
    return {
      reason: 'UnsupportedPolicy',
      message: `${label} is decided by another scheduler (${SCHEDULING_DISABLED}); remove that annotation, or leave it out`,
    };
  }
  const wrong = misconfiguration(object);
  if (wrong !== null) {
    return { reason: 'UnsupportedPolicy', message: `OCM finds ${label} misconfigured: ${wrong}` };
  }
  const unknown = unjudgeable(spec, cel);
  if (unknown !== null) {
    return {
      reason: 'UnsupportedPolicy',
      message: `which clusters OCM would consider for ${label} cannot be told: ${unknown}`,
    };
  }
  const count = spec.numberOfClusters;
  if (count !== undefined && count !== null && count > 0) return null;
  return {
    reason: 'NoClusterCount',
    message: `${label} asks for every cluster that fits, so that there is nothing to choose; set spec.numberOfClusters`,
  };
}

/** Why a unit cannot follow the wind at all, whatever the wind does; null when it can. */
export function fitRefusal(unit: Unit, options: UnitOptions, cel: CelSelector): Refusal | null {
  const { placement } = unit;
  for (const member of unit.members) {
    const refusal = memberRefusal(member, options);
    if (refusal !== null) return refusal;
  }
  if (placement === null) {
    return {
      reason: 'NoPolicy',
      message: `${unit.label} names a Placement that is not there; make it, or correct spec.placementRefs`,
    };
  }
  return consent(unit, placement) ?? unsupported(placement, cel) ?? unseenTraffic(unit, options);
}
