import { mostByShare, type WorkloadBounds, workloadBounds } from './bounds.ts';
import { classOf } from './class.ts';
import type { Decision, DecisionOutcome, HeldBy, WorkloadDivision } from './decision.ts';
import {
  COUNTED,
  carbonText,
  clusterCount,
  clusterEvidence,
  percent,
  runnerUpOf,
  splitText,
} from './evidence.ts';
import { decisionId } from './identity.ts';
import { type LateEvidence, once, withEvidence } from './late-evidence.ts';
import { type JudgedCluster, judgeClusters } from './options.ts';
import { supportOf } from './pair-change.ts';
import { cheapestFirst, type Plan, type PlanQuestion, planUnit } from './plan.ts';
import type { PlacementProblem } from './problem.ts';
import { nextStep, type Step, shares, targetReplicas, thousandths } from './step.ts';
import { same, zeros } from './vectors.ts';
import { tooSoon, type Worth, worthOf } from './weigh.ts';

const HOUR_MS = 3_600_000;

/** A problem with everything that is derived from it once. */
interface Situation {
  readonly problem: PlacementProblem;
  readonly clusters: readonly JudgedCluster[];
  readonly bounds: readonly WorkloadBounds[];
  readonly current: readonly number[];
  readonly lower: readonly number[];
  readonly upper: readonly number[];
  /** Other units have the very same bounds. */
  readonly shared: boolean;
  readonly initial: boolean;
  /** Something stands where it must not. */
  readonly mandatory: boolean;
}

/** Where a unit should go, before any limit in time was asked. */
interface Aim {
  readonly target: readonly number[];
  readonly goals: readonly (readonly number[])[];
  readonly worth: Worth;
  readonly continues: boolean;
}

/** What comes of it. */
interface Verdict {
  readonly outcome: DecisionOutcome;
  readonly heldBy: HeldBy | null;
  readonly aim: Aim;
  readonly step: Step | null;
  readonly text: () => string;
}

/**
 * Decides where one unit should run and what its next step is. Pure: the same problem gives the same decision, in any
 * order of clusters and workloads' clusters.
 */
export function decide(problem: PlacementProblem): Decision {
  const { situation, verdict } = judged(problem);
  const { outcome, heldBy, aim } = verdict;
  return withEvidence(
    {
      unit: problem.unit,
      at: problem.at,
      mapVersion: problem.mapVersion,
      outcome,
      heldBy,
      gain: { share: aim.worth.gain, horizon: aim.worth.hours * HOUR_MS },
      continues: aim.continues,
      last: nextOf(situation, verdict).every((vector, index) => same(vector, aim.goals[index] ?? [])),
      moveCost: problem.limits.moveCost,
    },
    // Derived again rather than kept: few decisions of a large fleet are read, and their vectors would fill the memory.
    () => evidenceOf(problem),
  );
}

function judged(problem: PlacementProblem): { readonly situation: Situation; readonly verdict: Verdict } {
  const situation = situationOf(problem);
  return { situation, verdict: refusal(situation) ?? judge(situation) };
}

function situationOf(problem: PlacementProblem): Situation {
  const clusters = judgeClusters(problem);
  const bounds = workloadBounds(problem, clusters);
  const shared = bounds.length === 1 ? (bounds[0]?.shared ?? null) : null;
  return {
    problem,
    clusters,
    bounds,
    current: shares(bounds.map((each) => each.current)),
    lower: shared?.lowerShares ?? unitBound(bounds, 'lower', clusters.length),
    upper: shared?.upperShares ?? unitBound(bounds, 'upper', clusters.length),
    shared: shared !== null,
    initial: bounds.every((each) => each.initial),
    mandatory: bounds.some(standsAbove),
  };
}

