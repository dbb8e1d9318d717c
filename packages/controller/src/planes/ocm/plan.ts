import type { Millis } from '@windvane/carbon-map';
import { locationProblems } from '../../optin/locations.ts';
import type { UnitOptions } from '../../optin/options.ts';
import { misconfigurationOf } from '../../optin/parse.ts';
import type { EffectiveMode } from '../../status/carbon-placement.ts';
import { shunnedClusters } from '../shared/annotations.ts';
import { dataOf } from '../shared/intensity.ts';
import { missingPrice } from '../shared/prices.ts';
import { type Candidates, candidatesOf, clusterOptions } from './candidates.ts';
import { fitRefusal } from './fit.ts';
import { judge } from './judge.ts';
import type { StepEvidence, StepState } from './move/evidence.ts';
import { HAND_BACK, type StepRecord, stepRecord } from './move/step-record.ts';
import { stepState } from './move/step-state.ts';
import { revertedBy, revertedMessage } from './ownership.ts';
import { ownsCount, scoreName } from './steering.ts';
import { optInOf, type PlacementView, type Unit, worksAvailable } from './unit.ts';
import type { PlanContext, UnitPlan, Verdict } from './unit-plan.ts';

const STEP_POLL: Millis = 30_000;

/** Judges a unit. Pure: nothing is read or written. */
export function planUnit(unit: Unit, context: PlanContext): UnitPlan {
  const optIn = optInOf(unit, context.hubDefaults);
  const { options } = optIn;
  const problems = [...optIn.problems, ...locationProblems(options.locations, context.locations)];
  const { placement } = unit;
  const held = unit.members.map((member) => member.remembered.hold).find((each) => each !== null) ?? null;
  const hold = held !== null && held.annotationsHash === optIn.hash ? held : null;
  const candidates = placement === null ? null : candidatesOf(placement, unit.decided, context);
  const { map } = context;
  const unpriced = (): UnitPlan['misconfigured'] =>
    map === null || candidates === null
      ? null
      : missingPrice(candidates.clusters, options, { ...context, map }, context.now);
  const misconfigured = misconfigurationOf(problems) ?? unpriced();
  const base: UnitPlan = {
    options,
    optInHash: optIn.hash,
    mode: modeOf(options, context, hold !== null),
    frozen: context.frozen,
    misconfigured,
    blocked: null,
    pending: null,
    moving: null,
    decision: null,
    data: 'stale',
    candidates: [],
    step: placement === null ? null : stepRecord(placement.object),
    shunned: placement === null ? {} : shunnedClusters(placement.object, context.now),
    hold,
    observed: null,
    action: { kind: 'none' },
    requeueAfter: null,
  };
  if (placement === null || candidates === null) {
    return misconfigured === null ? { ...base, blocked: fitRefusal(unit, options, context.hub.cel) } : base;
  }
  const placed = { ...unit, placement };
  return planPlacement(placed, withCandidates(base, placed, candidates, context), candidates, context);
}

/** The plan with the candidates in it, as far as the map and the opt-in let them be judged. */
function withCandidates(
  base: UnitPlan,
  unit: Unit & { readonly placement: PlacementView },
  candidates: Candidates,
  context: PlanContext,
): UnitPlan {
  const { map } = context;
  if (map === null) return base;
  const data = dataOf(candidates.clusters, { map });
  if (base.misconfigured !== null) return { ...base, data };
  const count = Math.max(1, unit.placement.spec.numberOfClusters ?? 1);
  const options = clusterOptions(unit, candidates, base.options, count, { ...context, map });
  return { ...base, data, candidates: options };
}

function planPlacement(
  unit: Unit & { readonly placement: PlacementView },
  base: UnitPlan,
  candidates: Candidates,
  context: PlanContext,
): UnitPlan {
  const { object } = unit.placement;
  const { step } = base;
  // Given up at once: until then a manifest that is applied with this field meets a conflict.
  if (ownsCount(object)) {
    const moving = step === null ? null : `the count of ${unit.label} is left to its owner`;
    return { ...base, moving, action: { kind: 'disown' }, requeueAfter: 0 };
  }
  if (step?.move === HAND_BACK) return { ...base, pending: `${unit.label} is being handed back` };
  const taker = base.hold === null ? revertedBy(object, base.optInHash) : null;
  const flight = step === null ? null : stepState(evidenceOf(unit, step, base, candidates, context, taker));
  if (flight === null || flight.kind === 'done') {
    if (taker !== null && base.misconfigured === null)
      return { ...base, ...yielding(unit, base, taker, context) };
    return base.misconfigured === null
      ? { ...base, ...judge(unit, base, candidates, context, flight !== null) }
      : base;
  }
  const blocked = base.misconfigured === null ? fitRefusal(unit, base.options, context.hub.cel) : null;
  return { ...base, blocked, ...duringStep(flight) };
}

/** What a step under way wants next: it comes before everything else. */
function duringStep(flight: Exclude<StepState, { kind: 'done' }>): Verdict {
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
function stopOf(
  unit: Unit,
  base: UnitPlan,
  context: PlanContext,
  taker: string | null,
): StepEvidence['stop'] {
  if (base.frozen !== null) return { result: 'rolled-back', message: `everything is frozen: ${base.frozen}` };
  if (taker !== null) return { result: 'ended', message: revertedMessage(unit.label, taker) };
  const obstacle = base.misconfigured ?? fitRefusal(unit, base.options, context.hub.cel);
  if (obstacle !== null) return { result: 'ended', message: obstacle.message };
  return base.mode === 'act' ? null : { result: 'ended', message: `${unit.label} follows the wind no more` };
}

function evidenceOf(
  unit: Unit & { readonly placement: PlacementView },
  step: StepRecord,
  base: UnitPlan,
  { feasible }: Candidates,
  context: PlanContext,
  taker: string | null,
): StepEvidence {
  const { placement, followers, decided } = unit;
  const name = scoreName(placement.object);
  return {
    step,
    label: unit.label,
    count: placement.spec.numberOfClusters ?? null,
    score: (cluster) => context.score(cluster, name),
    decided: new Set(decided),
    feasible,
    available: (cluster) => worksAvailable(unit, cluster),
    unseen: followers.length === 0 || followers.some(({ replicaSet }) => replicaSet === null),
    stop: stopOf(unit, base, context, taker),
    now: context.now,
  };
}

function modeOf(options: UnitOptions, context: PlanContext, held: boolean): EffectiveMode {
  if (options.placement === 'off') return 'off';
  return options.placement === 'observe' || context.ceiling === 'observe' || held ? 'observe' : 'act';
}

function yielding(unit: Unit, base: UnitPlan, by: string, { now }: PlanContext): Verdict {
  return {
    blocked: { reason: 'RevertedByOther', message: revertedMessage(unit.label, by) },
    hold: {
      reason: 'RevertedByOther',
      annotationsHash: base.optInHash,
      at: new Date(now).toISOString(),
    },
    mode: 'observe',
    action: { kind: 'yield', by },
  };
}

/** A plan whose write was refused because others own the policy by now. */
export function yieldingPlan(unit: Unit, plan: UnitPlan, by: string, context: PlanContext): UnitPlan {
  return { ...plan, moving: null, requeueAfter: null, ...yielding(unit, plan, by, context) };
}
