import { HOUR, type Instant } from '@windvane/carbon-map';
import type { Decision } from '../../engine/decision.ts';
import { stepRecord } from './annotations.ts';
import type { FleetIndex } from './fleet-index.ts';

/** Limits over all units of a hub. */
export interface FleetLimits {
  /** Replicas moved per hour: the larger of this count and the share (0..1) of those managed. */
  readonly replicasPerHour: number;
  readonly shareOfReplicasPerHour: number;
  /** Steps that may feed one cluster at a time. */
  readonly stepsPerReceivingCluster: number;
}

export const defaultFleetLimits: FleetLimits = {
  replicasPerHour: 10,
  shareOfReplicasPerHour: 0.25,
  stepsPerReceivingCluster: 5,
};

/** Watches that not everything moves at once. */
export interface FleetGuard {
  /** Why the step must wait, for people; null when it need not. */
  check(unit: string, decision: Decision, index: FleetIndex, now: Instant): string | null;
  /** Counts a step that begins. */
  begun(decision: Decision, now: Instant): void;
}

function movedBy(decision: Decision): number {
  return decision.divisions.reduce(
    (sum, { current, next }) =>
      sum +
      Object.entries(next).reduce(
        (gained, [name, count]) => gained + Math.max(0, count - (current[name] ?? 0)),
        0,
      ),
    0,
  );
}

function receiversOf(
  divisions: Iterable<{ from: Readonly<Record<string, number>>; to: Readonly<Record<string, number>> }>,
): Set<string> {
  const receivers = new Set<string>();
  for (const { from, to } of divisions) {
    for (const [cluster, count] of Object.entries(to))
      if (count > (from[cluster] ?? 0)) receivers.add(cluster);
  }
  return receivers;
}

export function createFleetGuard(limits: FleetLimits): FleetGuard {
  const moved: { at: Instant; replicas: number }[] = [];

  return {
    check(unit, decision, index, now) {
      while (moved[0] !== undefined && moved[0].at <= now - HOUR) moved.shift();
      let managed = 0;
      const feeding = new Map<string, number>();
      for (const each of index.units.values()) {
        managed += each.members.reduce((sum, { binding }) => sum + (binding?.replicas ?? 0), 0);
        const step = each.key === unit || each.policy === null ? null : stepRecord(each.policy.object);
        if (step === null) continue;
        for (const cluster of receiversOf(Object.values(step.divisions))) {
          feeding.set(cluster, (feeding.get(cluster) ?? 0) + 1);
        }
      }
      const allowed = Math.max(limits.replicasPerHour, Math.floor(limits.shareOfReplicasPerHour * managed));
      const lately = moved.reduce((sum, { replicas }) => sum + replicas, 0);
      if (lately > 0 && lately + movedBy(decision) > allowed) {
        return `It waits: ${lately} replicas were moved in the last hour, of ${allowed} that the fleet allows.`;
      }
      const divisions = decision.divisions.map(({ current, next }) => ({ from: current, to: next }));
      for (const cluster of receiversOf(divisions)) {
        const steps = feeding.get(cluster) ?? 0;
        if (steps >= limits.stepsPerReceivingCluster)
          return `It waits: ${steps} steps feed ${cluster} already.`;
      }
      return null;
    },
    begun(decision, now) {
      moved.push({ at: now, replicas: movedBy(decision) });
    },
  };
}
