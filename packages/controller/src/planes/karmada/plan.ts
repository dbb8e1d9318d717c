import type { Instant, Millis } from '@windvane/carbon-map';
import { locationProblems } from '../../optin/locations.ts';
import type { UnitOptions } from '../../optin/options.ts';
import { misconfigurationOf } from '../../optin/parse.ts';
import type { BlockedReason, EffectiveMode } from '../../status/carbon-placement.ts';
import type { Finding } from '../../status/conditions.ts';
import { foundRecord, shunnedClusters } from '../shared/annotations.ts';
import { dataOf } from '../shared/intensity.ts';
import { missingPrice } from '../shared/prices.ts';
import { stepId, stepRecord } from './annotations.ts';
import { backToFound } from './back-to-found.ts';
import type { BindingView } from './binding.ts';
import { candidatesOf } from './candidates.ts';
import { fitRefusal } from './fit.ts';
import type { MemberCluster } from './member.ts';
import type { StepEvidence } from './move/evidence.ts';
import { ownerOfPin } from './move/pins.ts';
import { type StepState, stepState } from './move/step-state.ts';
import { nextAction, type PlacedUnit } from './next-action.ts';
import { revertedBy, revertedMessage } from './ownership.ts';
import type { PolicyView } from './policy.ts';
import { problemOf } from './problem.ts';
import { optInOf, type Unit } from './unit.ts';
import type { PlanContext, UnitPlan, Verdict } from './unit-plan.ts';

const STEP_POLL: Millis = 30_000;
const CLAIM_GRACE: Millis = 10_000;

type Base = { -readonly [K in keyof UnitPlan]: UnitPlan[K] };

/** What holds for a unit whatever is decided for it. */
export function basePlan(unit: Unit, context: PlanContext): Base {
  const optIn = optInOf(unit, context.hubDefaults);
  const { options } = optIn;
  const problems = [...optIn.problems, ...locationProblems(options.locations, context.locations)];
  const candidates = candidatesOf(unit, context.fleet);
  const { map } = context;
  const unpriced = (): UnitPlan['misconfigured'] =>
    map === null ? null : missingPrice(candidates, options, { ...context, map }, context.now);
  const misconfigured = misconfigurationOf(problems) ?? unpriced();
  const policy = unit.policy?.object ?? null;
  const found = policy === null ? null : foundRecord(policy);
  const step = policy === null ? null : stepRecord(policy);
  const held = unit.members.map((member) => member.remembered.hold).find((each) => each !== null) ?? null;
  const hold = held !== null && held.annotationsHash === optIn.hash ? held : null;
  const base: Base = {
    options,
    optInHash: optIn.hash,
    mode: modeOf(options, context, hold !== null),
    frozen: context.frozen,
    misconfigured,
    blocked: null,
    pending: null,
    moving: null,
    decision: null,
    data: map === null || misconfigured !== null ? 'stale' : dataOf(candidates, { ...context, map }),
    candidates,
    found,
    step,
    shunned: policy === null ? {} : shunnedClusters(policy, context.now),
    hold,
    action: { kind: 'none' },
    requeueAfter: null,
  };
  if (map !== null && misconfigured !== null) base.data = dataOf(candidates, { ...context, map });
  return base;
}

/** Judges a unit. Pure: nothing is read or written. */
export function planUnit(unit: Unit, context: PlanContext): UnitPlan {
  const base = basePlan(unit, context);
  const { options, misconfigured } = base;
  const flight = inFlight(unit, base, context);
  if (flight?.kind === 'done' || flight?.kind === 'unwritten' || flight === null) {
    return misconfigured === null ? { ...base, ...judge(unit, base, context, flight?.kind ?? null) } : base;
  }
  const blocked = misconfigured === null ? fitRefusal(unit, options) : null;
  return { ...base, blocked, ...duringStep(flight) };
}

/** What a step under way wants next: it comes before everything but the loss of the weights. */
function duringStep(flight: Exclude<StepState, { kind: 'done' | 'unwritten' }>): Verdict {
  const { message } = flight;
  if (flight.kind === 'waiting') return { moving: message, requeueAfter: STEP_POLL };
  if (flight.kind === 'over') {
    return { moving: message, action: { kind: 'finish', result: flight.result, message } };
  }
  return {
    moving: message,
    action: { kind: 'proceed', write: flight.write, message },
    requeueAfter: STEP_POLL,
  };
}

/** Why a step must not go on, whatever became of it. */
function stopOf(unit: Unit, base: UnitPlan): StepEvidence['stop'] {
  if (base.frozen !== null) return { result: 'rolled-back', message: `everything is frozen: ${base.frozen}` };
  const obstacle = base.misconfigured ?? fitRefusal(unit, base.options);
  if (obstacle !== null) return { result: 'ended', message: obstacle.message };
  return base.mode === 'act' ? null : { result: 'ended', message: `${unit.label} follows the wind no more` };
}

/** The step on the policy; null without one, and when somebody took the weights. */
function inFlight(unit: Unit, base: UnitPlan, context: PlanContext): StepState | null {
  const { policy } = unit;
  const { step } = base;
  if (step === null || policy === null) return null;
  if (revertedBy(policy, base.found, step, base.optInHash) !== null) return null;
  const id = stepId(step);
  const pins = context.pins(unit.key).filter((pin) => ownerOfPin(pin).step === id);
  return stepState({
    step,
    policy,
    unit,
    fleet: context.fleet,
    pins: new Map(pins.map((pin) => [pin.metadata.name, pin])),
    applied: context.applied,
    stop: stopOf(unit, base),
    now: context.now,
  });
}

