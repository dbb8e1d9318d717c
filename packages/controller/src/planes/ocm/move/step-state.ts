import { type Instant, MINUTE, type Millis } from '@windvane/carbon-map';
import type { ScoreWrite } from '../scores/board.ts';
import { ARRIVING, CHOSEN } from '../steering.ts';
import { destination, type StepRecord } from './step-record.ts';

/** From the beginning of a step, or of its way back, until it is taken for failed. */
const STEP_DEADLINE: Millis = 15 * MINUTE;
/** Where nothing that can be looked into follows a Placement, a newcomer is given this long to take up its work. */
const UNSEEN_GRACE: Millis = 5 * MINUTE;

/** The next write of a step. Each leaves a state from which the next follows, whoever comes to see it. */
export type StepWrite =
  /** Scores, one after another. */
  | { readonly kind: 'scores'; readonly writes: readonly ScoreWrite[]; readonly exchange: boolean }
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

const waiting = (message: string): StepState => ({ kind: 'waiting', message });
const write = (next: StepWrite, message: string): StepState => ({ kind: 'write', write: next, message });

/** The writes of these that are not made yet. */
function missing(wanted: readonly ScoreWrite[], score: StepEvidence['score']): ScoreWrite[] {
  return wanted.filter(({ cluster, value }) => score(cluster) !== value);
}

const scoresOf = (values: Readonly<Record<string, number>>): ScoreWrite[] =>
  Object.entries(values).map(([cluster, value]) => ({ cluster, value }));

const all = (names: readonly string[], value: number): ScoreWrite[] =>
  names.map((cluster) => ({ cluster, value }));

/** The newcomers first: from then on OCM has as many good choices as it needs, whatever comes of the rest. */
function exchange({ enter, leave }: StepRecord): ScoreWrite[] {
  return [...all(Object.keys(enter), CHOSEN), ...scoresOf(leave)];
}

/** The leavers first, for the same reason. */
function undo({ enter, leave }: StepRecord): ScoreWrite[] {
  return [...all(Object.keys(leave), CHOSEN), ...scoresOf(enter)];
}

const named = (names: readonly string[]): string => names.join(', ');

function sinceActed({ step, now }: StepEvidence): Millis {
  return now - Date.parse(step.actedAt ?? step.startedAt);
}

