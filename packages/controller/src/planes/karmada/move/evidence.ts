import { isDeepStrictEqual } from 'node:util';
import { type Instant, MINUTE, type Millis } from '@windvane/carbon-map';
import type { KubeObject } from '../../../kube/resource.ts';
import type { StepDivision } from '../../shared/annotations.ts';
import type { StepRecord } from '../annotations.ts';
import type { BindingView } from '../binding.ts';
import { foundDivision } from '../found.ts';
import type { MemberCluster } from '../member.ts';
import { foundIn, listsWeights, type PolicyView, policyShape } from '../policy.ts';
import { readPolicySpec } from '../read/policy-spec.ts';
import type { Unit, UnitMember } from '../unit.ts';
import type { AppliedPins, Pin } from './pins.ts';

/** From the beginning of a step, or of its way back, until it is taken for failed. */
export const STEP_DEADLINE: Millis = 15 * MINUTE;

/** What a step is judged by. */
export interface StepEvidence {
  readonly step: StepRecord;
  readonly policy: PolicyView;
  readonly unit: Unit;
  readonly fleet: readonly MemberCluster[];
  /** The unit's pins of this step as stored, by name. */
  readonly pins: ReadonlyMap<string, KubeObject>;
  /** What the Works of a binding were rendered with, by cluster. */
  readonly applied: (binding: KubeObject) => ReadonlyMap<string, AppliedPins>;
  /** Why no step may go on, for people; null when it may. */
  readonly stop: { readonly result: 'ended' | 'rolled-back'; readonly message: string } | null;
  readonly now: Instant;
}

export type Standing = 'before' | 'bridge' | 'target' | 'other';

/** Which of the step's lists stands on the policy. */
export function standing(step: StepRecord, policy: PolicyView): Standing {
  if (listsWeights(policy, step.weights)) return 'target';
  if (step.bridge !== null && listsWeights(policy, step.bridge)) return 'bridge';
  const { present, value } = foundIn(policy.object);
  return (present ? isDeepStrictEqual(value, step.before) : step.absent) ? 'before' : 'other';
}

/** Why Karmada has not copied the policy's present placement into every binding and divided by it; null when it has. */
export function unsettled({ policy, unit }: StepEvidence): string | null {
  for (const { workload, binding } of unit.members) {
    const copied = readPolicySpec({ placement: binding?.placement })?.placement;
    const list = copied?.replicaScheduling?.weightPreference?.staticWeightList ?? [];
    if (binding?.settled === true && JSON.stringify(list) === JSON.stringify(policy.weights ?? [])) continue;
    return `Karmada has not yet divided ${workload.label} by the weights`;
  }
  return null;
}

/** Why not every pin is in the Works of the clusters that have a share; null when all are. */
export function unrendered({ unit, applied }: StepEvidence, pins: readonly Pin[]): string | null {
  for (const { name, member, held } of pins) {
    const { binding, workload } = member;
    if (binding === null) continue;
    const works = applied(binding.object);
    for (const cluster of Object.keys(binding.assigned)) {
      const wanted = held[cluster];
      if (wanted === undefined || works.get(cluster)?.get(name) === wanted) continue;
      return `${unit.label}: Karmada has not yet rendered the pin of ${workload.label} in ${cluster}`;
    }
  }
  return null;
}

interface Shortage {
  readonly cluster: string;
  readonly message: string;
}

/** A gainer that lacks replicas. Nothing is counted that a member has not reported of the newest template. */
export function shortage({ step, unit }: StepEvidence): Shortage[] {
  return unit.members.flatMap(({ workload, binding }) => {
    const { from, to } = step.divisions[workload.key] ?? { from: {}, to: {} };
    return Object.entries(to).flatMap(([cluster, replicas]) => {
      const available = binding?.available[cluster] ?? 0;
      if (replicas <= (from[cluster] ?? 0) || available >= replicas) return [];
      return [
        {
          cluster,
          message: `${available} of ${replicas} replicas of ${workload.label} are available in ${cluster}`,
        },
      ];
    });
  });
}

/** What stays available when the pins go: in each cluster no more than Karmada assigned to it. */
export function availableWithin(binding: BindingView): number {
  return Object.entries(binding.assigned).reduce(
    (sum, [cluster, replicas]) => sum + Math.min(replicas, binding.available[cluster] ?? 0),
    0,
  );
}

/** Tells of a workload that would fall, without pins, below what it had when the step began and is still wanted. */
export function dip({ step, unit }: StepEvidence): string | null {
  for (const { workload, binding } of unit.members) {
    if (binding === null) continue;
    const wanted = Math.min(step.available[workload.key] ?? 0, binding.replicas);
    const left = availableWithin(binding);
    if (left < wanted)
      return `${left} of ${wanted} replicas of ${workload.label} are available where they belong`;
  }
  return null;
}

/**
 * A member that is replacing pods: whatever takes replicas from it now may take those that serve, and what it says of
 * availability is about to be wrong.
 */
export function rollingOut(unit: Unit): string | null {
  for (const { workload, binding } of unit.members) {
    if (binding === null || binding.replicas === 0) continue;
    const generation = workload.object.metadata.generation ?? 0;
    const cluster = Object.keys(binding.assigned).find(
      (name) => binding.running[name] !== undefined && (binding.rolledOut[name] ?? 0) < generation,
    );
    if (cluster !== undefined) return `${workload.label} is being rolled out in ${cluster}`;
  }
  return null;
}

