import type { Instant, Millis } from '@windvane/carbon-map';
import { divide } from '../../engine/division/webster.ts';
import type { KubeApi } from '../../kube/api.ts';
import { isKubeError } from '../../kube/errors.ts';
import type { EventRecorder } from '../../kube/events.ts';
import type { ReconcileResult } from '../../kube/queue.ts';
import type { KubeObject, ResourceType } from '../../kube/resource.ts';
import { isAllowed } from '../../optin/locations.ts';
import { buildStatus } from '../../status/build.ts';
import type { FoundValue } from '../../status/carbon-placement.ts';
import type { PlacementView } from '../plane.ts';
import type { FoundRecord } from '../shared/annotations.ts';
import type { FleetGuard } from '../shared/fleet-limits.ts';
import type { PlacementWriter } from '../shared/placement-writer.ts';
import { notesFor, widerThanLocations } from '../shared/telling.ts';
import { factsOf, intensitiesOf } from './facts.ts';
import { applyPin, pinsOf } from './move/pins.ts';
import { proceed, removePins } from './move/proceed.ts';
import {
  annotatePolicy,
  applyWeights,
  assertWritable,
  foundBeforeWrite,
  probeOwnership,
} from './move/weights.ts';
import { revertedMessage } from './ownership.ts';
import { planUnit, yieldingPlan } from './plan.ts';
import { canonicalWeights, ownsWeights, type PolicyView, policyView } from './policy.ts';
import { OVERRIDE_POLICY } from './resources.ts';
import type { Unit } from './unit.ts';
import type { PlanContext, UnitAction, UnitPlan } from './unit-plan.ts';

export interface ReconcilerDeps {
  readonly api: KubeApi;
  readonly hub: string;
  /** Null without the CarbonPlacement CRD: then nothing at all is written. */
  readonly writer: () => PlacementWriter | null;
  readonly events: EventRecorder;
  /** Takes the answer of an own write. */
  readonly assume: (type: ResourceType, object: KubeObject) => void;
  /** Takes an own deletion. */
  readonly forget: (type: ResourceType, object: KubeObject) => void;
  readonly guard: Pick<FleetGuard, 'reserve' | 'written' | 'release'>;
  /** When the statuses of a unit were last written, by its key. */
  readonly told: Map<string, Instant>;
}

export interface UnitOutcome {
  readonly views: readonly PlacementView[];
  readonly plan: UnitPlan;
  readonly result: ReconcileResult;
}

type Begin = Extract<UnitAction, { kind: 'begin' }>;

/** What a first look at the API server makes of a step that is about to begin. */
interface Prepared {
  readonly plan: UnitPlan;
  readonly begin: Begin | null;
  readonly found: FoundRecord | null;
  readonly force: boolean;
  readonly takenFrom: readonly string[];
}

const notBegun = (plan: UnitPlan): Prepared => ({
  plan,
  begin: null,
  found: null,
  force: false,
  takenFrom: [],
});
const MINUTES_5 = 300_000;
/** A step that waits tells what it waits for no more often: every workload of the unit is told each time. */
const PROGRESS_EVERY: Millis = 30_000;

const noCrd =
  'The CarbonPlacement CRD is not installed, so nothing is written: kubectl apply -f deploy/hub/crd/carbonplacements.windvane.dev.yaml';

/** Where statuses cannot be stored nothing is written at all. */
export function withoutDefinition(plan: UnitPlan): UnitPlan {
  return { ...plan, mode: 'observe', pending: noCrd, moving: null, action: { kind: 'none' } };
}

/** The division that Karmada will make of the weights must be the one that was decided. */
function assertPredicted(unit: Unit, begin: Begin): void {
  for (const { workload, binding } of unit.members) {
    const wanted = begin.step.divisions[workload.key]?.to ?? {};
    const made = divide(begin.step.weights, binding?.replicas ?? 0, binding?.resource.uid ?? '');
    const same =
      Object.keys(made).length === Object.values(wanted).filter((count) => count > 0).length &&
      Object.entries(made).every(([cluster, count]) => wanted[cluster] === count);
    if (!same)
      throw new Error(`the weights for ${workload.label} would not give the division that was decided`);
  }
}

