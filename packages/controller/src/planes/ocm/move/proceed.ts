import { HOUR, type Instant, type Millis } from '@windvane/carbon-map';
import type { KubeApi } from '../../../kube/api.ts';
import { isKubeError } from '../../../kube/errors.ts';
import type { KubeObject, ResourceType } from '../../../kube/resource.ts';
import { shunnedClusters } from '../../shared/annotations.ts';
import { PLACEMENT } from '../resources.ts';
import type { ScoreBoard, ScoreWrite } from '../scores/board.ts';
import { scoreName } from '../steering.ts';
import type { StepWrite } from './evidence.ts';
import { annotatePlacement, disown, patchCount } from './placement-writes.ts';
import { type StepRecord, surgeEnds } from './step-record.ts';

/** How long a cluster that failed a step is left alone. */
const SHUN: Millis = 6 * HOUR;

export interface ProceedDeps {
  readonly api: KubeApi;
  readonly board: ScoreBoard;
  /** Takes the answer of an own write. */
  readonly assume: (type: ResourceType, object: KubeObject) => void;
}

/** A Placement with a step on it. */
export interface UnderWay {
  readonly placement: KubeObject;
  readonly step: StepRecord;
  readonly optIn: string;
  readonly now: Instant;
}

/** Makes the next write of a step. Every one is guarded: the next look finds out what came of it. */
export async function proceed(deps: ProceedDeps, under: UnderWay, write: StepWrite): Promise<void> {
  if (write.kind === 'scores') return writeScores(deps, under, write.writes, write.acts);
  if (write.kind === 'count') return writeCount(deps, under, write.to);
  const { placement, step, optIn, now } = under;
  const ends = { count: surgeEnds(placement, optIn) + 1, optIn };
  const at = new Date(now).toISOString();
  if (write.kind === 'ended-by-other') {
    const lowered: StepRecord = { ...step, phase: 'lowered', lowered: 'other', actedAt: at };
    deps.assume(PLACEMENT, await annotatePlacement(deps.api, placement, { step: lowered, surgeEnds: ends }));
    return undefined;
  }
  const until = new Date(now + SHUN).toISOString();
  const shunned = {
    ...shunnedClusters(placement, now),
    ...Object.fromEntries(write.shun.map((cluster) => [cluster, until])),
  };
  const { result, message } = write;
  const annotated = await annotatePlacement(deps.api, placement, {
    step: { ...step, back: { result, message, at } },
    ...(write.shun.length === 0 ? {} : { shunned }),
    ...(write.byOther ? { surgeEnds: ends } : {}),
  });
  deps.assume(PLACEMENT, annotated);
  return undefined;
}

async function writeScores(
  { api, board, assume }: ProceedDeps,
  { placement, step, now }: UnderWay,
  writes: readonly ScoreWrite[],
  acts: boolean,
): Promise<void> {
  await board.setInOrder(scoreName(placement), writes);
  if (!acts || step.actedAt !== null) return;
  const acted: StepRecord = { ...step, actedAt: new Date(now).toISOString() };
  assume(PLACEMENT, await annotatePlacement(api, placement, { step: acted }));
}

async function writeCount(
  { api, assume }: ProceedDeps,
  { placement, step, now }: UnderWay,
  to: 'raised' | 'lowered',
): Promise<void> {
  const raised = step.count + Object.keys(step.enter).length;
  const change = to === 'raised' ? { from: step.count, to: raised } : { from: raised, to: step.count };
  const lowered = to === 'lowered' && step.back === null ? 'windvane' : step.lowered;
  const next: StepRecord = { ...step, phase: to, lowered, actedAt: new Date(now).toISOString() };
  const patched = await patchCount(api, placement, change, next);
  assume(PLACEMENT, patched);
  try {
    assume(PLACEMENT, await disown(api, patched));
  } catch (error) {
    // Somebody was faster; the next look gives it up.
    if (!isKubeError(error, 'conflict', 'invalid')) throw error;
  }
}
