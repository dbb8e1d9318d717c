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
  scoresOf,
  turn,
  waiting,
  write,
} from './evidence.ts';
import { destination, type StepRecord } from './step-record.ts';

/** The newcomers first: from then on OCM has as many good choices as it needs, whatever comes of the rest. */
function exchange({ enter, leave }: StepRecord): ScoreWrite[] {
  return [...all(Object.keys(enter), CHOSEN), ...scoresOf(leave)];
}

/** The leavers first, for the same reason. */
function undo({ enter, leave }: StepRecord): ScoreWrite[] {
  return [...all(Object.keys(leave), CHOSEN), ...scoresOf(enter)];
}

/** The clusters change places at once: two scores for each pair, and a gap until the newcomer has its work. */
export function inPlace(evidence: StepEvidence): StepState {
  const { step, score, stop } = evidence;
  if (step.back !== null) return wayBack(evidence, step.back);
  const writes = missing(exchange(step), score);
  if (writes.length > 0) {
    if (stop !== null) return turn(evidence, stop.result, stop.message);
    return write({ kind: 'scores', writes, acts: true }, exchangeText(evidence));
  }
  const failure = failed(evidence);
  if (failure !== null && stop === null) return failure;
  if (!arrived(evidence)) return waiting(`OCM has not yet decided for ${named(destination(step))}`);
  const first = lacking(evidence);
  return first === null || stop !== null ? { kind: 'done' } : waiting(first.message);
}

function wayBack(evidence: StepEvidence, back: NonNullable<StepRecord['back']>): StepState {
  const { step, score, decided, now } = evidence;
  const writes = missing(undo(step), score);
  if (writes.length > 0) return write({ kind: 'scores', writes, acts: false }, back.message);
  const lingering = Object.keys(step.enter).find((name) => decided.has(name));
  if (lingering !== undefined && now - Date.parse(back.at) < STEP_DEADLINE) {
    return waiting(`${back.message}; OCM has not yet let ${lingering} go`);
  }
  return { kind: 'over', result: back.result, message: back.message };
}
