import { DAY, type Instant } from '@windvane/carbon-map';
import type { MoveRecord } from '../../status/carbon-placement.ts';

type Counts = Readonly<Record<string, number>>;

/** What becomes of the moves of one workload now. */
export type MoveChange =
  | {
      readonly kind: 'begin';
      /** Decision that the move began with. */
      readonly move: string;
      readonly startedAt: string;
      readonly from: Counts;
      readonly to: Counts;
      /** Another move that had begun is given up for it. */
      readonly replaces: boolean;
    }
  | { readonly kind: 'end'; readonly result: NonNullable<MoveRecord['result']> }
  /** `open`: a step stands. */
  | { readonly kind: 'none'; readonly open: boolean };

/**
 * The moves of one workload after what is being done now. An open one without a step never began, and is dropped.
 * @param standing where its replicas are.
 */
export function movesAfter(
  moves: readonly MoveRecord[],
  change: MoveChange,
  standing: Counts | null,
  now: Instant,
): MoveRecord[] {
  const closed = moves.filter((move) => move.finishedAt !== null);
  const open = moves.find((move) => move.finishedAt === null) ?? null;
  const ended = (move: MoveRecord, result: MoveRecord['result']): MoveRecord => ({
    ...move,
    finishedAt: new Date(now).toISOString(),
    result,
    to: standing ?? move.to,
  });
  if (change.kind === 'begin') {
    const goesOn = open !== null && open.decision === change.move;
    const begun: MoveRecord = {
      decision: change.move,
      startedAt: change.startedAt,
      finishedAt: null,
      result: null,
      from: goesOn ? open.from : change.from,
      to: change.to,
    };
    const given = open !== null && !goesOn && change.replaces ? [ended(open, 'ended')] : [];
    return [...closed, ...given, begun];
  }
  if (open === null) return closed;
  if (change.kind === 'end') return [...closed, ended(open, change.result)];
  return change.open ? [...closed, open] : closed;
}

/** When the moves of the last day began, with the one that begins now. Pruned only then: a quiet hour writes nothing. */
export function startsAfter(starts: readonly string[], change: MoveChange, now: Instant): readonly string[] {
  if (change.kind !== 'begin' || starts.includes(change.startedAt)) return starts;
  return [...starts.filter((start) => Date.parse(start) > now - DAY), change.startedAt];
}
