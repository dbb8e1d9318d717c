import type { DataQuality, Instant } from '@windvane/carbon-map';
import { formatDuration } from '../config/duration.ts';
import type { Decision } from '../engine/decision.ts';
import { savedBy } from './accounting.ts';
import type {
  Accounting,
  CarbonPlacementStatus,
  DecisionSummary,
  DispatchRecord,
  EffectiveMode,
  FoundValue,
  MoveRecord,
  PlacementState,
  SplitEntry,
  StatusSummary,
} from './carbon-placement.ts';
import { type ConditionFacts, conditionsOf } from './conditions.ts';
import type { Remembered } from './schema.ts';

/** Everything that one workload's status says. */
export interface StatusFacts extends ConditionFacts {
  readonly mode: EffectiveMode;
  readonly frozen: boolean;
  readonly data: DataQuality;
  readonly replicas: number;
  readonly split: readonly SplitEntry[];
  /** Lowest intensity among the clusters of the policy; null without data. */
  readonly cleanest: { readonly cluster: string; readonly zone: string } | null;
  /** Null keeps the last one. */
  readonly decision: Decision | DecisionSummary | null;
  readonly step: Readonly<Record<string, unknown>> | null;
  readonly moves: readonly MoveRecord[];
  readonly moveStarts: readonly string[];
  readonly found: FoundValue | null;
  readonly hold: CarbonPlacementStatus['hold'];
  readonly accounting: Accounting | null;
  readonly generation: number;
  /** Of a Job alone. */
  readonly dispatch?: DispatchRecord;
}

const KEPT_MOVES = 10;

/**
 * Precedence: Frozen, Misconfigured (shown as Blocked), Blocked, Observing, the rest. What was dispatched is out of
 * reach of all of them.
 */
function stateOf(facts: StatusFacts): PlacementState {
  if (facts.phase === 'Dispatched' || facts.phase === 'Done') return facts.phase;
  if (facts.frozen) return 'Frozen';
  if (facts.misconfigured !== null || facts.blocked !== null) return 'Blocked';
  if (facts.mode !== 'act') return 'Observing';
  if (facts.pending !== null) return 'Pending';
  return facts.phase ?? (facts.moving === null ? 'Steady' : 'Moving');
}

function summaryOfDecision(decision: Decision): DecisionSummary {
  return {
    id: decision.id,
    at: new Date(decision.at).toISOString(),
    target: Object.fromEntries(
      Object.entries(decision.target).map(([cluster, share]) => [cluster, Math.round(share * 1000) / 1000]),
    ),
    gain: Math.round(decision.gain.share * 1000) / 1000,
    moveCost: formatDuration(decision.moveCost),
    confidence: Math.round(decision.confidence * 100) / 100,
    runnerUp: decision.runnerUp === null ? null : `${decision.runnerUp.cluster}: ${decision.runnerUp.reason}`,
    text: decision.text,
  };
}

/** The same decision made again (only its time and its identity differ) stays as it was written first. */
function decisionOf(
  decision: Decision | DecisionSummary | null,
  before: DecisionSummary | null,
): DecisionSummary | null {
  if (decision === null) return before;
  const next = 'clusters' in decision ? summaryOfDecision(decision) : decision;
  const content = ({ target, gain, text }: DecisionSummary): string =>
    JSON.stringify([Object.entries(target).sort(([a], [b]) => (a < b ? -1 : 1)), gain, text]);
  return before !== null && content(before) === content(next) ? before : next;
}

/** `12 %, 3.4 kg` */
function savedText(saved: CarbonPlacementStatus['saved']): string {
  if (saved === null) return '-';
  const amount =
    Math.abs(saved.grams) < 1000 ? `${saved.grams} g` : `${Math.round(saved.grams / 100) / 10} kg`;
  return `${Math.round(saved.percent)} %, ${amount}`;
}

function summaryOf(facts: StatusFacts, saved: CarbonPlacementStatus['saved']): StatusSummary {
  const running = facts.split.filter((entry) => entry.replicas > 0);
  const known = running.filter((entry) => entry.gramsPerKwh !== null);
  const replicas = known.reduce((sum, entry) => sum + entry.replicas, 0);
  const grams = known.reduce((sum, entry) => sum + entry.replicas * (entry.gramsPerKwh ?? 0), 0);
  return {
    cleanest: facts.cleanest === null ? null : `${facts.cleanest.cluster} (${facts.cleanest.zone})`,
    split: running.map((entry) => `${entry.cluster} ${entry.replicas}`).join(', '),
    gramsPerKwh: replicas === 0 ? null : Math.round(grams / replicas),
    saved: savedText(saved),
  };
}

/** Writes down one workload's status. Times of what did not change are taken over from the stored status. */
export function buildStatus(facts: StatusFacts, before: Remembered, now: Instant): CarbonPlacementStatus {
  const saved = savedBy(facts.accounting);
  const at = new Date(now).toISOString().replace(/\.\d{3}Z$/, 'Z');
  return {
    mode: facts.mode,
    state: stateOf(facts),
    reason: facts.misconfigured?.reason ?? facts.blocked?.reason ?? null,
    data: facts.data,
    replicas: facts.replicas,
    split: facts.split,
    decision: decisionOf(facts.decision, before.decision),
    step: facts.step,
    moves: facts.moves.slice(-KEPT_MOVES),
    moveStarts: facts.moveStarts,
    found: facts.found,
    saved,
    hold: facts.hold,
    conditions: conditionsOf(facts, before.conditions, at, facts.generation),
    observedGeneration: facts.generation,
    summary: summaryOf(facts, saved),
    accounting: facts.accounting,
    ...(facts.dispatch === undefined ? {} : { dispatch: facts.dispatch }),
  };
}
