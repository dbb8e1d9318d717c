import { HOUR, MINUTE, type Millis } from '@windvane/carbon-map';
import type { Decision } from '../../engine/decision.ts';
import { clusterCount } from '../../engine/evidence.ts';
import { noneAllowed } from '../../optin/locations.ts';
import type { UnitOptions } from '../../optin/options.ts';
import type { BlockedReason } from '../../status/carbon-placement.ts';
import type { Finding } from '../../status/conditions.ts';
import { backToFound } from './back-to-found.ts';
import { type Candidates, isEligible } from './candidates.ts';
import { fitRefusal } from './fit.ts';
import { makeStep } from './move/make-step.ts';
import { destination, foundClusters, type StepRecord, surgeEnds } from './move/step-record.ts';
import { choiceUnderWindvane, observedText } from './observed.ts';
import { revertedMessage } from './ownership.ts';
import { problemOf } from './problem.ts';
import { eligibleSets } from './scheduler/membership.ts';
import { firstScores, type ScoreBasis, staleScores } from './scores/wanted.ts';
import { isSteered, scoreName } from './steering.ts';
import { type PlacementView, type Unit, worksAvailable } from './unit.ts';
import type { PlanContext, UnitAction, UnitPlan, Verdict } from './unit-plan.ts';

const SURGE_ENDS_ALLOWED = 1;

/** A unit whose Placement can be decided. */
interface Situation {
  readonly unit: Unit & { readonly placement: PlacementView };
  readonly base: UnitPlan;
  readonly candidates: Candidates;
  readonly context: PlanContext & { readonly map: NonNullable<PlanContext['map']> };
  readonly count: number;
  /** A step stands and is done. */
  readonly stepDone: boolean;
}

/** What is decided for a unit at rest, and what is done about it. */
export function judge(
  unit: Situation['unit'],
  base: UnitPlan,
  candidates: Candidates,
  context: PlanContext,
  stepDone: boolean,
): Verdict {
  const blocked = fitRefusal(unit, base.options, context.hub.cel);
  if (blocked !== null) return { blocked };
  if (base.mode === 'off') return {};
  if (base.hold?.reason === 'RevertedByOther') {
    const message = revertedMessage(unit.label, 'somebody');
    return { blocked: { reason: 'RevertedByOther', message } };
  }
  const { map } = context;
  if (map === null) return { pending: 'The first version of the carbon map is not there yet' };
  const count = unit.placement.spec.numberOfClusters ?? 1;
  const situation = { unit, base, candidates, context: { ...context, map }, count, stepDone };
  const few = tooFewClusters(situation);
  if (few !== null) return { blocked: few };
  if (unit.decided.length !== count) {
    return { pending: `OCM has not yet decided for ${count} clusters for ${unit.label}` };
  }
  const stuck = notReady(situation);
  return stuck === null ? decided(situation) : { blocked: stuck };
}

/** With too few OCM takes what Windvane would exclude: scores cannot keep it from that. */
function tooFewClusters(situation: Situation): Finding<BlockedReason> | null {
  const { unit, base, candidates, context, count } = situation;
  const eligible = base.candidates.filter(isEligible).length;
  if (eligible >= count) return null;
  const others = candidates.feasible.size - eligible;
  const unfit =
    others > 0 ? ` (${others} more fit it, but are not ready, outside its locations or to be avoided)` : '';
  const message =
    unbound(unit, context) ??
    noneAllowed(candidates.clusters, base.options.locations, context.locations) ??
    `${unit.label} asks for ${clusterCount(count)} and ${eligible} may be chosen${unfit}: nothing is moved; ${widening(base.options, count)}`;
  return { reason: 'TooFewClusters', message };
}

/** A Placement chooses from the sets that are bound to its namespace alone; null when one of them is. */
function unbound({ placement }: Situation['unit'], { hub }: Situation['context']): string | null {
  const namespace = placement.object.metadata.namespace ?? '';
  if (eligibleSets(namespace, placement.spec, hub).length > 0) return null;
  const sets = placement.spec.clusterSets ?? [];
  const which = sets.length === 0 ? 'no ManagedClusterSet' : `none of its clusterSets (${sets.join(', ')})`;
  return `${which} is bound to namespace ${namespace}, so ${placement.label} has no cluster to choose: make a ManagedClusterSetBinding there`;
}

/** What would let more clusters be chosen, as far as the opt-in and the count are in the way. */
function widening({ locations }: UnitOptions, count: number): string {
  const ways = [
    ...(locations.length > 0
      ? ['widen windvane.dev/locations']
      : ['see that more clusters fit it and are ready']),
    ...(count > 1 ? ['lower numberOfClusters'] : []),
  ];
  return ways.join(', or ');
}

/** A cluster that holds the work and does not answer: OCM's own taints take it out of the decision, not Windvane. */
function notReady({ unit, candidates }: Situation): Finding<BlockedReason> | null {
  const silent = candidates.clusters.find(({ name, available }) => !available && unit.decided.includes(name));
  if (silent === undefined) return null;
  return {
    reason: 'NotReadyCluster',
    message: `${silent.name} is not available and holds the work of ${unit.label}: nothing is moved until it is back, or OCM lets it go`,
  };
}

