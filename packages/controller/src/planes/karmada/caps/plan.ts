import { MINUTE } from '@windvane/carbon-map';
import type { Decision } from '../../../engine/decision.ts';
import { divide } from '../../../engine/division/webster.ts';
import type { PlacementProblem } from '../../../engine/problem.ts';
import type { KubeObject } from '../../../kube/resource.ts';
import type { Divided } from '../../shared/fleet-limits.ts';
import { fitRefusal } from '../fit.ts';
import { lookAgain, refusal } from '../next-action.ts';
import { basePlan } from '../plan.ts';
import { problemOf } from '../problem.ts';
import type { Unit, UnitMember } from '../unit.ts';
import type { PlanContext, UnitPlan } from '../unit-plan.ts';
import { type CapRecord, capName, capRecord, capsIn, unrendered } from './cap-policy.ts';
import {
  type CapBounds,
  type Caps,
  capsOf,
  evenShares,
  raised,
  type Shares,
  sameCaps,
  withRoom,
} from './caps.ts';
import type { ScaledObjectView } from './scaled-object.ts';

/** A workload that is steered by caps, with what stands for it. */
export interface CappedMember {
  readonly member: UnitMember;
  readonly scaler: ScaledObjectView;
  readonly bounds: CapBounds;
  /** The OverridePolicy as stored. */
  readonly policy: KubeObject | null;
  /** Caps that stand; the template's maximum where there are none. */
  readonly standing: Caps;
  /** Replicas that run, by cluster and in all. */
  readonly running: Readonly<Record<string, number>>;
  readonly total: number;
}

/** The one thing to do about the caps of a unit now. */
export type CapAction =
  | { readonly kind: 'none' }
  /** Write these caps and this record; `told` says whether a move begins or ends with it. */
  | {
      readonly kind: 'write';
      readonly record: CapRecord;
      readonly caps: readonly Caps[];
      readonly event: 'begun' | 'completed' | 'rolled-back' | null;
      /** What runs and has to go elsewhere when the others are lowered; null when that was counted, or is nothing. */
      readonly displaced: Divided | null;
    };

export interface CapPlan {
  readonly plan: UnitPlan;
  readonly members: readonly CappedMember[];
  readonly record: CapRecord | null;
  readonly action: CapAction;
}

/** Shares are decided as if so many replicas were divided. */
const PARTS = 100;
/** Raised caps stand this long before others are lowered: KEDA polls, and its autoscaler follows. */
const SETTLE = 2 * MINUTE;
/** Room that is needed no longer is taken back no more often. */
const EASE = 10 * MINUTE;
const POLL = 30_000;

function cappedMembers(unit: Unit, plan: UnitPlan, context: PlanContext): CappedMember[] {
  const stored = context.caps(unit.key);
  return unit.members.flatMap((member): CappedMember[] => {
    const { scaler, binding } = member;
    if (scaler === null) return [];
    const running = binding?.running ?? {};
    const holds = plan.candidates.filter(({ name }) => (binding?.assigned[name] ?? 0) > 0);
    const grams = (zone: string | null): number =>
      (zone === null ? null : context.map?.zones[zone]?.reading?.gramsPerKwh) ?? Number.POSITIVE_INFINITY;
    const clusters = holds
      .toSorted((a, b) => grams(a.place.zone) - grams(b.place.zone) || (a.name < b.name ? -1 : 1))
      .map(({ name }) => name);
    const least = Math.max(1, plan.options.minReplicas, scaler.min);
    const bounds = { clusters, max: scaler.max, least };
    const policy = stored.find(({ metadata }) => metadata.name === capName(scaler)) ?? null;
    const standing = capsIn(policy) ?? {};
    return [
      {
        member,
        scaler,
        bounds,
        policy,
        standing: Object.fromEntries(clusters.map((name) => [name, standing[name] ?? scaler.max])),
        running,
        total: Object.values(running).reduce((sum, count) => sum + count, 0),
      },
    ];
  });
}

/** The caps that shares stand for, with room for what runs. */
function wanted({ bounds, standing, total }: CappedMember, shares: Shares): Caps {
  return withRoom(capsOf(shares, bounds), standing, total, bounds);
}