/** Bounds of the whole unit, in shares of its replicas. */
function unitBound(
  bounds: readonly WorkloadBounds[],
  which: 'lower' | 'upper',
  clusters: number,
): readonly number[] {
  const result = zeros(clusters);
  let replicas = 0;
  for (const each of bounds) {
    replicas += each.workload.replicas;
    const bound = each[which];
    for (let index = 0; index < clusters; index++) {
      result[index] = (result[index] ?? 0) + (bound[index] ?? 0);
    }
  }
  if (replicas === 0) return zeros(clusters);
  for (let index = 0; index < clusters; index++) result[index] = (result[index] ?? 0) / replicas;
  return result;
}

function standsAbove({ current, upper }: WorkloadBounds): boolean {
  for (let index = 0; index < current.length; index++) {
    if ((current[index] ?? 0) > (upper[index] ?? 0)) return true;
  }
  return false;
}

/** Cases in which nothing can be decided. */
function refusal(situation: Situation): Verdict | null {
  const { problem, clusters } = situation;
  if (classOf(clusters).feed.length > 0) return null;
  const candidates = clusters.filter((cluster) => cluster.option.allowed && !cluster.option.avoid);
  const ready = candidates.filter((cluster) => cluster.option.ready);
  const unpriced = ready.length > 0 && ready.every((cluster) => cluster.barrier === 'no-price');
  const missing = unpriced ? 'price' : 'data';
  const text =
    ready.length > 0
      ? `No ${missing} for any cluster that ${problem.unit} may use: nothing is moved.`
      : `No cluster that ${problem.unit} may use is ready: nothing is moved.`;
  return {
    outcome: 'refuse',
    heldBy: ready.length > 0 ? `no-${missing}` : 'no-ready-cluster',
    aim: standStill(situation),
    step: null,
    text: () => text,
  };
}

function standStill(situation: Situation): Aim {
  const { current, problem, clusters, bounds } = situation;
  return {
    target: current,
    goals: bounds.map((each) => each.current),
    worth: worthOf(problem, clusters, current, current, 1),
    continues: false,
  };
}

function judge(situation: Situation): Verdict {
  const { problem, clusters, current, lower, upper, initial, mandatory } = situation;
  const moveHours = problem.limits.moveCost / HOUR_MS;
  const question = { clusters, current, lower, upper, moveHours, shared: situation.shared };
  const plan = planUnit(question);
  const aim = inFlight(situation, plan) ?? aimAt(situation, plan.target, plan.hours);
  if (standsThere(situation, aim)) return stay(situation, aim, question);
  if (!aim.continues && !initial) {
    const heldBy = tooSoon(problem) ?? (mandatory ? null : notWorth(situation, aim));
    if (heldBy !== null) return hold(situation, aim, heldBy);
  }
  const step = nextStep(clusters, situation.bounds, aim.target, aim.goals);
  if (step === null) return hold(situation, aim, 'indivisible');
  return { outcome: 'move', heldBy: null, aim, step, text: () => moveText(situation, aim, step) };
}

/** What speaks against a move that nobody is forced to make. */
function notWorth(situation: Situation, { target, worth }: Aim): HeldBy | null {
  const { problem, clusters, current } = situation;
  if (worth.gain < problem.limits.minGain) return 'min-gain';
  return supportOf(problem, clusters, current, target).on === 'nothing' ? 'pair-change' : null;
}

function standsThere({ bounds }: Situation, aim: Aim): boolean {
  return bounds.every((each, index) => same(each.current, aim.goals[index] ?? []));
}

function aimAt(situation: Situation, target: readonly number[], hours: number): Aim {
  const { problem, clusters, bounds, current } = situation;
  const worth = worthOf(problem, clusters, current, target, hours);
  return { target, goals: targetReplicas(target, bounds), worth, continues: false };
}

function hold(situation: Situation, aim: Aim, heldBy: HeldBy): Verdict {
  return { outcome: 'hold', heldBy, aim, step: null, text: () => holdText(situation, aim, heldBy) };
}