function decided(situation: Situation): Verdict {
  const { unit, base, candidates, context, count, stepDone } = situation;
  const { step } = base;
  const continuing = stepDone || (step !== null && step.number > 1) ? step : null;
  const judged = context.decide(
    problemOf({
      unit,
      options: base.options,
      clusters: candidates.clusters,
      candidates: base.candidates,
      count,
      continuing,
      now: context.now,
      context,
    }),
  );
  const decision = backToFound(judged, base.data === 'stale', {
    key: unit.placement.key,
    options: base.options,
    candidates: base.candidates,
    decided: unit.decided,
    found: foundClusters(unit.placement.object),
    continuing,
  });
  const mayWrite = base.mode === 'act' && context.frozen === null;
  const finish: UnitAction | null =
    stepDone && mayWrite ? { kind: 'finish', result: 'completed', message: decision.text } : null;
  const rest: Verdict = finish === null ? { decision } : { decision, action: finish };
  if (decision.outcome === 'refuse') return { ...rest, blocked: refusal(decision, situation) };
  if (mayWrite && finish === null) {
    const action = tending(situation, decision);
    if (action !== null) return { decision, action };
  }
  const observed = base.mode === 'observe' ? observe(situation, decision) : null;
  if (decision.outcome !== 'move') return { ...rest, observed, requeueAfter: lookAgain(situation, decision) };
  if (!mayWrite) return { decision, observed };
  return { ...rest, ...begin(situation, decision) };
}

function observe({ unit, base, candidates, context }: Situation, decision: Decision): string {
  const under = choiceUnderWindvane(unit, base.candidates, candidates, decision, context);
  return observedText(unit.decided, under, decision);
}

/** The scores are brought in order before anything is moved by them. */
function tending({ unit, base, context }: Situation, decision: Decision): UnitAction | null {
  const { object } = unit.placement;
  const basis: ScoreBasis = { candidates: base.candidates, decided: new Set(unit.decided), decision };
  if (!isSteered(object)) return { kind: 'steer', writes: firstScores(basis) };
  const name = scoreName(object);
  const writes = staleScores(basis, (cluster) => context.score(cluster, name));
  return writes.length === 0 ? null : { kind: 'tend', writes };
}

function begin(situation: Situation, decision: Decision): Verdict {
  const { unit, base, context, stepDone } = situation;
  const step = stepOf(situation, decision);
  const surgeRefused = step.surge && surgeEnds(unit.placement.object, base.optInHash) > SURGE_ENDS_ALLOWED;
  if (surgeRefused) {
    return {
      blocked: {
        reason: 'FieldConflict',
        message: `somebody put numberOfClusters of ${unit.label} back during the last two moves; annotate it with windvane.dev/surge-clusters: "0" to move without it and accept a gap, or keep it out of what puts it back`,
      },
    };
  }
  const waits = staying(step).find((cluster) => !worksAvailable(unit, cluster));
  if (waits !== undefined) {
    return {
      pending: `the work of ${unit.label} is not available in ${waits}; it is not moved meanwhile`,
      requeueAfter: MINUTE,
    };
  }
  const limit = context.fleetLimit(unit.key, decision);
  if (limit !== null) {
    return {
      decision: { ...decision, outcome: 'hold', heldBy: 'fleet-limit', text: `${decision.text} ${limit}` },
      requeueAfter: 5 * MINUTE,
    };
  }
  const replaces = base.step !== null && (stepDone || base.step.number > 1) && !decision.continues;
  return { moving: decision.text, action: { kind: 'begin', decision, step, replaces } };
}

/** Clusters that the step leaves alone: something is wrong, or a rollout under way, where their work is missing. */
function staying(step: StepRecord): string[] {
  return step.from.filter((name) => !Object.hasOwn(step.leave, name) && destination(step).includes(name));
}

function refusal(decision: Decision, { candidates, context }: Situation): Finding<BlockedReason> {
  if (decision.heldBy === 'no-ready-cluster') return { reason: 'NotReadyCluster', message: decision.text };
  const zones = candidates.clusters
    .map(({ place }) => place.zone)
    .filter((zone) => zone !== null && context.map.zones[zone]?.data === 'stale');
  if (zones.length > 0) {
    return {
      reason: 'StaleData',
      message: `The last readings of ${[...new Set(zones)].join(', ')} are too old: nothing is moved until newer ones come (windvane.dev/on-stale-data: keep)`,
    };
  }
  const excluded = candidates.clusters.find(({ place }) => place.excluded !== null);
  const hint = excluded === undefined ? '' : ` ${excluded.name}: ${excluded.place.excluded ?? ''}.`;
  return { reason: 'NoData', message: `${decision.text}${hint}` };
}

/** When a limit in time that holds the decision back ends; null when only news can change it. */
function lookAgain({ unit, base, context }: Situation, decision: Decision): Millis | null {
  if (decision.heldBy === 'max-moves-per-day') return HOUR;
  if (decision.heldBy !== 'cooldown') return null;
  const ends = unit.members.flatMap(({ remembered }) =>
    remembered.moves.map((move) => (move.finishedAt === null ? 0 : Date.parse(move.finishedAt))),
  );
  return Math.max(MINUTE, Math.max(0, ...ends) + base.options.cooldown - context.now);
}

function stepOf({ unit, base, context, count, stepDone }: Situation, decision: Decision): StepRecord {
  const before = decision.continues ? base.step : null;
  const name = scoreName(unit.placement.object);
  return makeStep({
    decision,
    decided: unit.decided,
    candidates: base.candidates,
    score: (cluster) => context.score(cluster, name),
    count,
    surge: base.options.surgeClusters > 0,
    before,
    number: before === null ? 1 : before.number + (stepDone ? 1 : 0),
    now: context.now,
  });
}