/** The one forced apply of this opt-in was made. A step that was planned on this generation was never written. */
function wasForced(policy: PolicyView, { found, step, optInHash }: UnitPlan): boolean {
  if (found === null || !found.forced || found.optIn !== optInHash) return false;
  return step === null || step.generation !== policy.object.metadata.generation;
}

async function prepare(
  deps: ReconcilerDeps,
  unit: Unit,
  policy: PolicyView,
  plan: UnitPlan,
  begin: Begin,
): Promise<Prepared> {
  assertWritable(begin.step.weights, plan.candidates);
  assertPredicted(unit, begin);
  const refused = (blocked: NonNullable<UnitPlan['blocked']>): Prepared =>
    notBegun({ ...plan, blocked, moving: null, action: { kind: 'none' }, requeueAfter: MINUTES_5 });
  try {
    const ownership = await probeOwnership(deps.api, policy, begin.step);
    const force = ownership.kind === 'contested';
    const takenFrom = ownership.kind === 'contested' ? ownership.managers : [];
    if (force && plan.options.adopt === 'never') {
      return refused({
        reason: 'FieldConflict',
        message: `${takenFrom.join(', ')} owns the weights of ${policy.label} and windvane.dev/adopt is never; leave weightPreference out of the manifest, or allow the adoption`,
      });
    }
    if (force && wasForced(policy, plan)) {
      return refused({ reason: 'RevertedByOther', message: revertedMessage(policy, takenFrom.join(', ')) });
    }
    const found = foundBeforeWrite(policy, plan.found, plan.optInHash, force);
    return { plan, begin, found, force, takenFrom };
  } catch (error) {
    if (!isKubeError(error, 'invalid', 'forbidden')) throw error;
    return refused({
      reason: 'UnsupportedPolicy',
      message: `the API server refuses the weights: ${error.message}`,
    });
  }
}

async function say(
  deps: ReconcilerDeps,
  unit: Unit,
  policy: PolicyView,
  note: { reason: string; message: string; type: 'Normal' | 'Warning' },
): Promise<void> {
  for (const { workload } of unit.members) await deps.events.record(workload.type, workload.object, note);
  await deps.events.record(policy.type, policy.object, note);
}

function sayAdopted(
  deps: ReconcilerDeps,
  unit: Unit,
  policy: PolicyView,
  managers: readonly string[],
): Promise<void> {
  const message = `The weights of ${policy.label} were taken over from ${managers.join(', ')}; what they were is kept in windvane.dev/found`;
  return say(deps, unit, policy, { type: 'Normal', reason: 'Adopted', message });
}

/** Intent is in the statuses already. Every write names the version that was planned on. */
async function writeStep(
  deps: ReconcilerDeps,
  unit: Unit,
  policy: PolicyView,
  prepared: Prepared,
  begin: Begin,
): Promise<void> {
  const { found, force, takenFrom } = prepared;
  if (found === null) return;
  const annotated = await annotatePolicy(deps.api, policy, { found, step: begin.step });
  deps.assume(policy.type, annotated);
  if (begin.step.surge) {
    for (const pin of pinsOf(begin.step, unit)) {
      deps.assume(OVERRIDE_POLICY, await applyPin(deps.api, pin, policy, unit.key, begin.step));
    }
  } else {
    const list = canonicalWeights(begin.step.weights);
    deps.assume(policy.type, await applyWeights(deps.api, policy, annotated, list, force));
  }
  deps.guard.written(unit.key);
  if (force && !begin.step.surge) await sayAdopted(deps, unit, policy, takenFrom);
  await say(deps, unit, policy, { type: 'Normal', reason: 'StepStarted', message: begin.decision.text });
}

