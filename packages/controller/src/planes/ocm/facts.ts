import type { Instant } from '@windvane/carbon-map';
import type { Decision } from '../../engine/decision.ts';
import type { ClusterOption } from '../../engine/problem.ts';
import { ASSUMED_WATTS } from '../../optin/options.ts';
import { account, gramsPerHour } from '../../status/accounting.ts';
import type { StatusFacts } from '../../status/build.ts';
import type { FoundValue, SplitEntry } from '../../status/carbon-placement.ts';
import { foundRecord } from '../shared/annotations.ts';
import { frozenText } from '../shared/freeze.ts';
import { memoized } from '../shared/memo.ts';
import { type MoveChange, movesAfter, startsAfter } from '../shared/moves.ts';
import { destination, foundClusters, type StepRecord } from './move/step-record.ts';
import { type Unit, type UnitMember, worksAvailable } from './unit.ts';
import type { UnitPlan } from './unit-plan.ts';

/** A hub may have a thousand clusters; a status names no more than this beside those decided for. */
const SHOWN_OTHERS = 30;

/** One copy in each. */
const copies = (clusters: readonly string[]): Record<string, number> =>
  Object.fromEntries(clusters.map((name) => [name, 1]));

type Options = readonly ClusterOption[];

// Placements share lists of a thousand clusters, so what is read from a list is read once.
const byName = memoized((options: Options) => new Map(options.map((option) => [option.name, option])));
const dirt = ({ gramsPerKwh }: ClusterOption): number => gramsPerKwh ?? Number.MAX_VALUE;
const cleanestFirst = memoized((options: Options) =>
  options.toSorted((a, b) => dirt(a) - dirt(b) || (a.name < b.name ? -1 : 1)),
);
const reasonsIn = memoized(
  (clusters: Decision['clusters']) => new Map(clusters.map((each) => [each.cluster, each.reason])),
);

/** Clusters of a status, in ascending order: those decided for, and the cleanest others. */
function shownClusters({ decided }: Unit, { candidates }: UnitPlan): string[] {
  const shown: string[] = [];
  for (const { name } of cleanestFirst(candidates)) {
    if (shown.length === SHOWN_OTHERS) break;
    if (!decided.includes(name)) shown.push(name);
  }
  return [...decided, ...shown].sort();
}

function splitOf(unit: Unit, member: UnitMember, plan: UnitPlan): SplitEntry[] {
  const options = byName(plan.candidates);
  const reasons = plan.decision === null ? null : reasonsIn(plan.decision.clusters);
  return shownClusters(unit, plan).map((cluster) => {
    const option = options.get(cluster);
    const chosen = unit.decided.includes(cluster);
    const grams = option?.gramsPerKwh ?? null;
    const evidence = reasons?.get(cluster) ?? member.remembered.splitReasons[cluster];
    return {
      cluster,
      zone: option?.zone ?? null,
      replicas: chosen ? 1 : 0,
      share: chosen ? Math.round(1000 / unit.decided.length) / 1000 : 0,
      gramsPerKwh: grams === null ? null : Math.round(grams * 10) / 10,
      reason: reasonOf(unit, cluster, chosen, plan, evidence),
    };
  });
}

function reasonOf(
  unit: Unit,
  cluster: string,
  chosen: boolean,
  { shunned }: UnitPlan,
  evidence: string | undefined,
): string {
  const until = shunned[cluster];
  if (until !== undefined) return `Its work did not become available here; left alone until ${until}.`;
  if (chosen && !worksAvailable(unit, cluster))
    return 'OCM has decided for it; its work is not available yet.';
  return evidence ?? (chosen ? 'OCM has decided for it.' : '');
}

function changeOf({ action, step }: UnitPlan): MoveChange {
  if (action.kind === 'begin') {
    const { move, moveStartedAt, from } = action.step;
    const to = destination(action.step);
    const places = { from: copies(from), to: copies(to) };
    return { kind: 'begin', move, startedAt: moveStartedAt, replaces: action.replaces, ...places };
  }
  if (action.kind === 'finish') return { kind: 'end', result: action.result };
  if (action.kind === 'yield' && step === null) return { kind: 'end', result: 'ended' };
  return { kind: 'none', open: step !== null };
}

/** The step that stands, or that is about to be written, without what is only of use to the controller. */
function stepOf({ action, step }: UnitPlan): StatusFacts['step'] {
  const shown: StepRecord | null =
    action.kind === 'begin' ? action.step : action.kind === 'finish' || action.kind === 'yield' ? null : step;
  if (shown === null) return null;
  const { move, number, startedAt, enter, leave, surge, count, back } = shown;
  return {
    move,
    number,
    startedAt,
    enter: Object.keys(enter),
    leave: Object.keys(leave),
    surge,
    numberOfClusters: count,
    ...(back === null ? {} : { back: back.message }),
  };
}

/** What the prioritizer policy was before Windvane first wrote it; null while it never did. */
function foundOf({ placement }: Unit, intent: FoundValue | null): FoundValue | null {
  const found = intent ?? (placement === null ? null : foundRecord(placement.object));
  if (found === null) return null;
  return found.present ? { present: true, value: found.value } : { present: false, value: null };
}

/** What is said about one member of the unit. `intent`: the found value, when a first write is about to be made. */
export function factsOf(
  unit: Unit,
  member: UnitMember,
  plan: UnitPlan,
  intent: FoundValue | null,
  now: Instant,
): StatusFacts {
  const { remembered } = member;
  const options = byName(plan.candidates);
  const gramsPerKwh = (cluster: string): number | null => options.get(cluster)?.gramsPerKwh ?? null;
  const watts = plan.options.wattsPerReplica ?? ASSUMED_WATTS;
  const standing = copies(unit.decided);
  // Until the first write it runs as it was found.
  const asFound = unit.placement === null ? null : foundClusters(unit.placement.object);
  const actual = gramsPerHour({ replicas: standing, gramsPerKwh }, watts);
  const reference = gramsPerHour(
    { replicas: asFound === null ? standing : copies(asFound), gramsPerKwh },
    watts,
  );
  const rate = actual === null || reference === null ? null : { actual, asFound: reference };
  const [first] = cleanestFirst(plan.candidates);
  const cleanest = first === undefined || first.gramsPerKwh === null ? null : first;
  const change = changeOf(plan);
  return {
    mode: plan.mode,
    frozen: plan.frozen !== null,
    misconfigured: plan.misconfigured,
    blocked: plan.blocked,
    pending: plan.pending,
    moving: plan.moving,
    text: frozenText(
      plan.frozen,
      plan.observed ?? plan.decision?.text ?? remembered.decision?.text ?? 'Nothing is decided.',
    ),
    data: plan.data,
    replicas: unit.decided.length,
    split: splitOf(unit, member, plan),
    cleanest: cleanest === null ? null : { cluster: cleanest.name, zone: cleanest.zone ?? '' },
    decision: plan.decision,
    step: stepOf(plan),
    moves: movesAfter(remembered.moves, change, standing, now),
    moveStarts: startsAfter(remembered.moveStarts, change, now),
    found: foundOf(unit, intent),
    hold: plan.hold,
    accounting:
      plan.candidates.length === 0 ? remembered.accounting : account(remembered.accounting, rate, now),
    generation: member.object.metadata.generation ?? 0,
  };
}