/** The planner stays. When something is better on average, it is the cost of the move that speaks against it. */
function stay(situation: Situation, aim: Aim, question: PlanQuestion): Verdict {
  const better = aimAt(situation, cheapestFirst(question), question.clusters[0]?.costs.length ?? 1);
  if (!aim.continues && better.worth.saved > 0 && !standsThere(situation, better)) {
    return hold(situation, better, 'move-cost');
  }
  return { outcome: 'keep', heldBy: null, aim, step: null, text: () => keepText(situation) };
}

/** The move that is under way, unless it stopped being right. */
function inFlight(situation: Situation, plan: Plan): Aim | null {
  const { problem, clusters, current } = situation;
  const { movingTo } = problem.history;
  if (movingTo === null) return null;
  const target = clusters.map((cluster) => movingTo[cluster.name] ?? 0);
  const moveHours = problem.limits.moveCost / HOUR_MS;
  let advantage = 0;
  for (const [index, cluster] of clusters.entries()) {
    const more = (target[index] ?? 0) - (current[index] ?? 0);
    if (Math.abs(more) < 1e-6) continue;
    if (cluster.role !== 'feed') {
      if (more > 0) return null;
      continue;
    }
    advantage -= more * (plan.values[index] ?? 0);
    if (more > 0) advantage -= more * moveHours * Math.max(0, cluster.costs[0] ?? 0);
  }
  const leaving = clusters.some(({ role }, index) => role === 'leave' && (current[index] ?? 0) > 0);
  if (advantage < 0 && !leaving) return null;
  return { ...aimAt(situation, target, meanHours(clusters)), continues: true };
}

function meanHours(clusters: readonly JudgedCluster[]): number {
  return Math.max(1, ...clusters.map((cluster) => cluster.costs.length));
}

/** Replicas per workload and judged cluster after the step; what stands when there is none. */
function nextOf({ bounds }: Situation, { step }: Verdict): readonly (readonly number[])[] {
  return step?.next ?? bounds.map((each) => each.current);
}

function evidenceOf(problem: PlacementProblem): LateEvidence {
  const { situation, verdict } = judged(problem);
  const { clusters, bounds, current, upper, lower } = situation;
  const { aim, step, outcome } = verdict;
  const next = nextOf(situation, verdict);
  const named = (parts: readonly number[]) => byName(clusters, parts);
  const weights = outcome === 'refuse' ? {} : named(step?.weights ?? thousandths(current, next));
  const divisions: WorkloadDivision[] = bounds.map((each, index) => ({
    key: each.workload.key,
    current: each.scaled ? named(each.current) : each.workload.current,
    next: named(next[index] ?? []),
  }));
  return {
    weights,
    divisions,
    target: named(aim.target),
    id: once(() => decisionId(problem, [outcome, weights, divisions])),
    confidence: once(() => confidenceOf(situation)),
    runnerUp: once(() => runnerUpOf(problem, clusters, aim.target)),
    clusters: once(() => clusterEvidence(problem, clusters, current, aim.target, upper, lower)),
    text: once(verdict.text),
  };
}

function byName(clusters: readonly JudgedCluster[], parts: readonly number[]): Record<string, number> {
  const named: Record<string, number> = {};
  for (const [index, part] of parts.entries()) {
    const cluster = clusters[index];
    if (part !== 0 && cluster !== undefined) named[cluster.name] = part;
  }
  return named;
}

/** One minus the expected relative error of the forecasts; a quarter when there are none. */
function confidenceOf(situation: Situation): number {
  let error = 0;
  let total = 0;
  for (const cluster of situation.clusters) {
    if (cluster.role !== 'feed') continue;
    for (const point of cluster.option.forecast.slice(0, cluster.costs.length)) {
      if (point.expectedError === null) continue;
      error += point.expectedError;
      total += point.gramsPerKwh;
    }
  }
  return total > 0 ? Math.max(0, Math.min(1, 1 - error / total)) : 0.25;
}