export function sumOf(division: Readonly<Record<string, number>>): number {
  return Object.values(division).reduce((sum, replicas) => sum + replicas, 0);
}

/** A cluster that runs none of a workload gets some. */
export const enters = ({ from, to }: StepDivision): boolean =>
  Object.entries(to).some(([cluster, count]) => count > 0 && (from[cluster] ?? 0) === 0);

/** A cluster that runs some of a workload is left whole. */
export const leaves = ({ from, to }: StepDivision): boolean =>
  Object.entries(from).some(([cluster, count]) => count > 0 && (to[cluster] ?? 0) === 0);

/** Tells what changed that the step was not planned for. */
export function drift({ step, policy, unit }: StepEvidence): string | null {
  if (policyShape(policy.object) !== step.shape) return `${policy.label} was changed in the middle of a step`;
  const present = new Set(unit.members.map(({ workload }) => workload.key));
  const gone = Object.keys(step.divisions).find((key) => !present.has(key));
  if (gone !== undefined) return `${gone} left in the middle of a step`;
  for (const { workload, binding } of unit.members) {
    const division = step.divisions[workload.key];
    if (binding === null || division === undefined) return `${workload.label} joined in the middle of a step`;
    if (binding.replicas !== sumOf(division.to))
      return `${workload.label} was scaled to ${binding.replicas} in the middle of a step`;
    if (workload.object.metadata.generation !== step.templates[workload.key])
      return `${workload.label} was changed in the middle of a step`;
  }
  return null;
}

/** Clusters that get more replicas of any workload by the step. */
export function gainersOf(step: StepRecord): string[] {
  const gainers = Object.values(step.divisions).flatMap(({ from, to }) =>
    Object.keys(to).filter((cluster) => (to[cluster] ?? 0) > (from[cluster] ?? 0)),
  );
  return [...new Set(gainers)];
}

/** Losers that have not yet come down report more replicas than they shall have. */
export function trailing(evidence: StepEvidence): UnitMember | undefined {
  const { step, unit, now } = evidence;
  if (now >= Date.parse(step.startedAt) + 2 * STEP_DEADLINE) return undefined;
  return unit.members.find(({ workload, binding }) => {
    const { from = {}, to = {} } = step.divisions[workload.key] ?? {};
    return Object.keys(from).some(
      (cluster) =>
        (to[cluster] ?? 0) < (from[cluster] ?? 0) && reported(binding, cluster) > (to[cluster] ?? 0),
    );
  });
}

function reported(binding: BindingView | null, cluster: string): number {
  return binding?.running[cluster] ?? 0;
}

/**
 * A workload that the old list would take away from where it runs, before it runs where that list wants it: after a
 * scale-down the replicas that are left may all stand in clusters that the old list does not name, and a cluster
 * without a share loses its Work at once, pin or not. Nor does the way back lead to a cluster that lost its Work
 * already, while all is available where it stands: it would have to start anew there, and perhaps cannot, and the pins
 * do not wait for ever. Where replicas move in place nothing was promised.
 */
export function strandedBy({ step, unit, fleet }: StepEvidence): string | null {
  if (!step.surge) return null;
  const reachable = new Set(
    fleet.filter(({ ready, deleting }) => ready && !deleting).map(({ name }) => name),
  );
  for (const { workload, binding } of unit.members) {
    if (binding === null) continue;
    const { from = {}, to = {} } = step.divisions[workload.key] ?? {};
    const old = foundDivision(
      { present: true, value: step.before },
      fleet,
      binding.replicas,
      binding.resource.uid,
    );
    // Without a share a Work goes, whatever is still reported of it.
    const serving = (
      division: Readonly<Record<string, number>>,
      pins: readonly StepDivision['to'][],
    ): number =>
      Object.keys(division)
        .filter((cluster) => reachable.has(cluster) && (binding.assigned[cluster] ?? 0) > 0)
        .reduce((sum, cluster) => {
          const held = Math.max(division[cluster] ?? 0, ...pins.map((pin) => pin[cluster] ?? 0));
          return sum + Math.min(held, binding.available[cluster] ?? 0);
        }, 0);
    const pinned = [from, to];
    const wanted = Math.min(
      step.available[workload.key] ?? 0,
      binding.replicas,
      serving(binding.assigned, pinned),
    );
    const left = serving(old, pinned);
    if (left < wanted)
      return `${workload.label} stays where it is: ${left} of its ${wanted} replicas are available where it was`;
    const anew = Object.keys(old).filter((cluster) => (binding.assigned[cluster] ?? 0) === 0);
    if (anew.length > 0 && serving(old, []) < wanted && serving(binding.assigned, []) >= wanted)
      return `${workload.label} stays where it is: it would have to start anew in ${anew.join(', ')}`;
  }
  return null;
}

/** A workload with fewer replicas than the step moves, which Karmada has not divided yet: nobody knows where they stand. */
export function shrinking({ step, unit }: StepEvidence): string | null {
  const open = unit.members.find(({ workload, binding }) => {
    if (!step.surge || binding === null || binding.settled || binding.unscheduled !== null) return false;
    return binding.replicas < sumOf(step.divisions[workload.key]?.to ?? {});
  });
  return open === undefined ? null : `Karmada has not yet scaled ${open.workload.label} down`;
}
