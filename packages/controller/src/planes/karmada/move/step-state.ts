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
import { type AppliedPins, holds, type Pin, pinsOf } from './pins.ts';

/** From the beginning of a step, or of its way back, until it is taken for failed. */
const STEP_DEADLINE: Millis = 15 * MINUTE;

/** The next write of a step. Each leaves a state from which the next follows, whoever comes to see it. */
export type StepWrite =
  | { readonly kind: 'pin'; readonly pins: readonly Pin[] }
  | { readonly kind: 'weigh'; readonly to: 'bridge' | 'target' | 'before' }
  | { readonly kind: 'unpin' }
  /** From now on the step is taken back. */
  | {
      readonly kind: 'turn';
      readonly result: 'ended' | 'rolled-back';
      readonly message: string;
      /** Clusters to leave alone for a while. */
      readonly shun: readonly string[];
    };

/** How far a step has come, from what stands on the API server alone. */
export type StepState =
  /** The intent is stored and nothing else is written. */
  | { readonly kind: 'unwritten' }
  | { readonly kind: 'waiting'; readonly message: string }
  | { readonly kind: 'write'; readonly write: StepWrite; readonly message: string }
  | { readonly kind: 'done' }
  | { readonly kind: 'over'; readonly result: 'ended' | 'rolled-back'; readonly message: string };

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

type Standing = 'before' | 'bridge' | 'target' | 'other';

/** Which of the step's lists stands on the policy. */
export function standing(step: StepRecord, policy: PolicyView): Standing {
  if (listsWeights(policy, step.weights)) return 'target';
  if (step.bridge !== null && listsWeights(policy, step.bridge)) return 'bridge';
  const { present, value } = foundIn(policy.object);
  return (present ? isDeepStrictEqual(value, step.before) : step.absent) ? 'before' : 'other';
}

const waiting = (message: string): StepState => ({ kind: 'waiting', message });
const write = (next: StepWrite, message: string): StepState => ({ kind: 'write', write: next, message });

/** Karmada has copied the policy's present placement into every binding and divided by it. */
function unsettled({ policy, unit }: StepEvidence): string | null {
  for (const { workload, binding } of unit.members) {
    const copied = readPolicySpec({ placement: binding?.placement })?.placement;
    const list = copied?.replicaScheduling?.weightPreference?.staticWeightList ?? [];
    if (binding?.settled === true && JSON.stringify(list) === JSON.stringify(policy.weights ?? [])) continue;
    return `Karmada has not yet divided ${workload.label} by the weights`;
  }
  return null;
}

