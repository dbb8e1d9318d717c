import type { EventNote } from '../../kube/events.ts';
import type { UnitMember } from './unit.ts';
import type { UnitPlan } from './unit-plan.ts';

/** Reason of the Misconfigured or Blocked condition that was True when the status was last stored. */
function reasonBefore(member: UnitMember): string | null {
  const found = member.remembered.conditions.find(
    (each) => (each.type === 'Misconfigured' || each.type === 'Blocked') && each.status === 'True',
  );
  return found?.reason ?? null;
}

/** What changed for one workload, as Events: each is told once, when it begins. */
export function notesFor(
  member: UnitMember,
  plan: UnitPlan,
  /** Candidates outside the opt-in's locations. */
  outside: readonly string[],
): EventNote[] {
  const notes: EventNote[] = [];
  const isNew = member.remembered.conditions.length === 0;
  const wider = isNew && plan.misconfigured === null ? residencyNote(plan, outside) : null;
  if (wider !== null) notes.push(wider);
  const obstacle = plan.misconfigured ?? plan.blocked;
  if (obstacle !== null && obstacle.reason !== reasonBefore(member)) {
    notes.push({ type: 'Warning', reason: obstacle.reason, message: obstacle.message });
  }
  const { decision, action } = plan;
  if (action.kind === 'finish') {
    const reason = action.result === 'completed' ? 'MoveCompleted' : 'MoveEnded';
    notes.push({ type: 'Normal', reason, message: action.message });
  }
  const proposed = plan.mode === 'observe' && decision?.outcome === 'move' && plan.blocked === null;
  if (proposed && decision.text !== member.remembered.decision?.text) {
    notes.push({ type: 'Normal', reason: 'WouldMove', message: decision.text });
  }
  return notes;
}

/** Locations narrow Windvane's choice only: Karmada itself may place anywhere in the policy's affinity. */
function residencyNote(plan: UnitPlan, outside: readonly string[]): EventNote | null {
  if (plan.options.locations.length === 0 || outside.length === 0) return null;
  return {
    type: 'Warning',
    reason: 'PolicyWiderThanLocations',
    message: `windvane.dev/locations keeps Windvane out of ${outside.join(', ')}, but the policy's own affinity allows them; where data must not leave, say so in clusterAffinity`,
  };
}
