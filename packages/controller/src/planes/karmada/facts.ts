import { ASSUMED_WATTS } from '../../optin/options.ts';
import { account, gramsPerHour } from '../../status/accounting.ts';
import type { StatusFacts } from '../../status/build.ts';
import type { FoundValue, SplitEntry } from '../../status/carbon-placement.ts';
import { frozenText } from '../shared/freeze.ts';
import { intensityOf } from '../shared/intensity.ts';
import type { StepRecord } from './annotations.ts';
import { foundDivision } from './found.ts';
import { moveStartsOf, movesOf } from './moves.ts';
import type { UnitMember } from './unit.ts';
import type { PlanContext, UnitPlan } from './unit-plan.ts';

/** Intensity (PUE included) per cluster, as the decision saw it. */
export type Intensities = ReadonlyMap<string, number | null>;

export function intensitiesOf(plan: UnitPlan, context: PlanContext): Intensities {
  const { map } = context;
  if (map === null || plan.misconfigured !== null) return new Map();
  return new Map(
    plan.candidates.map(({ name, place }) => {
      const known = intensityOf(place, plan.options.onStaleData, { ...context, map });
      return [name, known.gramsPerKwh] as const;
    }),
  );
}

function splitOf(member: UnitMember, plan: UnitPlan, intensities: Intensities): SplitEntry[] {
  const assigned = member.binding?.assigned ?? {};
  const total = Object.values(assigned).reduce((sum, count) => sum + count, 0);
  const names = new Set([...plan.candidates.map(({ name }) => name), ...Object.keys(assigned)]);
  return [...names].sort().map((cluster) => {
    const place = plan.candidates.find(({ name }) => name === cluster)?.place;
    const replicas = assigned[cluster] ?? 0;
    const grams = intensities.get(cluster) ?? null;
    const evidence = plan.decision?.clusters.find((each) => each.cluster === cluster);
    const stored = member.remembered.splitReasons[cluster];
    const until = plan.shunned[cluster];
    const shunned =
      until === undefined ? null : `Replicas did not become available here; left alone until ${until}.`;
    return {
      cluster,
      zone: place?.zone ?? null,
      replicas,
      share: total === 0 ? 0 : Math.round((replicas / total) * 1000) / 1000,
      gramsPerKwh: grams === null ? null : Math.round(grams * 10) / 10,
      reason:
        place?.excluded ??
        shunned ??
        evidence?.reason ??
        stored ??
        (place === undefined ? 'Outside the policy.' : ''),
    };
  });
}

/** What the weights were before Windvane first wrote them; null while it never did. */
function foundOf(plan: UnitPlan, intent: FoundValue | null): FoundValue | null {
  const found = intent ?? plan.found;
  if (found === null) return null;
  return found.present ? { present: true, value: found.value } : { present: false, value: null };
}

/** The step that stands, or that is about to be written, without what is only of use to the controller. */
function stepOf(plan: UnitPlan): StatusFacts['step'] {
  const step: StepRecord | null =
    plan.action.kind === 'begin'
      ? plan.action.step
      : plan.action.kind === 'none' || plan.action.kind === 'proceed'
        ? plan.step
        : null;
  if (step === null) return null;
  const { move, number, startedAt, weights, surge, back } = step;
  return { move, number, startedAt, weights, surge, ...(back === null ? {} : { back: back.message }) };
}

/** What is said about one member of the unit. `intent`: the found value, when a first write is about to be made. */
export function factsOf(
  member: UnitMember,
  plan: UnitPlan,
  context: PlanContext,
  intensities: Intensities,
  intent: FoundValue | null,
): StatusFacts {
  const { binding, remembered } = member;
  const assigned = binding?.assigned ?? {};
  const gramsPerKwh = (cluster: string): number | null => intensities.get(cluster) ?? null;
  const watts = plan.options.wattsPerReplica ?? ASSUMED_WATTS;
  const found = foundOf(plan, intent);
  // Until the first write the workload runs as it was found.
  const foundReplicas =
    found === null || binding === null
      ? assigned
      : foundDivision(found, plan.candidates, binding.replicas, binding.resource.uid);
  const actual = gramsPerHour({ replicas: assigned, gramsPerKwh }, watts);
  const reference = gramsPerHour({ replicas: foundReplicas, gramsPerKwh }, watts);
  const rate = actual === null || reference === null ? null : { actual, asFound: reference };
  const cleanest = plan.candidates
    .map((cluster) => ({
      cluster: cluster.name,
      zone: cluster.place.zone ?? '',
      grams: gramsPerKwh(cluster.name),
    }))
    .filter((each) => each.grams !== null)
    .sort((a, b) => (a.grams ?? 0) - (b.grams ?? 0) || (a.cluster < b.cluster ? -1 : 1))[0];
  return {
    mode: plan.mode,
    frozen: plan.frozen !== null,
    misconfigured: plan.misconfigured,
    blocked: plan.blocked,
    pending: plan.pending,
    moving: plan.moving,
    text: frozenText(plan.frozen, plan.decision?.text ?? remembered.decision?.text ?? 'Nothing is decided.'),
    data: plan.data,
    replicas: binding?.replicas ?? member.workload.replicas,
    split: splitOf(member, plan, intensities),
    cleanest: cleanest === undefined ? null : { cluster: cleanest.cluster, zone: cleanest.zone },
    decision: plan.decision,
    step: stepOf(plan),
    moves: movesOf(member, plan, context.now),
    moveStarts: moveStartsOf(member, plan, context.now),
    found,
    hold: plan.hold,
    accounting: binding === null ? remembered.accounting : account(remembered.accounting, rate, context.now),
    generation: member.workload.object.metadata.generation ?? 0,
  };
}