function unrendered({ unit, applied }: StepEvidence, pins: readonly Pin[]): string | null {
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
function shortage({ step, unit }: StepEvidence): Shortage[] {
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

/** A workload that would fall, without pins, below what it had when the step began and is still wanted. */
function dip({ step, unit }: StepEvidence): string | null {
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

const leaves = ({ from, to }: StepDivision): boolean =>
  Object.entries(from).some(([cluster, count]) => count > 0 && (to[cluster] ?? 0) === 0);

/** What changed that the step was not planned for. */
function drift({ step, policy, unit }: StepEvidence): string | null {
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

function sumOf(division: Readonly<Record<string, number>>): number {
  return Object.values(division).reduce((sum, replicas) => sum + replicas, 0);
}

function gainersOf(step: StepRecord): string[] {
  const gainers = Object.values(step.divisions).flatMap(({ from, to }) =>
    Object.keys(to).filter((cluster) => (to[cluster] ?? 0) > (from[cluster] ?? 0)),
  );
  return [...new Set(gainers)];
}

/** What went wrong with the step itself. */
function failure(evidence: StepEvidence): StepState | null {
  const { step, unit, fleet, now } = evidence;
  const turn = (message: string, shun: readonly string[]): StepState =>
    write({ kind: 'turn', result: 'rolled-back', message, shun }, message);
  const gainers = gainersOf(step);
  const lost = gainers.filter((name) => fleet.find((each) => each.name === name)?.ready !== true);
  if (lost.length > 0) return turn(`${lost.join(', ')} became not Ready in the middle of a step`, lost);
  const refused = unit.members.find(
    ({ binding }) => binding?.unscheduled !== null && binding?.unscheduled !== undefined,
  );
  if (refused !== undefined) {
    const { reason = '', message = '' } = refused.binding?.unscheduled ?? {};
    return turn(`Karmada cannot schedule ${refused.workload.label}: ${reason} ${message}`.trim(), gainers);
  }
  if (now < Date.parse(step.startedAt) + STEP_DEADLINE) return null;
  const short = shortage(evidence);
  const [first] = short;
  if (first === undefined) return turn('a step did not come to its end in time', []);
  return turn(`${first.message} after ${STEP_DEADLINE / MINUTE} minutes`, [
    ...new Set(short.map(({ cluster }) => cluster)),
  ]);
}

/** Losers that have not yet come down report more replicas than they shall have. */
function trailing(evidence: StepEvidence): UnitMember | undefined {
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

/** Judges a step. Pure. */
export function stepState(evidence: StepEvidence): StepState {
  const { step, policy, unit, pins, stop } = evidence;
  const at = standing(step, policy);
  const unpin = (message: string): StepState => write({ kind: 'unpin' }, message);
  if (at === 'other') {
    const message = `the weights of ${policy.label} were changed in the middle of a step`;
    return pins.size > 0 ? unpin(message) : { kind: 'over', result: 'ended', message };
  }
  if (step.back !== null) return wayBack(evidence, at);
  if (at === 'before' && pins.size === 0 && policy.object.metadata.generation === step.generation)
    return { kind: 'unwritten' };
  const leaving = Object.values(step.divisions).some(leaves);
  if (at === 'target' && (leaving || pins.size < pinsOf(step, unit).length || pins.size === 0))
    return arrived(evidence);
  const change = stop ?? changed(evidence);
  if (change !== null) {
    // Nothing holds replicas back in place: what stands may stay, unless a freeze wants it undone.
    if (!step.surge && change.result === 'ended') return { kind: 'over', ...change };
    return write({ kind: 'turn', shun: [], ...change }, change.message);
  }
  return failure(evidence) ?? forward(evidence, at, leaving);
}

function changed(evidence: StepEvidence): StepEvidence['stop'] {
  const message = drift(evidence);
  return message === null ? null : { result: 'ended', message };
}

function forward(evidence: StepEvidence, at: Exclude<Standing, 'other'>, leaving: boolean): StepState {
  const { step, unit, pins } = evidence;
  const wanted = pinsOf(step, unit);
  const [short] = shortage(evidence);
  if (at === 'target') {
    const open = unsettled(evidence) ?? short?.message ?? dip(evidence);
    return open === null ? write({ kind: 'unpin' }, 'the gainers are available') : waiting(open);
  }
  const missing = wanted.filter((pin) => !holds(pins.get(pin.name), pin));
  if (missing.length > 0) return write({ kind: 'pin', pins: missing }, 'what stands is pinned');
  const open = unsettled(evidence) ?? unrendered(evidence, wanted);
  if (open !== null) return waiting(open);
  if (at === 'before' && step.bridge !== null)
    return write({ kind: 'weigh', to: 'bridge' }, 'clusters that enter get their first replicas');
  if (leaving && short !== undefined) return waiting(short.message);
  return write({ kind: 'weigh', to: 'target' }, 'every pin is rendered');
}

/** The weights are the target's, and a cluster or a pin was let go of: there is no way back without a dip. */
function arrived(evidence: StepEvidence): StepState {
  const { step, pins, stop, now } = evidence;
  const late = now >= Date.parse(step.startedAt) + 2 * STEP_DEADLINE;
  if (pins.size > 0) {
    const open = unsettled(evidence) ?? rollingOut(evidence.unit) ?? dip(evidence);
    return open === null || late ? write({ kind: 'unpin' }, 'the gainers are available') : waiting(open);
  }
  const change = stop ?? changed(evidence);
  if (change?.result === 'rolled-back' && !step.surge)
    return write({ kind: 'turn', shun: [], ...change }, change.message);
  if (change !== null) return { kind: 'over', result: 'ended', message: change.message };
  const open = unsettled(evidence);
  if (open !== null) return waiting(open);
  if (!step.surge) {
    const [short] = shortage(evidence);
    if (short !== undefined) return failure(evidence) ?? waiting(short.message);
  }
  const behind = trailing(evidence);
  return behind === undefined
    ? { kind: 'done' }
    : waiting(`${behind.workload.label} is leaving its old places`);
}

/**
 * A workload that the old list would take away from where it runs, before it runs where that list wants it: after a
 * scale-down the replicas that are left may all stand in clusters that the old list does not name, and a cluster
 * without a share loses its Work at once, pin or not. Where replicas move in place nothing was promised.
 */
function strandedBy({ step, unit, fleet }: StepEvidence): string | null {
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
    const serving = (division: Readonly<Record<string, number>>): number =>
      Object.keys(division)
        .filter((cluster) => reachable.has(cluster) && (binding.assigned[cluster] ?? 0) > 0)
        .reduce((sum, cluster) => {
          const held = Math.max(division[cluster] ?? 0, from[cluster] ?? 0, to[cluster] ?? 0);
          return sum + Math.min(held, binding.available[cluster] ?? 0);
        }, 0);
    const wanted = Math.min(step.available[workload.key] ?? 0, binding.replicas, serving(binding.assigned));
    const left = serving(old);
    if (left < wanted)
      return `${workload.label} stays where it is: ${left} of its ${wanted} replicas are available where it was`;
  }
  return null;
}

/** A workload with fewer replicas than the step moves, which Karmada has not divided yet: nobody knows where they stand. */
function shrinking({ step, unit }: StepEvidence): string | null {
  const open = unit.members.find(({ workload, binding }) => {
    if (!step.surge || binding === null || binding.settled || binding.unscheduled !== null) return false;
    return binding.replicas < sumOf(step.divisions[workload.key]?.to ?? {});
  });
  return open === undefined ? null : `Karmada has not yet scaled ${open.workload.label} down`;
}

function wayBack(evidence: StepEvidence, at: Exclude<Standing, 'other'>): StepState {
  const { step, pins, now } = evidence;
  const { result, message, at: since } = step.back ?? { result: 'ended', message: '', at: step.startedAt };
  const late = now >= Date.parse(since) + STEP_DEADLINE;
  const unknown = at === 'before' || late ? null : shrinking(evidence);
  if (unknown !== null) return waiting(`${message}; ${unknown}`);
  const stranded = at === 'before' ? null : strandedBy(evidence);
  if (at !== 'before' && stranded === null) return write({ kind: 'weigh', to: 'before' }, message);
  if (pins.size === 0) {
    return stranded === null
      ? { kind: 'over', result, message }
      : { kind: 'over', result: 'ended', message: `${message}; ${stranded}` };
  }
  const open = late ? null : (unsettled(evidence) ?? rollingOut(evidence.unit) ?? dip(evidence));
  return open === null ? write({ kind: 'unpin' }, message) : waiting(`${message}; ${open}`);
}
