import { HOUR, MINUTE, type Millis } from '@windvane/carbon-map';
import type { Decision } from '../../engine/decision.ts';
import { noneAllowed } from '../../optin/locations.ts';
import type { BlockedReason } from '../../status/carbon-placement.ts';
import type { Finding } from '../../status/conditions.ts';
import type { StepRecord } from './annotations.ts';
import { rollingOut } from './move/evidence.ts';
import { bridgeOf, divisionsOf, makeStep } from './move/make-step.ts';
import type { PolicyView } from './policy.ts';
import type { Unit } from './unit.ts';
import type { PlanContext, UnitAction, UnitPlan } from './unit-plan.ts';

interface Situation {
  readonly unit: PlacedUnit;
  readonly base: UnitPlan;
  readonly context: PlanContext;
  readonly decision: Decision;
  /** The step on the policy is done. */
  readonly stepDone: boolean;
  /** The step on the policy is an intent and nothing more: whoever stored it died. */
  readonly unwritten: boolean;
}

export type PlacedUnit = Unit & { readonly policy: PolicyView };

type Next = Partial<
  Pick<UnitPlan, 'blocked' | 'pending' | 'moving' | 'decision' | 'action' | 'requeueAfter'>
>;

/** Turns a decision into what is done about it. */
export function nextAction(situation: Situation): Next {
  const { unit, base, context, decision, stepDone, unwritten } = situation;
  const mayWrite = base.mode === 'act' && context.frozen === null;
  const result = stepDone ? 'completed' : unwritten ? 'ended' : null;
  const finish: UnitAction | null =
    result !== null && mayWrite ? { kind: 'finish', result, message: decision.text } : null;
  const rest: Next = finish === null ? { decision } : { decision, action: finish };

  if (decision.outcome === 'refuse') return { ...rest, blocked: refusal(decision, base, context) };
  if (decision.outcome !== 'move') return { ...rest, requeueAfter: lookAgain(situation) };
  const few = tooFew(unit, base, decision);
  if (few !== null) return { ...rest, blocked: few };
  if (!mayWrite) return { decision };
  const rollout = rollingOut(unit);
  if (rollout !== null)
    return { ...rest, pending: `${rollout}; it is not moved meanwhile`, requeueAfter: MINUTE };
  const limit = context.fleetLimit(unit.key, decision);
  if (limit !== null) {
    return {
      decision: { ...decision, outcome: 'hold', heldBy: 'fleet-limit', text: `${decision.text} ${limit}` },
      requeueAfter: 5 * MINUTE,
    };
  }
  const replaces = base.step !== null && (stepDone || base.step.number > 1) && !decision.continues;
  const action: UnitAction = { kind: 'begin', decision, step: stepOf(situation), replaces };
  return { decision, moving: decision.text, action };
}

export function refusal(
  decision: Decision,
  base: Pick<UnitPlan, 'candidates' | 'options'>,
  context: Pick<PlanContext, 'map' | 'locations'>,
): Finding<BlockedReason> {
  const outside = noneAllowed(base.candidates, base.options.locations, context.locations);
  if (outside !== null) return { reason: 'TooFewClusters', message: outside };
  if (decision.heldBy === 'no-ready-cluster') return { reason: 'NotReadyCluster', message: decision.text };
  if (decision.heldBy === 'headroom') return { reason: 'InsufficientCapacity', message: decision.text };
  const stale = base.candidates.filter(({ place }) => {
    return place.zone !== null && context.map?.zones[place.zone]?.data === 'stale';
  });
  if (stale.length > 0) {
    const zones = [...new Set(stale.map(({ place }) => place.zone))].join(', ');
    return {
      reason: 'StaleData',
      message: `The last readings of ${zones} are too old: nothing is moved until newer ones come (windvane.dev/on-stale-data: keep)`,
    };
  }
  const excluded = base.candidates.find(({ place }) => place.excluded !== null);
  const hint = excluded === undefined ? '' : ` ${excluded.name}: ${excluded.place.excluded ?? ''}.`;
  return { reason: 'NoData', message: `${decision.text}${hint}` };
}

/** A workload that cannot keep a replica in every cluster it stands in before or after the step. */
function tooFew(unit: Unit, base: UnitPlan, decision: Decision): Finding<BlockedReason> | null {
  if (base.options.maxSurge === 0) return null;
  const bridge = Object.keys(bridgeOf(Object.values(divisionsOf(decision))) ?? {});
  for (const { key, current, next } of decision.divisions) {
    const before = Object.keys(current).filter((cluster) => (current[cluster] ?? 0) > 0);
    if (before.length === 0) continue;
    const touched = new Set([...before, ...Object.keys(next).filter((cluster) => (next[cluster] ?? 0) > 0)]);
    const replicas = Object.values(next).reduce((sum, count) => sum + count, 0);
    // Under the weights between, each of these clusters has to get some.
    const places = Math.max(touched.size, touched.size === 0 ? 0 : bridge.length);
    if (replicas >= places) continue;
    const label = unit.members.find(({ workload }) => workload.key === key)?.workload.label ?? key;
    return {
      reason: 'TooFewReplicas',
      message: `${label} has ${replicas} ${replicas === 1 ? 'replica' : 'replicas'} for a step over ${places} clusters: it would be gone for a moment; scale it up, or accept the gap with windvane.dev/max-surge: "0"`,
    };
  }
  return null;
}

/** When a limit in time that holds the decision back ends; null when only news can change it. */
export function lookAgain({
  unit,
  base,
  context,
  decision,
}: Pick<Situation, 'base' | 'context' | 'decision'> & { readonly unit: Unit }): Millis | null {
  if (decision.heldBy === 'max-moves-per-day') return HOUR;
  if (decision.heldBy !== 'cooldown') return null;
  const ends = unit.members.flatMap(({ remembered }) =>
    remembered.moves.map((move) => (move.finishedAt === null ? 0 : Date.parse(move.finishedAt))),
  );
  return Math.max(MINUTE, Math.max(0, ...ends) + base.options.cooldown - context.now);
}

function stepOf({ unit, base, context, decision, stepDone }: Situation): StepRecord {
  const before = decision.continues ? base.step : null;
  return makeStep({
    unit,
    policy: unit.policy,
    candidates: base.candidates,
    decision,
    before,
    number: before === null ? 1 : before.number + (stepDone ? 1 : 0),
    maxSurge: base.options.maxSurge,
    now: context.now,
  });
}
