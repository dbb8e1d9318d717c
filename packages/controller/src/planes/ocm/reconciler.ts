import type { KubeApi } from '../../kube/api.ts';
import { isKubeError } from '../../kube/errors.ts';
import type { EventNote, EventRecorder } from '../../kube/events.ts';
import type { ReconcileResult } from '../../kube/queue.ts';
import { buildStatus } from '../../status/build.ts';
import type { FoundValue } from '../../status/carbon-placement.ts';
import type { PlacementView as StatusView } from '../plane.ts';
import type { FleetGuard } from '../shared/fleet-limits.ts';
import type { PlacementWriter } from '../shared/placement-writer.ts';
import { notesFor, widerThanLocations } from '../shared/telling.ts';
import { factsOf } from './facts.ts';
import { annotatePlacement, applyPolicy, disown } from './move/placement-writes.ts';
import { type ProceedDeps, proceed } from './move/proceed.ts';
import { hasSurgeEnds } from './move/step-record.ts';
import { type PreparedSteering, prepareSteering } from './move/take-over.ts';
import { planUnit, yieldingPlan } from './plan.ts';
import { PLACEMENT } from './resources.ts';
import type { ScoreWrite } from './scores/board.ts';
import { CHOSEN, scoreName } from './steering.ts';
import type { PlacementView, Unit } from './unit.ts';
import type { PlanContext, UnitPlan } from './unit-plan.ts';

export interface ReconcilerDeps extends ProceedDeps {
  readonly api: KubeApi;
  readonly hub: string;
  /** Null without the CarbonPlacement CRD: then nothing at all is written. */
  readonly writer: () => PlacementWriter | null;
  readonly events: EventRecorder;
  readonly guard: Pick<FleetGuard, 'reserve' | 'written' | 'release'>;
}

export interface UnitOutcome {
  readonly views: readonly StatusView[];
  readonly plan: UnitPlan;
  readonly result: ReconcileResult;
}

const noCrd =
  'The CarbonPlacement CRD is not installed, so nothing is written: kubectl apply -f deploy/hub/crd/carbonplacements.windvane.dev.yaml';

async function say(
  deps: ReconcilerDeps,
  unit: Unit,
  placement: PlacementView,
  note: EventNote,
): Promise<void> {
  for (const { type, object } of unit.members) {
    if (type !== PLACEMENT) await deps.events.record(type, object, note);
  }
  await deps.events.record(PLACEMENT, placement.object, note);
}

/** Writes one unit's statuses; what is said of each workload comes back for the API. */
async function tell(
  deps: ReconcilerDeps,
  unit: Unit,
  plan: UnitPlan,
  context: PlanContext,
  intent: FoundValue | null,
): Promise<StatusView[]> {
  const writer = deps.writer();
  const views: StatusView[] = [];
  for (const member of unit.members) {
    const facts = factsOf(unit, member, plan, intent, context.now);
    const status = buildStatus(facts, member.remembered, context.now);
    await writer?.write(member, status);
    const { namespace, name, type } = member;
    views.push({ ...status, hub: deps.hub, namespace, name, kind: type.kind });
  }
  return views;
}

async function announce(deps: ReconcilerDeps, unit: Unit, plan: UnitPlan): Promise<void> {
  const outside = plan.candidates.filter(({ allowed }) => !allowed).map(({ name }) => name);
  const few = outside.length > 5 ? [...outside.slice(0, 5), `${outside.length - 5} more`] : outside;
  const wider = widerThanLocations(few, 'its predicates or cluster sets');
  for (const { remembered, type, object } of unit.members) {
    for (const note of notesFor(remembered, plan, wider)) await deps.events.record(type, object, note);
  }
}

