import { type Condition, setCondition } from '../../runtime/conditions.ts';
import type { DecisionGroupStatus, PlacementStatus } from '../types.ts';
import type { Reach } from './membership.ts';
import type { MisconfiguredError } from './misconfigured.ts';

type NewCondition = Omit<Condition, 'lastTransitionTime'>;

/** What came of one pass over a Placement. */
export interface Outcome {
  readonly reach: Reach;
  /** Sets that the Placement asks for. */
  readonly asked: readonly string[];
  readonly selected: number;
  readonly unscheduled: number;
  readonly misconfigured: MisconfiguredError | undefined;
}

function satisfied({ reach, asked, selected, unscheduled }: Outcome): NewCondition {
  const no = (reason: string, message: string): NewCondition => ({
    type: 'PlacementSatisfied',
    status: 'False',
    reason,
    message,
  });
  if (reach.bindings === 0) {
    return no(
      'NoManagedClusterSetBindings',
      'No valid ManagedClusterSetBindings found in placement namespace',
    );
  }
  if (reach.sets.length === 0) {
    return no(
      'NoIntersection',
      `None of ManagedClusterSets [${asked.join(',')}] is bound to placement namespace`,
    );
  }
  if (reach.clusters.length === 0) {
    return no(
      'AllManagedClusterSetsEmpty',
      `All ManagedClusterSets [${reach.sets.join(',')}] have no member ManagedCluster`,
    );
  }
  if (selected === 0) {
    return no('NoManagedClusterMatched', 'No ManagedCluster matches any of the cluster predicate');
  }
  if (unscheduled !== 0) {
    return no('NotAllDecisionsScheduled', `${unscheduled} cluster decisions unscheduled`);
  }
  return {
    type: 'PlacementSatisfied',
    status: 'True',
    reason: 'AllDecisionsScheduled',
    message: 'All cluster decisions scheduled',
  };
}

function misconfiguredCondition(error: MisconfiguredError | undefined): NewCondition {
  return error === undefined
    ? {
        type: 'PlacementMisconfigured',
        status: 'False',
        reason: 'Succeedconfigured',
        message: 'Placement configurations check pass',
      }
    : {
        type: 'PlacementMisconfigured',
        status: 'True',
        reason: 'Misconfigured',
        message: `${error.plugin}:${error.message}`,
      };
}

/** The status of a Placement after a pass; `now` is RFC 3339. */
export function placementStatus(
  before: PlacementStatus | undefined,
  outcome: Outcome,
  groups: readonly DecisionGroupStatus[],
  now: string,
): PlacementStatus {
  const checked = setCondition(before?.conditions, misconfiguredCondition(outcome.misconfigured), now);
  // OCM patches what differs from its own zero: a count that was never there is not written as 0.
  const uncounted = outcome.selected === 0 && before?.numberOfSelectedClusters === undefined;
  return {
    ...before,
    ...(uncounted ? {} : { numberOfSelectedClusters: outcome.selected }),
    decisionGroups: groups,
    conditions: setCondition(checked, satisfied(outcome), now),
  };
}