/** What a newcomer lacks, for people; null when all of them have everything. */
function lacking(evidence: StepEvidence): { readonly cluster: string; readonly message: string } | null {
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

function turn(
  evidence: StepEvidence,
  result: 'ended' | 'rolled-back',
  message: string,
  more: { shun?: readonly string[]; byOther?: boolean } = {},
): StepState {
  const { shun = [], byOther = false } = more;
  return write({ kind: 'turn', result, message, shun, byOther }, `${evidence.label}: ${message}`);
}

/** A newcomer that OCM would not take any more, or that takes too long: it is left alone for a while. */
function failed(evidence: StepEvidence): StepState | null {
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

/** What a step needs next: from scores, number and decisions as they stand, in whatever order they came to be. */
export function stepState(evidence: StepEvidence): StepState {
  const { step } = evidence;
  if (step.back !== null) return wayBack(evidence, step.back);
  return step.surge ? withSurge(evidence) : inPlace(evidence);
}

function exchanged({ step, score }: StepEvidence): boolean {
  return missing(exchange(step), score).length === 0;
}

function arrived({ step, decided }: StepEvidence): boolean {
  const goal = destination(step);
  return decided.size === goal.length && goal.every((name) => decided.has(name));
}

/** The clusters change places at once. */
function inPlace(evidence: StepEvidence): StepState {
  const { step, score, stop } = evidence;
  if (!exchanged(evidence)) {
    if (stop !== null) return turn(evidence, stop.result, stop.message);
    const writes = missing(exchange(step), score);
    return write({ kind: 'scores', writes, exchange: true }, exchangeText(evidence));
  }
  const failure = failed(evidence);
  if (failure !== null && stop === null) return failure;
  if (!arrived(evidence)) return waiting(`OCM has not yet decided for ${named(destination(step))}`);
  const first = lacking(evidence);
  return first === null || stop !== null ? { kind: 'done' } : waiting(first.message);
}

function exchangeText({ step, label }: StepEvidence): string {
  return `${label}: ${named(Object.keys(step.enter))} takes the place of ${named(Object.keys(step.leave))}`;
}

function withSurge(evidence: StepEvidence): StepState {
  const { step, score, stop, count, label } = evidence;
  const newcomers = Object.keys(step.enter);
  if (step.phase === 'found') {
    if (stop !== null) return turn(evidence, stop.result, stop.message);
    if (count !== step.count) {
      return turn(evidence, 'ended', `numberOfClusters of ${label} became ${count ?? 'unset'}`);
    }
    const gone = newcomers.find((cluster) => !evidence.feasible.has(cluster));
    if (gone !== undefined) return turn(evidence, 'rolled-back', `OCM considers ${gone} no more`);
    const arriving = missing(all(newcomers, ARRIVING), score);
    const message = `${label}: ${named(newcomers)} is to take up its work before ${named(Object.keys(step.leave))} is let go`;
    if (arriving.length > 0) {
      return write({ kind: 'scores', writes: arriving, exchange: false }, message);
    }
    return write({ kind: 'count', to: 'raised' }, message);
  }
  return step.phase === 'raised' ? raised(evidence) : lowered(evidence);
}

/** The number is as found again: OCM is to let the leavers go. */
function lowered(evidence: StepEvidence): StepState {
  const { step, count, feasible, label } = evidence;
  if (arrived(evidence)) return { kind: 'done' };
  const goal = destination(step);
  const gone = goal.find((cluster) => !feasible.has(cluster));
  if (gone !== undefined) return { kind: 'over', result: 'ended', message: `OCM considers ${gone} no more` };
  if (count !== step.count) {
    return {
      kind: 'over',
      result: 'ended',
      message: `numberOfClusters of ${label} became ${count ?? 'unset'}`,
    };
  }
  const message = `OCM has not yet decided for ${named(goal)}`;
  return sinceActed(evidence) < STEP_DEADLINE ? waiting(message) : { kind: 'over', result: 'ended', message };
}

/** One cluster more is asked for, unless somebody put the number back. */
function raised(evidence: StepEvidence): StepState {
  const { step, score, stop, count } = evidence;
  const done = exchanged(evidence);
  if (count !== step.count + Object.keys(step.enter).length) return putBack(evidence, done);
  const first = lacking(evidence);
  if (first !== null) {
    if (stop !== null) return turn(evidence, stop.result, stop.message);
    return failed(evidence) ?? waiting(first.message);
  }
  const begun = Object.keys(step.enter).some((cluster) => score(cluster) === CHOSEN);
  if (stop !== null && !begun) return turn(evidence, stop.result, stop.message);
  if (done) return write({ kind: 'count', to: 'lowered' }, exchangeText(evidence));
  const writes = missing(exchange(step), score);
  return write({ kind: 'scores', writes, exchange: true }, exchangeText(evidence));
}

/** Before the exchange the move is taken back, after it the move is complete; in between OCM tells which it is. */
function putBack(evidence: StepEvidence, done: boolean): StepState {
  const { step, score, count, decided, label } = evidence;
  const newcomers = Object.keys(step.enter);
  const message = 'somebody put numberOfClusters back';
  if (done) return write({ kind: 'ended-by-other' }, `${label}: ${message}`);
  const begun = newcomers.some((cluster) => score(cluster) === CHOSEN);
  if (begun && decided.size !== count && sinceActed(evidence) < STEP_DEADLINE) {
    return waiting(`${message}; OCM has not yet decided`);
  }
  if (begun && newcomers.every((name) => decided.has(name))) {
    const writes = missing(exchange(step), score);
    return write({ kind: 'scores', writes, exchange: true }, exchangeText(evidence));
  }
  return turn(evidence, 'rolled-back', message, { byOther: true });
}

/** Scores as they were, then the number, then OCM has let the newcomers go. */
function wayBack(evidence: StepEvidence, back: NonNullable<StepRecord['back']>): StepState {
  const { step, score, count, decided, now } = evidence;
  const newcomers = Object.keys(step.enter);
  const writes = missing(undo(step), score);
  if (writes.length > 0) return write({ kind: 'scores', writes, exchange: false }, back.message);
  if (step.phase === 'raised' && count === step.count + newcomers.length) {
    return write({ kind: 'count', to: 'lowered' }, back.message);
  }
  const lingering = newcomers.find((name) => decided.has(name));
  if (lingering !== undefined && now - Date.parse(back.at) < STEP_DEADLINE) {
    return waiting(`${back.message}; OCM has not yet let ${lingering} go`);
  }
  return { kind: 'over', result: back.result, message: back.message };
}
