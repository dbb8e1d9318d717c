import { MINUTE } from '@windvane/carbon-map';
import {
  dip,
  drift,
  enters,
  gainersOf,
  leaves,
  rollingOut,
  STEP_DEADLINE,
  type Standing,
  type StepEvidence,
  shortage,
  shrinking,
  standing,
  strandedBy,
  trailing,
  unrendered,
  unsettled,
} from './evidence.ts';
import { holds, type Pin, pinsOf } from './pins.ts';

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

const waiting = (message: string): StepState => ({ kind: 'waiting', message });
const write = (next: StepWrite, message: string): StepState => ({ kind: 'write', write: next, message });

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
  if (at === 'before' && pins.size === 0 && policy.object.metadata.generation === step.generation) {
    const change = stop ?? changed(evidence);
    return change === null ? { kind: 'unwritten' } : { kind: 'over', ...change };
  }
  const leaving = Object.values(step.divisions).some(leaves);
  if (at === 'target' && (leaving || pins.size < pinsOf(step, unit).length || pins.size === 0))
    return arrived(evidence);
  const change = stop ?? changed(evidence);
  if (change !== null) {
    // Nothing holds replicas back in place: what stands may stay, unless a freeze wants it undone.
    if (!step.surge && change.result === 'ended') return { kind: 'over', ...change };
    return write({ kind: 'turn', shun: [], ...change }, change.message);
  }
  return failure(evidence) ?? forward(evidence, at);
}

function changed(evidence: StepEvidence): StepEvidence['stop'] {
  const message = drift(evidence);
  return message === null ? null : { result: 'ended', message };
}

/**
 * Pins start the gainers' replicas while Karmada still divides by the old weights: should people scale down before they
 * are there, what is left stands where it serves.
 */
function forward(evidence: StepEvidence, at: Exclude<Standing, 'other'>): StepState {
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
  // A cluster without a share has no Work to be pinned.
  const startable = step.bridge !== null || !Object.values(step.divisions).some(enters);
  if (step.surge && startable && short !== undefined) return waiting(short.message);
  return write({ kind: 'weigh', to: 'target' }, 'the gainers are available under the pins');
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

function wayBack(evidence: StepEvidence, at: Exclude<Standing, 'other'>): StepState {
  const { step, pins, now } = evidence;
  const { result, message, at: since } = step.back ?? { result: 'ended', message: '', at: step.startedAt };
  const late = now >= Date.parse(since) + STEP_DEADLINE;
  const atLast = now >= Date.parse(since) + 2 * STEP_DEADLINE;
  const unknown = at === 'before' || late ? null : shrinking(evidence);
  if (unknown !== null) return waiting(`${message}; ${unknown}`);
  const stranded = at === 'before' ? null : strandedBy(evidence);
  // The weights between divide as nobody wants it once the pins are gone.
  const unwanted = at === 'bridge' && late && pins.size > 0;
  if (at !== 'before' && (stranded === null || unwanted))
    return write({ kind: 'weigh', to: 'before' }, message);
  if (pins.size === 0) {
    return stranded === null
      ? { kind: 'over', result, message }
      : { kind: 'over', result: 'ended', message: `${message}; ${stranded}` };
  }
  const undivided = atLast ? null : unsettled(evidence);
  const open = undivided ?? (late ? null : (rollingOut(evidence.unit) ?? dip(evidence)));
  return open === null ? write({ kind: 'unpin' }, message) : waiting(`${message}; ${open}`);
}