function problem(
  unit: Unit,
  base: UnitPlan,
  context: PlanContext & { readonly map: NonNullable<PlanContext['map']> },
  members: readonly CappedMember[],
  record: CapRecord | null,
): PlacementProblem {
  const { options } = base;
  const clusters = [...new Set(members.flatMap(({ bounds }) => bounds.clusters))];
  const candidates = base.candidates.filter(({ name }) => clusters.includes(name));
  const asked = problemOf({ unit, options, candidates, continuing: null, now: context.now, context });
  const total = members.reduce((sum, member) => sum + member.total, 0);
  const shares = record?.shares ?? evenShares(clusters);
  const weights = Object.fromEntries(
    clusters
      .map((name) => [name, Math.round((shares[name] ?? 0) * 1000)] as const)
      .filter(([, weight]) => weight > 0),
  );
  return {
    ...asked,
    clusters: asked.clusters.map((option) => ({
      ...option,
      headroomReplicas:
        option.headroomReplicas === null || total === 0
          ? null
          : Math.floor((option.headroomReplicas * PARTS) / total),
    })),
    workloads: [{ key: unit.key, replicas: PARTS, uid: '', current: divide(weights, PARTS, '') }],
    // The least of every cluster is kept by its cap.
    limits: { ...asked.limits, minReplicas: 0, maxStep: options.maxStep },
    history: { ...asked.history, movingTo: isUnderWay(record) ? record.target : null },
  };
}

/** The move that the caps are part of goes on after this step. */
function isUnderWay(record: CapRecord | null): record is CapRecord {
  if (record === null) return false;
  const names = new Set([...Object.keys(record.target), ...Object.keys(record.shares)]);
  return [...names].some(
    (name) => Math.abs((record.target[name] ?? 0) - (record.shares[name] ?? 0)) > 1 / PARTS,
  );
}

/** Of several workloads the one that was written last counts: a crash may have come between them. */
function newestRecord(members: readonly CappedMember[]): CapRecord | null {
  const [newest = null] = members
    .flatMap(({ policy }) => (policy === null ? [] : (capRecord(policy) ?? [])))
    .sort((a, b) => (a.at > b.at ? -1 : 1));
  return newest;
}

/** Judges a unit that is steered by caps. Pure: nothing is read or written. */
export function planCaps(unit: Unit, context: PlanContext): CapPlan {
  const base = basePlan(unit, context);
  const members = cappedMembers(unit, base, context);
  const record = newestRecord(members);
  const rest = (more: Partial<UnitPlan>, action: CapAction = { kind: 'none' }): CapPlan => ({
    plan: { ...base, ...more },
    members,
    record,
    action,
  });
  if (base.misconfigured !== null) return rest({});
  const blocked = fitRefusal(unit, base.options);
  if (blocked !== null) return rest({ blocked });
  if (base.mode === 'off') return rest({});
  const unbound = members.find(
    ({ scaler, bounds }) => scaler.binding === null || bounds.clusters.length === 0,
  );
  if (unbound !== undefined) {
    const what = unbound.scaler.binding === null ? unbound.scaler.label : unbound.member.workload.label;
    return rest({
      pending: `Karmada has not placed ${what} yet: a policy has to select it`,
      requeueAfter: POLL,
    });
  }
  const { map } = context;
  if (map === null) return rest({ pending: 'The first version of the carbon map is not there yet' });
  const acts = base.mode === 'act';
  if (record?.phase === 'raised') return duringStep(record, members, context, acts, rest);
  if (acts && context.frozen === null && record !== null) {
    const kept = keepRoom(record, members, context.now);
    if (kept !== null) return rest({}, kept);
  }
  const decision = context.decide(
    problem(unit, base, { ...context, map }, members, record),
    acts && context.frozen === null,
  );
  return decided(unit, base, context, decision, { members, record, acts, rest });
}

type Rest = (more: Partial<UnitPlan>, action?: CapAction) => CapPlan;

/** Raised caps stand: the others are lowered once these are rendered and had their time, or all go back. */
function duringStep(
  record: CapRecord,
  members: readonly CappedMember[],
  context: PlanContext,
  acts: boolean,
  rest: Rest,
): CapPlan {
  const at = new Date(context.now).toISOString();
  if (context.frozen !== null) {
    const back = { ...record, shares: record.before, target: record.before, phase: 'lowered' as const, at };
    const caps = members.map((each) => wanted(each, record.before));
    return rest(
      { moving: `everything is frozen: ${context.frozen}` },
      { kind: 'write', record: back, caps, event: 'rolled-back', displaced: null },
    );
  }
  if (!acts) return rest({});
  const behind = members.some(({ policy }) => policy === null || capRecord(policy)?.at !== record.at);
  if (behind) {
    const caps = members.map((each) => raised(each.standing, wanted(each, record.shares)));
    const more = { moving: 'Caps are raised', requeueAfter: POLL };
    return rest(more, { kind: 'write', record: { ...record, at }, caps, event: null, displaced: null });
  }
  const late = members.flatMap(({ scaler, standing }) =>
    scaler.binding === null ? [] : (unrendered(scaler, standing, context.works(scaler.binding.object)) ?? []),
  );
  const [waiting] = late;
  if (waiting !== undefined) {
    return rest({ moving: `Karmada has not brought the raised cap to ${waiting} yet`, requeueAfter: POLL });
  }
  const ready = Date.parse(record.at) + SETTLE;
  if (context.now < ready) {
    return rest({
      moving: 'Caps are raised; the others are lowered once KEDA has followed',
      requeueAfter: ready - context.now,
    });
  }
  const lowered: CapRecord = { ...record, phase: 'lowered', at };
  const caps = members.map((each) => wanted(each, record.shares));
  return rest(
    { moving: 'Caps are lowered' },
    {
      kind: 'write',
      record: lowered,
      caps,
      event: isUnderWay(lowered) ? null : 'completed',
      displaced: null,
    },
  );
}

