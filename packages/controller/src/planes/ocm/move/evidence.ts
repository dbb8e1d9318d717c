import { type Instant, MINUTE, type Millis } from '@windvane/carbon-map';
import type { ScoreWrite } from '../scores/board.ts';
import { destination, type StepRecord } from './step-record.ts';

/** From the beginning of a step, or of its way back, until it is taken for failed. */
export const STEP_DEADLINE: Millis = 15 * MINUTE;
/** Where nothing that can be looked into follows a Placement, a newcomer is given this long to take up its work. */
const UNSEEN_GRACE: Millis = 5 * MINUTE;

/** The next write of a step. Each leaves a state from which the next follows, whoever comes to see it. */
export type StepWrite =
  /** Scores, one after another. `acts`: OCM exchanges clusters by them. */
  | { readonly kind: 'scores'; readonly writes: readonly ScoreWrite[]; readonly acts: boolean }
  /** `numberOfClusters` one up for each newcomer, or back to what was found. */
  | { readonly kind: 'count'; readonly to: 'raised' | 'lowered' }
  /** Somebody else put the number back after the exchange: the step goes on without it. */
  | { readonly kind: 'ended-by-other' }
  /** From now on the step is taken back. */
  | {
      readonly kind: 'turn';
      readonly result: 'ended' | 'rolled-back';
      readonly message: string;
      /** Clusters to leave alone for a while. */
      readonly shun: readonly string[];
      /** Somebody else put the number back. */
      readonly byOther: boolean;
    };

/** How far a step has come, from what stands on the API server alone. */
export type StepState =
  | { readonly kind: 'waiting'; readonly message: string }
  | { readonly kind: 'write'; readonly write: StepWrite; readonly message: string }
  | { readonly kind: 'done' }
  | { readonly kind: 'over'; readonly result: 'ended' | 'rolled-back'; readonly message: string };

/** What a step is judged by. */
export interface StepEvidence {
  readonly step: StepRecord;
  /** For people. */
  readonly label: string;
  /** `numberOfClusters` as it stands. */
  readonly count: number | null;
  readonly score: (cluster: string) => number | undefined;
  readonly decided: ReadonlySet<string>;
  /** Clusters that OCM would consider now. */
  readonly feasible: ReadonlySet<string>;
  /** Whether all that follows the Placement is available there, as far as it can be looked into. */
  readonly available: (cluster: string) => boolean;
  /** Something that follows the Placement cannot be looked into, or nothing is known to. */
  readonly unseen: boolean;
  /** Why no step may go on, for people; null when it may. */
  readonly stop: { readonly result: 'ended' | 'rolled-back'; readonly message: string } | null;
  readonly now: Instant;
}

export const waiting = (message: string): StepState => ({ kind: 'waiting', message });
export const write = (next: StepWrite, message: string): StepState => ({
  kind: 'write',
  write: next,
  message,
});

/** The writes of these that are not made yet. */
export function missing(wanted: readonly ScoreWrite[], score: StepEvidence['score']): ScoreWrite[] {
  return wanted.filter(({ cluster, value }) => score(cluster) !== value);
}

export const scoresOf = (values: Readonly<Record<string, number>>): ScoreWrite[] =>
  Object.entries(values).map(([cluster, value]) => ({ cluster, value }));

export const all = (names: readonly string[], value: number): ScoreWrite[] =>
  names.map((cluster) => ({ cluster, value }));

export const named = (names: readonly string[]): string => names.join(', ');

export function sinceActed({ step, now }: StepEvidence): Millis {
  return now - Date.parse(step.actedAt ?? step.startedAt);
}

/** What a newcomer lacks, for people; null when all of them have everything. */
export function lacking(
  evidence: StepEvidence,
): { readonly cluster: string; readonly message: string } | null {
  const { step, decided, available, label, unseen } = evidence;
  for (const cluster of Object.keys(step.enter)) {
    if (!decided.has(cluster)) return { cluster, message: `OCM has not yet decided for ${cluster}` };
    if (!available(cluster)) {
      return { cluster, message: `the work of ${label} is not yet available in ${cluster}` };
    }
    if (unseen && sinceActed(evidence) < UNSEEN_GRACE) {
      return { cluster, message: `${cluster} is given time to take up what follows ${label}` };
    }
  }
  return null;
}

export function turn(
  evidence: StepEvidence,
  result: 'ended' | 'rolled-back',
  message: string,
  more: { shun?: readonly string[]; byOther?: boolean } = {},
): StepState {
  const { shun = [], byOther = false } = more;
  return write({ kind: 'turn', result, message, shun, byOther }, `${evidence.label}: ${message}`);
}

/** A newcomer that OCM would not take any more, or that takes too long: it is left alone for a while. */
export function failed(evidence: StepEvidence): StepState | null {
  const { step, feasible } = evidence;
  const gone = Object.keys(step.enter).find((cluster) => !feasible.has(cluster));
  if (gone !== undefined) {
    return turn(evidence, 'rolled-back', `OCM considers ${gone} no more`, { shun: [gone] });
  }
  const first = lacking(evidence);
  if (first === null || sinceActed(evidence) < STEP_DEADLINE) return null;
  const minutes = STEP_DEADLINE / MINUTE;
  return turn(evidence, 'rolled-back', `${first.message} after ${minutes} minutes`, {
    shun: [first.cluster],
  });
}

/** Whether OCM has decided for what the step brings, and for nothing else. */
export function arrived({ step, decided }: StepEvidence): boolean {
  const goal = destination(step);
  return decided.size === goal.length && goal.every((name) => decided.has(name));
}

export function exchangeText({ step, label }: StepEvidence): string {
  return `${label}: ${named(Object.keys(step.enter))} takes the place of ${named(Object.keys(step.leave))}`;
}
