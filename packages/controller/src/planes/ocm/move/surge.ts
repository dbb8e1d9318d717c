import { MINUTE, type Millis } from '@windvane/carbon-map';
import type { ScoreWrite } from '../scores/board.ts';
import { CHOSEN } from '../steering.ts';
import {
  all,
  arrived,
  exchangeText,
  failed,
  lacking,
  missing,
  named,
  STEP_DEADLINE,
  type StepEvidence,
  type StepState,
  sinceActed,
  turn,
  waiting,
  write,
} from './evidence.ts';
import { destination, type StepRecord } from './step-record.ts';
import { surgeScores } from './surge-scores.ts';

/** OCM has long seen everything by then. */
const SETTLING: Millis = MINUTE;

/** Clusters change places while one more of each is asked for: see `SurgeScores` for what keeps the work. */
export function withSurge(evidence: StepEvidence): StepState {
  const { step } = evidence;
  if (step.back !== null) return wayBack(evidence, step.back);
  if (step.phase === 'found') return found(evidence);
  return step.phase === 'raised' ? raised(evidence) : lowered(evidence);
}

const newcomersOf = ({ enter }: StepRecord): string[] => Object.keys(enter);
const leaversOf = ({ leave }: StepRecord): string[] => Object.keys(leave);
const raisedCount = (step: StepRecord): number => step.count + newcomersOf(step).length;

/** The newcomers come before all that are not chosen, then one more of each is asked for. */
function found(evidence: StepEvidence): StepState {
  const { step, score, stop, count, label, feasible } = evidence;
  const newcomers = newcomersOf(step);
  if (stop !== null) return turn(evidence, stop.result, stop.message);
  if (count !== step.count) {
    return turn(evidence, 'ended', `numberOfClusters of ${label} became ${count ?? 'unset'}`);
  }
  const gone = newcomers.find((cluster) => !feasible.has(cluster));
  if (gone !== undefined) return turn(evidence, 'rolled-back', `OCM considers ${gone} no more`);
  const arriving = missing(surgeScores(step).arriving, score);
  const message = `${label}: ${named(newcomers)} is to take up its work before ${named(leaversOf(step))} is let go`;
  if (arriving.length > 0) return write({ kind: 'scores', writes: arriving, acts: false }, message);
  return write({ kind: 'count', to: 'raised' }, message);
}

/** One cluster more is asked for, unless somebody put the number back. */
function raised(evidence: StepEvidence): StepState {
  const { step, score, stop, count } = evidence;
  if (count !== raisedCount(step)) return putBack(evidence);
  const first = lacking(evidence);
  if (first !== null) {
    if (stop !== null) return turn(evidence, stop.result, stop.message);
    const others = passedOver(evidence);
    if (others !== null) return turn(evidence, 'ended', others);
    return failed(evidence) ?? waiting(first.message);
  }
  const { arriving, leaving } = surgeScores(step);
  const begun = missing(leaving, score).length < leaving.length;
  if (stop !== null && !begun) return turn(evidence, stop.result, stop.message);
  // The newcomers should have theirs: the leavers must not come to stand further below them than they may.
  const writes = missing([...arriving, ...leaving], score);
  if (writes.length > 0) return write({ kind: 'scores', writes, acts: false }, exchangeText(evidence));
  return write({ kind: 'count', to: 'lowered' }, exchangeText(evidence));
}

/** OCM may have seen the number before the newcomers' scores: whom it took then leads by Steady. For people. */
function passedOver(evidence: StepEvidence): string | null {
  const { step, decided, count } = evidence;
  const missed = newcomersOf(step).filter((name) => !decided.has(name));
  if (missed.length === 0 || decided.size !== count || sinceActed(evidence) < SETTLING) return null;
  return `OCM decided for others than ${named(missed)}`;
}

/** OCM tells who stays: with the newcomers the move is complete, else it is taken back. */
function putBack(evidence: StepEvidence): StepState {
  const { count, decided, label } = evidence;
  const message = 'somebody put numberOfClusters back';
  if (decided.size !== count && sinceActed(evidence) < STEP_DEADLINE) {
    return waiting(`${message}; OCM has not yet decided`);
  }
  if (arrived(evidence)) return write({ kind: 'ended-by-other' }, `${label}: ${message}`);
  return turn(evidence, 'rolled-back', message, { byOther: true });
}

/** The number is as found again: OCM is to let the leavers go, then the newcomers count as chosen. */
function lowered(evidence: StepEvidence): StepState {
  const { step, count, decided, feasible, label, score } = evidence;
  const over = (message: string): StepState => ({ kind: 'over', result: 'ended', message });
  if (arrived(evidence)) {
    const writes = missing(lastScores(evidence), score);
    if (writes.length === 0) return { kind: 'done' };
    return write({ kind: 'scores', writes, acts: false }, exchangeText(evidence));
  }
  const goal = destination(step);
  const gone = goal.find((cluster) => !feasible.has(cluster));
  if (gone !== undefined) return over(`OCM considers ${gone} no more`);
  if (count !== step.count) return over(`numberOfClusters of ${label} became ${count ?? 'unset'}`);
  if (decided.size === count) return over(`OCM decided otherwise than for ${named(goal)}`);
  const message = `OCM has not yet decided for ${named(goal)}`;
  return sinceActed(evidence) < STEP_DEADLINE ? waiting(message) : over(message);
}

/** What each cluster of the step scores from now on, as OCM has decided: those that it keeps first. */
function lastScores({ step, decided }: StepEvidence): ScoreWrite[] {
  const clusters = [...Object.entries(step.enter), ...Object.entries(step.leave)];
  const kept = clusters.filter(([name]) => decided.has(name)).map(([name]) => name);
  const others = clusters.filter(([name]) => !decided.has(name));
  return [...all(kept, CHOSEN), ...others.map(([cluster, value]) => ({ cluster, value }))];
}

/** The leavers before the newcomers again, then the number, then what each of them is. */
function wayBack(evidence: StepEvidence, back: NonNullable<StepRecord['back']>): StepState {
  const { step, score, count, decided, now } = evidence;
  if (step.phase === 'raised' && count === raisedCount(step)) {
    const returning = surgeScores(step).returning.filter(({ cluster }) => score(cluster) !== CHOSEN);
    const writes = missing(returning, score);
    if (writes.length > 0) return write({ kind: 'scores', writes, acts: false }, back.message);
    return write({ kind: 'count', to: 'lowered' }, back.message);
  }
  const waits = now - Date.parse(back.at) < STEP_DEADLINE;
  if (step.phase !== 'found' && decided.size !== count && waits) {
    return waiting(`${back.message}; OCM has not yet decided for ${count ?? 'all'} clusters`);
  }
  const writes = missing(lastScores(evidence), score);
  if (writes.length > 0) return write({ kind: 'scores', writes, acts: false }, back.message);
  return { kind: 'over', result: back.result, message: back.message };
}