function keepText(situation: Situation): string {
  const { problem, clusters, current } = situation;
  const split = splitText(clusters, current);
  if (split === '') return `${problem.unit} has no replicas.`;
  return `${split}: already the best under the limits.${unmetText(situation)}${basisText(situation)}`;
}

/** Says which of the limits ask for what cannot be, and what became of them. */
function unmetText({ problem, clusters, bounds, current }: Situation): string {
  const { minReplicas } = problem.limits;
  const fed = clusters.filter(({ role }) => role === 'feed');
  const allowed = (replicas: number): number =>
    fed.reduce((sum, { option }) => sum + mostByShare(option.maxShare, replicas), 0);
  const holding = clusters.filter(({ role }, index) => role === 'feed' && (current[index] ?? 0) > 0).length;
  const replicas = Math.min(...bounds.map(({ workload }) => workload.replicas));
  const ceilings =
    allowed(replicas) < replicas
      ? ` max-share lets ${clusterCount(fed.length)} take ${allowed(replicas)} of ${replicas} replicas: the rest stays where it is.`
      : '';
  const floors =
    minReplicas * holding > replicas
      ? ` min-replicas asks for ${minReplicas * holding} replicas in ${clusterCount(holding)} and there are ${replicas}: each keeps what it holds, up to ${minReplicas}.`
      : '';
  return ceilings + floors;
}

/** Says on what little the judgement rests when there is no forecast to look ahead with. */
function basisText({ clusters }: Situation): string {
  const fed = clusters.filter((cluster) => cluster.role === 'feed');
  if (fed.some((cluster) => cluster.option.forecast.length > 0)) return '';
  return ` No forecast: the present values are believed for ${fed[0]?.costs.length ?? 0} h.`;
}

function holdText(situation: Situation, aim: Aim, heldBy: HeldBy): string {
  const { problem, clusters } = situation;
  const { gain, hours } = aim.worth;
  const better = `${splitText(clusters, aim.target)} would save ${percent(gain)} over the next ${hours} h`;
  const because: Partial<Record<HeldBy, string>> = {
    'min-gain': `less than the ${percent(problem.limits.minGain)} that is worth a move`,
    'move-cost': 'but to move now does not pay for the work that it would lose',
    'pair-change': 'but not under the signal that the map left, and no readings are newer than that change',
    indivisible: 'but no weights suit all of its workloads within their limits',
    cooldown: 'but the last move is too recent',
    'max-moves-per-day': `but ${problem.history.movesLastDay} moves were begun in the last day`,
  };
  return `${better}, ${because[heldBy] ?? heldBy}.${basisText(situation)}`;
}

function moveText(situation: Situation, aim: Aim, step: Step): string {
  const { clusters, current, initial, mandatory, problem } = situation;
  const to = splitText(clusters, shares(step.next));
  if (initial) return `First placement: ${to}.`;
  const { gain, hours } = aim.worth;
  const way = `${splitText(clusters, current)} becomes ${to}`;
  const end = step.next.every((vector, index) => same(vector, aim.goals[index] ?? []))
    ? ''
    : `, on the way to ${splitText(clusters, aim.target)}`;
  const why = mandatory
    ? 'some replicas stand where they may not'
    : `saves ${percent(gain)} ${COUNTED[problem.objective]} over the next ${hours} h${carbonText(problem, clusters, current, aim.target)}`;
  return `${way}${end}: ${why}.${mandatory ? '' : supportText(situation, aim)}${basisText(situation)}`;
}

/** Says why a move may be made although the map has just changed its pair. */
function supportText({ problem, clusters, current }: Situation, { target }: Aim): string {
  const support = supportOf(problem, clusters, current, target);
  if (support.on === 'newer-readings') return ' The readings are newer than the change of signal.';
  if (support.on !== 'old-pair') return '';
  return ` It gains ${percent(support.gain)} under the signal that the map left, too.`;
}