function modeOf(options: UnitOptions, context: PlanContext, held: boolean): EffectiveMode {
  if (options.placement === 'off') return 'off';
  return options.placement === 'observe' || context.ceiling === 'observe' || held ? 'observe' : 'act';
}

/** Karmada needs a moment to claim what was just made; that is no obstacle to tell of. */
function isYoung(unit: Unit, now: Instant): boolean {
  return unit.members.some(({ workload }) => {
    const age = now - Date.parse(workload.object.metadata.creationTimestamp ?? '');
    return age >= 0 && age < CLAIM_GRACE;
  });
}

/**
 * The scheduler has not looked at it yet. To decide before it does would be a race: the same workload would begin
 * where the wind is now or spread out, as luck has it.
 */
function isUnscheduled({ replicas, assigned, unscheduled }: BindingView): boolean {
  return replicas > 0 && Object.keys(assigned).length === 0 && unscheduled === null;
}

function judge(
  unit: Unit,
  base: UnitPlan,
  context: PlanContext,
  flight: 'done' | 'unwritten' | null,
): Verdict {
  const { policy } = unit;
  const blocked = fitRefusal(unit, base.options);
  if (blocked?.reason === 'NoPolicy' && isYoung(unit, context.now)) {
    return { pending: `Karmada has not claimed ${unit.label} yet`, requeueAfter: CLAIM_GRACE };
  }
  if (blocked !== null || policy === null) return { blocked };
  if (base.mode === 'off') return {};
  // What was restored on request is only observed, which is no obstacle; what somebody took back is one.
  if (base.hold?.reason === 'RevertedByOther') {
    const by = revertedBy(policy, base.found, base.step, base.optInHash) ?? 'somebody';
    return { blocked: { reason: 'RevertedByOther', message: revertedMessage(policy, by) } };
  }
  // While a restore hands the weights back, nobody takes them.
  const taker = base.hold === null ? revertedBy(policy, base.found, base.step, base.optInHash) : null;
  if (taker !== null) {
    return yielding(policy, taker, base.optInHash, context.now);
  }
  const unbound = unit.members.find((member) => member.binding === null);
  if (unbound !== undefined) return { pending: `Karmada has not bound ${unbound.workload.label} yet` };
  const unscheduled = unit.members.find(({ binding }) => binding !== null && isUnscheduled(binding));
  if (unscheduled !== undefined) {
    return { pending: `Karmada has not scheduled ${unscheduled.workload.label} yet` };
  }
  if (context.map === null) return { pending: 'The first version of the carbon map is not there yet' };
  return decided({ ...unit, policy }, base, { ...context, map: context.map }, flight);
}

function yielding(policy: PolicyView, by: string, optInHash: string, now: Instant) {
  return {
    blocked: { reason: 'RevertedByOther', message: revertedMessage(policy, by) },
    hold: {
      reason: 'RevertedByOther',
      annotationsHash: optInHash,
      at: new Date(now).toISOString(),
    },
    mode: 'observe',
    action: { kind: 'yield', by },
  } as const;
}

/** A plan whose write was refused because others own the weights by now. */
export function yieldingPlan(plan: UnitPlan, policy: PolicyView, by: string, now: Instant): UnitPlan {
  return { ...plan, moving: null, requeueAfter: null, ...yielding(policy, by, plan.optInHash, now) };
}

/** A cluster that holds replicas and cannot be reached, or that an eviction is leaving: no step then. */
function notReady(unit: Unit, fleet: readonly MemberCluster[]): Finding<BlockedReason> | null {
  for (const { workload, binding } of unit.members) {
    for (const cluster of Object.keys(binding?.assigned ?? {})) {
      const member = fleet.find((each) => each.name === cluster);
      if (member?.ready === true && !member.deleting) continue;
      const state = member === undefined ? 'is gone' : member.deleting ? 'is being deleted' : 'is not Ready';
      return {
        reason: 'NotReadyCluster',
        message: `${cluster} ${state} and holds replicas of ${workload.label}: nothing is moved until it is back`,
      };
    }
    const [evicting] = binding?.evicting ?? [];
    if (evicting !== undefined) {
      return {
        reason: 'NotReadyCluster',
        message: `Karmada is evicting ${workload.label} from ${evicting}: nothing is moved until that is done`,
      };
    }
  }
  return null;
}

function decided(
  unit: PlacedUnit,
  base: UnitPlan,
  context: PlanContext & { readonly map: NonNullable<PlanContext['map']> },
  flight: 'done' | 'unwritten' | null,
): Verdict {
  const { step } = base;
  const stuck = notReady(unit, context.fleet);
  if (stuck !== null) return { blocked: stuck };
  const busy = unit.members.find(({ binding }) => binding?.settled === false);
  if (busy !== undefined && base.mode === 'act') {
    return { pending: `Karmada is still placing ${busy.workload.label}`, requeueAfter: STEP_POLL };
  }
  const continuing = step !== null && (flight === 'done' || step.number > 1) ? step : null;
  const inputs = { unit, options: base.options, candidates: base.candidates, continuing, now: context.now };
  const acts = base.mode === 'act' && context.frozen === null;
  const judged = context.decide(problemOf({ ...inputs, context }), acts);
  const decision = backToFound(judged, base.data === 'stale', { ...inputs, found: base.found });
  return nextAction({
    unit,
    base,
    context,
    decision,
    stepDone: flight === 'done',
    unwritten: flight === 'unwritten',
  });
}
