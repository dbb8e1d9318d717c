import { DAY } from '@windvane/carbon-map';
import { divide } from '../../../engine/division/webster.ts';
import { buildStatus, type StatusFacts } from '../../../status/build.ts';
import type { CarbonPlacementStatus, MoveRecord } from '../../../status/carbon-placement.ts';
import { factsOf, type Intensities } from '../facts.ts';
import type { PlanContext } from '../unit-plan.ts';
import type { CapRecord } from './cap-policy.ts';
import { type Caps, type Shares, sumOf } from './caps.ts';
import type { CapPlan, CappedMember } from './plan.ts';

/** Replicas that run now, as shares would have them: what a move is about. */
function asReplicas(shares: Shares, total: number): Record<string, number> {
  const weights = Object.entries(shares)
    .map(([name, share]) => [name, Math.round(share * 1000)] as const)
    .filter(([, weight]) => weight > 0);
  return divide(Object.fromEntries(weights), total, '');
}

/** The moves of one workload after what is being done now; an open one that is not the record's never began. */
function movesOf({ member, total }: CappedMember, { action, record }: CapPlan, now: string): MoveRecord[] {
  const { moves } = member.remembered;
  const closed = moves.filter(({ finishedAt }) => finishedAt !== null);
  const open = moves.find(({ finishedAt }) => finishedAt === null) ?? null;
  const current: CapRecord | null = action.kind === 'write' ? action.record : record;
  const ended = (result: MoveRecord['result']): MoveRecord[] =>
    open === null ? closed : [...closed, { ...open, finishedAt: now, result }];
  if (action.kind !== 'write' || action.event === null) {
    return open !== null && open.startedAt === current?.moveStartedAt ? [...closed, open] : closed;
  }
  if (action.event !== 'begun') return ended(action.event);
  const begun: MoveRecord = {
    decision: action.record.move,
    startedAt: action.record.moveStartedAt,
    finishedAt: null,
    result: null,
    from: asReplicas(action.record.before, total),
    to: asReplicas(action.record.target, total),
  };
  // What was stored before a write that failed is the same move.
  return open === null || open.startedAt === begun.startedAt
    ? [...closed, begun]
    : [...ended('ended'), begun];
}

const thousandths = (share: number): number => Math.round(share * 1000) / 1000;

/** What is said of one workload. Its split is what runs, and the share of it that each cluster shall have. */
export function capStatus(
  capped: CappedMember,
  caps: Caps,
  capPlan: CapPlan,
  context: PlanContext,
  intensities: Intensities,
): CarbonPlacementStatus {
  const { member, running, bounds, total } = capped;
  const { plan, action, record } = capPlan;
  const now = new Date(context.now).toISOString();
  const binding = member.binding === null ? null : { ...member.binding, assigned: running, replicas: total };
  const facts = factsOf({ ...member, binding }, plan, context, intensities, null);
  const all = sumOf(caps);
  const current = action.kind === 'write' ? action.record : record;
  const shares = current?.shares ?? null;
  const starts = member.remembered.moveStarts;
  const began = action.kind === 'write' && action.event === 'begun' ? action.record.moveStartedAt : null;
  const told: StatusFacts = {
    ...facts,
    split: facts.split.map((entry) => {
      const cap = caps[entry.cluster];
      if (cap === undefined) return entry;
      const words = `at most ${cap} of ${bounds.max}`;
      const reason = entry.reason.replace(/(; )?at most \d+ of \d+$/, '');
      return {
        ...entry,
        // Caps never reach 0: a cluster that is to run nothing is told so by its share, which its scaler obeys.
        share: thousandths(shares === null ? (all === 0 ? 0 : cap / all) : (shares[entry.cluster] ?? 0)),
        reason: reason === '' ? words : `${reason}; ${words}`,
      };
    }),
    step:
      current?.phase === 'raised'
        ? { move: current.move, number: current.number, startedAt: current.at, shares: current.shares }
        : null,
    moves: movesOf(capped, capPlan, now),
    moveStarts:
      began === null || starts.includes(began)
        ? starts
        : [...starts.filter((start) => Date.parse(start) > context.now - DAY), began],
  };
  return buildStatus(told, member.remembered, context.now);
}