/** Writes one unit's statuses; what is said of each workload comes back for the API. */
async function tell(
  deps: ReconcilerDeps,
  unit: Unit,
  plan: UnitPlan,
  context: PlanContext,
  intent: FoundValue | null,
): Promise<PlacementView[]> {
  const intensities = intensitiesOf(plan, context);
  const writer = deps.writer();
  const views: PlacementView[] = [];
  const waits = plan.action.kind === 'none' && plan.moving !== null;
  const patient = waits && context.now - (deps.told.get(unit.key) ?? 0) < PROGRESS_EVERY;
  for (const member of unit.members) {
    const { workload } = member;
    const facts = factsOf(member, plan, context, intensities, intent);
    const status = buildStatus(facts, member.remembered, context.now);
    if ((await writer?.write(workload, status, patient)) === true) deps.told.set(unit.key, context.now);
    const { namespace, name } = workload;
    views.push({ ...status, hub: deps.hub, namespace, name, kind: workload.type.kind });
  }
  return views;
}

function outsideLocations({ candidates, options }: UnitPlan, { locations }: PlanContext): string[] {
  const outside = candidates.filter(({ place }) => !isAllowed(place, options.locations, locations));
  return outside.map(({ name }) => name);
}

/** Brings one unit a step further: plan, status, and at most one change of the policy. */
export async function reconcileUnit(
  deps: ReconcilerDeps,
  unit: Unit,
  context: PlanContext,
): Promise<UnitOutcome> {
  const planned = planUnit(unit, context);
  if (deps.writer() === null) {
    const plan = withoutDefinition(planned);
    return { views: await tell(deps, unit, plan, context, null), plan, result: {} };
  }
  const { policy } = unit;
  if (planned.action.kind === 'begin') deps.guard.reserve(unit.key, planned.action.decision, context.now);
  else deps.guard.release(unit.key);
  const prepared =
    policy !== null && planned.action.kind === 'begin'
      ? await prepare(deps, unit, policy, planned, planned.action)
      : notBegun(planned);
  if (prepared.begin === null) deps.guard.release(unit.key);
  let { plan } = prepared;
  let views = await tell(deps, unit, plan, context, prepared.found);
  if (policy !== null && prepared.begin !== null)
    await writeStep(deps, unit, policy, prepared, prepared.begin);
  if (policy !== null && plan.action.kind === 'proceed' && plan.step !== null) {
    const under = { unit, policy, ...plan, step: plan.step, pins: context.pins(unit.key), now: context.now };
    const result = await proceed(deps, under, plan.action.write);
    if (result.kind === 'adopted') await sayAdopted(deps, unit, policy, result.managers);
    if (result.kind === 'taken') {
      plan = yieldingPlan(plan, policy, result.managers.join(', '), context.now);
      views = await tell(deps, unit, plan, context, null);
    }
  }
  const outside = plan.misconfigured === null ? outsideLocations(plan, context) : [];
  const wider = widerThanLocations(outside, 'clusterAffinity');
  for (const member of unit.members) {
    for (const note of notesFor(member.remembered, plan, wider)) {
      await deps.events.record(member.workload.type, member.workload.object, note);
    }
  }
  if (policy !== null && plan.step !== null) await closeStep(deps, unit, policy, plan, context);
  const requeueAfter = prepared.begin === null ? plan.requeueAfter : 30_000;
  return { views, plan, result: requeueAfter === null ? {} : { requeueAfter } };
}

/** The step is over: its pins go, then its record. What was found is forgotten when nothing was written after all. */
async function closeStep(
  deps: ReconcilerDeps,
  unit: Unit,
  policy: PolicyView,
  { action, step, found }: UnitPlan,
  context: PlanContext,
): Promise<void> {
  if (action.kind !== 'finish' && action.kind !== 'yield') return;
  await removePins(deps, context.pins(unit.key));
  const unwritten = step?.generation === policy.object.metadata.generation || found?.forced === false;
  const untouched = action.kind === 'finish' && unwritten && !ownsWeights(policy.object);
  deps.assume(
    policy.type,
    await annotatePolicy(deps.api, policyView(policy.object, policy.kind), {
      step: null,
      ...(untouched ? { found: null } : {}),
    }),
  );
}
