import type { KubeObject } from '../../../kube/resource.ts';
import type { PlacementView } from '../../plane.ts';
import { notesFor } from '../../shared/telling.ts';
import { intensitiesOf } from '../facts.ts';
import { type ReconcilerDeps, type UnitOutcome, withoutDefinition } from '../reconciler.ts';
import { OVERRIDE_POLICY } from '../resources.ts';
import type { Unit } from '../unit.ts';
import type { PlanContext } from '../unit-plan.ts';
import { applyCap, removeCap } from './cap-policy.ts';
import { type CapAction, type CapPlan, planCaps } from './plan.ts';
import { capStatus } from './status.ts';

type Deps = Pick<ReconcilerDeps, 'api' | 'hub' | 'writer' | 'events' | 'assume' | 'forget' | 'guard'>;

const WORDS: Readonly<Record<NonNullable<Extract<CapAction, { kind: 'write' }>['event']>, string>> = {
  begun: 'StepStarted',
  completed: 'MoveCompleted',
  'rolled-back': 'MoveEnded',
};

async function tell(deps: Deps, planned: CapPlan, context: PlanContext): Promise<PlacementView[]> {
  const { plan, members, action } = planned;
  const intensities = intensitiesOf(plan, context);
  const views: PlacementView[] = [];
  for (const [index, capped] of members.entries()) {
    const caps = action.kind === 'write' ? (action.caps[index] ?? {}) : capped.standing;
    const status = capStatus(capped, caps, planned, context, intensities);
    const { workload } = capped.member;
    await deps.writer()?.write(workload, status);
    const { namespace, name, type } = workload;
    views.push({ ...status, hub: deps.hub, namespace, name, kind: type.kind });
  }
  return views;
}

/** Brings a unit that is steered by caps a step further: plan, status, and at most one change of each cap. */
export async function reconcileCaps(deps: Deps, unit: Unit, context: PlanContext): Promise<UnitOutcome> {
  const found = planCaps(unit, context);
  const planned: CapPlan =
    deps.writer() === null
      ? { ...found, plan: withoutDefinition(found.plan), action: { kind: 'none' } }
      : found;
  const { plan, members, action } = planned;
  const displaced = action.kind === 'write' ? action.displaced : null;
  if (displaced === null) deps.guard.release(unit.key);
  else deps.guard.reserve(unit.key, displaced, context.now);
  // The intent comes first. When it cannot be stored nothing is written.
  const views = await tell(deps, planned, context);
  if (action.kind === 'write') {
    for (const [index, { scaler }] of members.entries()) {
      const caps = action.caps[index];
      if (caps === undefined) continue;
      deps.assume(OVERRIDE_POLICY, await applyCap(deps.api, scaler, unit.key, caps, action.record));
    }
  }
  if (displaced !== null) deps.guard.written(unit.key);
  for (const { member } of members) {
    const { type, object } = member.workload;
    if (action.kind === 'write' && action.event !== null) {
      const message = plan.decision?.text ?? plan.moving ?? '';
      await deps.events.record(type, object, { type: 'Normal', reason: WORDS[action.event], message });
    }
    for (const note of notesFor(member.remembered, plan, null)) await deps.events.record(type, object, note);
  }
  const { requeueAfter } = plan;
  return { views, plan, result: requeueAfter === null ? {} : { requeueAfter } };
}

/** Caps of a unit that is steered by them no more: the members get the template's maximum back. */
export async function removeCaps(deps: Deps, caps: Iterable<KubeObject>): Promise<void> {
  for (const cap of caps) {
    await removeCap(deps.api, cap);
    deps.forget(OVERRIDE_POLICY, cap);
  }
}
