import { DAY, type Instant } from '@windvane/carbon-map';
import type { MoveRecord } from '../../status/carbon-placement.ts';
import type { UnitMember } from './unit.ts';
import type { UnitAction, UnitPlan } from './unit-plan.ts';

function ended(open: MoveRecord, member: UnitMember, result: MoveRecord['result'], now: Instant): MoveRecord {
  return {
    ...open,
    finishedAt: new Date(now).toISOString(),
    result,
    to: member.binding?.assigned ?? open.to,
  };
}

function afterBegin(
  open: MoveRecord | null,
  member: UnitMember,
  action: Extract<UnitAction, { kind: 'begin' }>,
  now: Instant,
): MoveRecord[] {
  const { step, replaces } = action;
  const division = step.divisions[member.workload.key] ?? { from: {}, to: {} };
  const goesOn = open !== null && open.decision === step.move;
  const begun: MoveRecord = {
    decision: step.move,
    startedAt: step.moveStartedAt,
    finishedAt: null,
    result: null,
    from: goesOn ? open.from : division.from,
    to: division.to,
  };
  return open !== null && !goesOn && replaces ? [ended(open, member, 'ended', now), begun] : [begun];
}

/**
 * The moves of one workload after what is being done now. An open one without a step on the policy never began, and
 * is dropped.
 */
export function movesOf(member: UnitMember, plan: UnitPlan, now: Instant): MoveRecord[] {
  const { action, step } = plan;
  const closed = member.remembered.moves.filter((move) => move.finishedAt !== null);
  const open = member.remembered.moves.find((move) => move.finishedAt === null) ?? null;
  if (action.kind === 'begin') return [...closed, ...afterBegin(open, member, action, now)];
  if (open === null) return closed;
  if (action.kind === 'finish') return [...closed, ended(open, member, action.result, now)];
  if (action.kind === 'yield') return [...closed, ended(open, member, 'ended', now)];
  return step === null ? closed : [...closed, open];
}

/** When the moves of the last day began, with the one that begins now. Pruned only then: a quiet hour writes nothing. */
export function moveStartsOf(member: UnitMember, plan: UnitPlan, now: Instant): readonly string[] {
  const { moveStarts } = member.remembered;
  if (plan.action.kind !== 'begin' || moveStarts.includes(plan.action.step.moveStartedAt)) return moveStarts;
  const lately = moveStarts.filter((start) => Date.parse(start) > now - DAY);
  return [...lately, plan.action.step.moveStartedAt];
}