/**
 * Replicas that run beyond what their clusters may keep: KEDA stops them, and starts as many where there is room. They
 * count as moved, whoever moves them.
 */
function displacedBy(members: readonly CappedMember[], shares: Shares): Divided {
  return {
    divisions: members.map((each) => {
      const { member, running, standing, bounds } = each;
      const caps = wanted(each, shares);
      const next: Record<string, number> = {};
      let left = 0;
      for (const [name, count] of Object.entries(running)) {
        next[name] = Math.min(count, caps[name] ?? count);
        left += count - next[name];
      }
      const rises = bounds.clusters.find((name) => (caps[name] ?? 0) > (standing[name] ?? 0));
      const takes = rises ?? bounds.clusters.find((name) => (caps[name] ?? 0) > (running[name] ?? 0));
      if (takes !== undefined) next[takes] = (next[takes] ?? 0) + left;
      return { key: member.workload.key, current: running, next };
    }),
  };
}

/** What runs has grown beyond its room, or left some for a while: the shares stay as they are. */
function keepRoom(record: CapRecord, members: readonly CappedMember[], now: number): CapAction | null {
  const caps = members.map((each) => wanted(each, record.shares));
  const changed = caps.some((each, index) => !sameCaps(each, members[index]?.standing ?? {}));
  if (!changed) return null;
  const rises = caps.some((each, index) =>
    Object.entries(each).some(([name, cap]) => cap > (members[index]?.standing[name] ?? 0)),
  );
  if (!rises && now < Date.parse(record.at) + EASE) return null;
  const kept = { ...record, at: new Date(now).toISOString() };
  return { kind: 'write', record: kept, caps, event: null, displaced: null };
}

function decided(
  unit: Unit,
  base: UnitPlan,
  context: PlanContext,
  decision: Decision,
  {
    members,
    record,
    acts,
    rest,
  }: { members: readonly CappedMember[]; record: CapRecord | null; acts: boolean; rest: Rest },
): CapPlan {
  if (decision.outcome === 'refuse') return rest({ decision, blocked: refusal(decision, base, context) });
  const eased = record === null ? null : Date.parse(record.at) + EASE - context.now;
  if (decision.outcome !== 'move') {
    const again =
      lookAgain({ unit, base, context, decision }) ?? (eased !== null && eased > 0 ? eased : null);
    return rest({ decision, requeueAfter: again });
  }
  if (!acts || context.frozen !== null) return rest({ decision });
  const at = new Date(context.now).toISOString();
  const next = decision.divisions[0]?.next ?? {};
  const clusters = [...new Set(members.flatMap(({ bounds }) => bounds.clusters))];
  const shares = Object.fromEntries(Object.entries(next).map(([name, parts]) => [name, parts / PARTS]));
  const goesOn = decision.continues && record !== null;
  const step: CapRecord = {
    move: goesOn ? record.move : decision.id,
    moveStartedAt: goesOn ? record.moveStartedAt : at,
    number: goesOn ? record.number + 1 : 1,
    before: record?.shares ?? evenShares(clusters),
    shares,
    target: decision.target,
    phase: 'raised',
    at,
  };
  const displaced = displacedBy(members, shares);
  const limit = context.fleetLimit(unit.key, displaced);
  if (limit !== null) {
    const held = { outcome: 'hold', heldBy: 'fleet-limit', text: `${decision.text} ${limit}` } as const;
    return rest({ decision: { ...decision, ...held }, requeueAfter: 5 * MINUTE });
  }
  const caps = members.map((each) => raised(each.standing, wanted(each, shares)));
  return rest(
    { decision, moving: decision.text, requeueAfter: SETTLE },
    { kind: 'write', record: step, caps, event: goesOn ? null : 'begun', displaced },
  );
}