/** Brings one unit a step further: plan, status, and at most one change. */
export async function reconcileUnit(
  deps: ReconcilerDeps,
  unit: Unit,
  context: PlanContext,
): Promise<UnitOutcome> {
  const planned = planUnit(unit, context);
  if (deps.writer() === null) {
    const plan: UnitPlan = {
      ...planned,
      mode: 'observe',
      pending: noCrd,
      moving: null,
      action: { kind: 'none' },
    };
    return { views: await tell(deps, unit, plan, context, null), plan, result: {} };
  }
  const { placement } = unit;
  if (planned.action.kind === 'begin') deps.guard.reserve(unit.key, planned.action.decision, context.now);
  else deps.guard.release(unit.key);
  const prepared =
    placement !== null && planned.action.kind === 'steer'
      ? await prepareSteering(deps.api, unit, placement, planned)
      : null;
  let plan = prepared?.plan ?? planned;
  let views = await tell(deps, unit, plan, context, prepared?.found ?? null);
  if (placement !== null) {
    const taken = await act(deps, { ...unit, placement }, plan, context, prepared);
    if (taken !== null) {
      plan = yieldingPlan(unit, plan, taken.join(', '), context);
      views = await tell(deps, unit, plan, context, null);
    }
  }
  await announce(deps, unit, plan);
  const acted = plan.action.kind !== 'none';
  const requeueAfter = plan.requeueAfter ?? (acted ? 30_000 : null);
  return { views, plan, result: requeueAfter === null ? {} : { requeueAfter } };
}

type PlacedUnit = Unit & { readonly placement: PlacementView };

/** Does what was planned; what others own by now comes back as the names of those. */
async function act(
  deps: ReconcilerDeps,
  unit: PlacedUnit,
  plan: UnitPlan,
  context: PlanContext,
  prepared: PreparedSteering | null,
): Promise<readonly string[] | null> {
  const { action, step } = plan;
  const { object } = unit.placement;
  if (action.kind === 'steer')
    return prepared === null ? null : takeOver(deps, unit, prepared, action.writes);
  if (action.kind === 'tend') await writeScores(deps, scoreName(object), action.writes);
  if (action.kind === 'disown') deps.assume(PLACEMENT, await disown(deps.api, object));
  if (action.kind === 'begin') {
    deps.assume(PLACEMENT, await annotatePlacement(deps.api, object, { step: action.step }));
    deps.guard.written(unit.key);
    const { text } = action.decision;
    await say(deps, unit, unit.placement, { type: 'Normal', reason: 'StepStarted', message: text });
  }
  if (action.kind === 'proceed' && step !== null) {
    const under = { placement: object, step, optIn: plan.optInHash, now: context.now };
    await proceed(deps, under, action.write);
  }
  if (step !== null && (action.kind === 'finish' || action.kind === 'yield')) {
    // A surge that Windvane itself ended makes up for those that others ended.
    const well = action.kind === 'finish' && action.result === 'completed' && step.lowered === 'windvane';
    const ended = { step: null, ...(well && hasSurgeEnds(object) ? { surgeEnds: null } : {}) };
    deps.assume(PLACEMENT, await annotatePlacement(deps.api, object, ended));
  }
  return null;
}

/** Scores, then the policy that makes them count: until it is there, they decide nothing. */
async function takeOver(
  deps: ReconcilerDeps,
  unit: PlacedUnit,
  { found, force, takenFrom }: PreparedSteering,
  writes: readonly ScoreWrite[],
): Promise<readonly string[] | null> {
  if (found === null) return null;
  const { placement } = unit;
  const annotated = await annotatePlacement(deps.api, placement.object, { found });
  deps.assume(PLACEMENT, annotated);
  await writeScores(deps, scoreName(placement.object), writes);
  try {
    deps.assume(PLACEMENT, await applyPolicy(deps.api, annotated, force));
  } catch (error) {
    if (!isKubeError(error, 'field-conflict')) throw error;
    return error.managers;
  }
  const what = force
    ? `The prioritizerPolicy of ${placement.label} was taken over from ${takenFrom.join(', ')}; what it was is kept in windvane.dev/found`
    : `${placement.label} is steered by the scores that Windvane keeps`;
  await say(deps, unit, placement, {
    type: 'Normal',
    reason: force ? 'Adopted' : 'Steered',
    message: what,
  });
  return null;
}

/** The chosen first and one by one; where the rest stand decides nothing, so that they go together. */
async function writeScores(
  { board }: ReconcilerDeps,
  name: string,
  writes: readonly ScoreWrite[],
): Promise<void> {
  await board.setInOrder(
    name,
    writes.filter(({ value }) => value === CHOSEN),
  );
  await Promise.all(writes.filter(({ value }) => value !== CHOSEN).map((each) => board.set(name, each)));
}
