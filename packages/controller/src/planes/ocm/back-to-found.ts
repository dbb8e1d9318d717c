import { isDeepStrictEqual } from 'node:util';
import type { Decision } from '../../engine/decision.ts';
import type { ClusterOption } from '../../engine/problem.ts';
import type { UnitOptions } from '../../optin/options.ts';
import { isEligible } from './candidates.ts';
import type { StepRecord } from './move/step-record.ts';

interface Situation {
  /** Key of the Placement. */
  readonly key: string;
  readonly options: Pick<UnitOptions, 'onStaleData' | 'surgeClusters'>;
  readonly candidates: readonly ClusterOption[];
  /** Clusters that OCM has decided for. */
  readonly decided: readonly string[];
  /** Those that it had decided for when the Placement was taken over; null when it never was. */
  readonly found: readonly string[] | null;
  /** A step that is done, whose move may go on; null when none is. */
  readonly continuing: StepRecord | null;
}

const HOW = '(windvane.dev/on-stale-data: restore)';

const copies = (clusters: readonly string[]): Record<string, number> =>
  Object.fromEntries(clusters.map((name) => [name, 1]));

/**
 * Under `on-stale-data: restore`, what replaces a decision that old data did not allow: the next exchange on the way back
 * to the clusters as they were found, and then to stay there until newer readings come. The decision as it is in every
 * other case, and when a cluster that was found may not be chosen now.
 *
 * @param stale the data that the decision rests on is stale.
 */
export function backToFound(decision: Decision, stale: boolean, situation: Situation): Decision {
  const { key, options, candidates, decided, found, continuing } = situation;
  const refused = decision.outcome === 'refuse' && decision.heldBy === 'no-data';
  if (!refused || !stale || options.onStaleData !== 'restore' || found === null) return decision;
  const eligible = new Set(candidates.filter(isEligible).map(({ name }) => name));
  const enter = found.filter((name) => !decided.includes(name));
  const leave = decided.filter((name) => !found.includes(name));
  if (enter.length !== leave.length || enter.some((name) => !eligible.has(name))) return decision;
  const some = Math.max(1, options.surgeClusters);
  const gone = leave.slice(0, some);
  const next = [...decided.filter((name) => !gone.includes(name)), ...enter.slice(0, some)].sort();
  const target = Object.fromEntries(found.map((name) => [name, 1 / found.length]));
  const there = enter.length === 0;
  return {
    ...decision,
    outcome: there ? 'keep' : 'move',
    heldBy: null,
    target,
    weights: copies(next),
    divisions: [{ key, current: copies(decided), next: copies(next) }],
    continues: isDeepStrictEqual(continuing?.target, target),
    last: enter.length <= some,
    text: there
      ? `The data is stale: the clusters as they were found stand until newer readings come ${HOW}.`
      : `The data is stale: going back to the clusters as they were found ${HOW}.`,
  };
}
