import { isDeepStrictEqual } from 'node:util';
import type { Decision } from '../../engine/decision.ts';
import { divide } from '../../engine/division/webster.ts';
import type { UnitOptions } from '../../optin/options.ts';
import type { FoundValue } from '../../status/carbon-placement.ts';
import type { StepRecord } from './annotations.ts';
import { foundWeights } from './found.ts';
import { nextWeights } from './handback/route.ts';
import type { MemberCluster } from './member.ts';
import type { Unit } from './unit.ts';

interface Situation {
  readonly unit: Unit;
  readonly options: UnitOptions;
  readonly candidates: readonly MemberCluster[];
  /** What stood before Windvane first wrote; null while it never did. */
  readonly found: FoundValue | null;
  /** A step that is done, whose move may go on; null when none is. */
  readonly continuing: StepRecord | null;
}

const HOW = '(windvane.dev/on-stale-data: restore)';

/**
 * Under `on-stale-data: restore`, what replaces a decision that old data did not allow: the next step back to the split
 * as it was found, and then to stay there until newer readings come. The decision as it is in every other case, and
 * when the way back would feed a cluster that is not Ready.
 *
 * @param stale the data that the decision rests on is stale.
 */
export function backToFound(decision: Decision, stale: boolean, situation: Situation): Decision {
  const { unit, options, candidates, found, continuing } = situation;
  const refused = decision.outcome === 'refuse' && decision.heldBy === 'no-data';
  if (!refused || !stale || options.onStaleData !== 'restore' || found === null) return decision;
  const goal = foundWeights(found, candidates);
  const fed = candidates.filter(({ name }) => goal[name] !== undefined);
  if (fed.length === 0 || fed.some(({ ready, deleting }) => !ready || deleting)) return decision;
  const legs = legsOf(unit, options);
  const further = nextWeights(legs, goal);
  const weights = further ?? goal;
  const divisions = legs.map(({ key, uid, replicas, current }) => ({
    key,
    current,
    next: divide(weights, replicas, uid),
  }));
  const total = Object.values(goal).reduce((sum, weight) => sum + weight, 0);
  const target = Object.fromEntries(Object.entries(goal).map(([name, weight]) => [name, weight / total]));
  const there = divisions.every(({ current, next }) => isDeepStrictEqual(sorted(current), sorted(next)));
  return {
    ...decision,
    outcome: there ? 'keep' : 'move',
    heldBy: null,
    target,
    weights: sorted(weights),
    divisions,
    continues: isDeepStrictEqual(continuing?.target, target),
    last: further === null,
    text: there
      ? `The data is stale: the split as it was found stands until newer readings come ${HOW}.`
      : `The data is stale: going back to the split as it was found ${HOW}.`,
  };
}

function legsOf({ members }: Unit, { maxSurge, maxStep }: UnitOptions) {
  const part = maxSurge > 0 ? Math.min(maxStep, maxSurge) : maxStep;
  return members.map(({ workload, binding }) => {
    const replicas = binding?.replicas ?? workload.replicas;
    return {
      key: workload.key,
      uid: binding?.resource.uid ?? '',
      replicas,
      current: binding?.assigned ?? {},
      maxMoved: Math.max(1, Math.floor(part * replicas)),
    };
  });
}

function sorted(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}
