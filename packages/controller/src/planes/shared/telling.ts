import type { Decision } from '../../engine/decision.ts';
import type { EventNote } from '../../kube/events.ts';
import type { UnitOptions } from '../../optin/options.ts';
import type { BlockedReason, EffectiveMode, MisconfiguredReason } from '../../status/carbon-placement.ts';
import type { Finding } from '../../status/conditions.ts';
import type { Remembered } from '../../status/schema.ts';

/** What is about to be said of a unit, as far as Events are concerned. */
interface Saying {
  readonly options: UnitOptions;
  readonly mode: EffectiveMode;
  readonly misconfigured: Finding<MisconfiguredReason> | null;
  readonly blocked: Finding<BlockedReason> | null;
  readonly decision: Decision | null;
  readonly action: { readonly kind: string; readonly result?: string; readonly message?: string };
}

/** Reason of the Misconfigured or Blocked condition that was True when the status was last stored. */
function reasonBefore(remembered: Remembered): string | null {
  const found = remembered.conditions.find(
    (each) => (each.type === 'Misconfigured' || each.type === 'Blocked') && each.status === 'True',
  );
  return found?.reason ?? null;
}

/**
 * What changed for one workload, as Events: each is told once, when it begins.
 * @param wider what lets the plane itself choose beyond the opt-in's locations, for people; null when nothing does.
 */
export function notesFor(remembered: Remembered, plan: Saying, wider: string | null): EventNote[] {
  const notes: EventNote[] = [];
  const isNew = remembered.conditions.length === 0;
  if (isNew && plan.misconfigured === null && plan.options.locations.length > 0 && wider !== null) {
    notes.push({ type: 'Warning', reason: 'PolicyWiderThanLocations', message: wider });
  }
  const obstacle = plan.misconfigured ?? plan.blocked;
  if (obstacle !== null && obstacle.reason !== reasonBefore(remembered)) {
    notes.push({ type: 'Warning', reason: obstacle.reason, message: obstacle.message });
  }
  const { decision, action } = plan;
  if (action.kind === 'finish') {
    const reason = action.result === 'completed' ? 'MoveCompleted' : 'MoveEnded';
    notes.push({ type: 'Normal', reason, message: action.message ?? '' });
  }
  const proposed = plan.mode === 'observe' && decision?.outcome === 'move' && plan.blocked === null;
  if (proposed && decision.text !== remembered.decision?.text) {
    notes.push({ type: 'Normal', reason: 'WouldMove', message: decision.text });
  }
  return notes;
}

/** Locations narrow Windvane's choice only: the plane itself may choose anywhere that `field` allows. */
export function widerThanLocations(outside: readonly string[], field: string): string | null {
  if (outside.length === 0) return null;
  return `windvane.dev/locations keeps Windvane out of ${outside.join(', ')}, but the policy itself allows them; where data must not leave, say so in ${field}`;
}
