import type { Instant } from '@windvane/carbon-map';
import type { MoveRecord } from '../../status/carbon-placement.ts';
import { type MoveChange, movesAfter, startsAfter } from '../shared/moves.ts';
import type { UnitMember } from './unit.ts';
import type { UnitPlan } from './unit-plan.ts';

function changeOf(member: UnitMember, { action, step }: UnitPlan): MoveChange {
  if (action.kind === 'begin') {
    const { move, moveStartedAt, divisions } = action.step;
    const division = divisions[member.workload.key] ?? { from: {}, to: {} };
    return { kind: 'begin', move, startedAt: moveStartedAt, replaces: action.replaces, ...division };
  }
  if (action.kind === 'finish') return { kind: 'end', result: action.result };
  if (action.kind === 'yield') return { kind: 'end', result: 'ended' };
  return { kind: 'none', open: step !== null };
}

/** The moves of one workload after what is being done now. */
export function movesOf(member: UnitMember, plan: UnitPlan, now: Instant): MoveRecord[] {
  const standing = member.binding?.assigned ?? null;
  return movesAfter(member.remembered.moves, changeOf(member, plan), standing, now);
}

/** When the moves of the last day began. */
export function moveStartsOf(member: UnitMember, plan: UnitPlan, now: Instant): readonly string[] {
  return startsAfter(member.remembered.moveStarts, changeOf(member, plan), now);
}
