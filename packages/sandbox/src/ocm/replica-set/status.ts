import { type Condition, setCondition } from '../../runtime/conditions.ts';
import type { ManifestWork, Placement, ReplicaSetStatus, Summary } from '../types.ts';
import { isTrue } from './works.ts';

/** What a pass over one Placement of a ManifestWorkReplicaSet left behind. */
export interface PlacementPass {
  readonly placement: Placement;
  /** Clusters with a work of the present template. */
  readonly clusters: number;
  readonly succeeded: number;
  /** Works of the present template that are not on their way out. */
  readonly works: readonly ManifestWork[];
}

type NewCondition = Omit<Condition, 'lastTransitionTime'>;

const verdict = (type: string, holds: boolean, reason: string): NewCondition => ({
  type,
  status: holds ? 'True' : 'False',
  reason,
  message: '',
});

export const PLACEMENT_NOT_FOUND: NewCondition = verdict(
  'PlacementVerified',
  false,
  'PlacementDecisionNotFound',
);

const total = <T>(items: readonly T[], value: (item: T) => number): number =>
  items.reduce((sum, item) => sum + value(item), 0);

function summaryOf({ clusters, works }: PlacementPass): Summary {
  const having = (type: string): number => works.filter((work) => isTrue(work, type)).length;
  return {
    total: clusters,
    applied: having('Applied'),
    available: having('Available'),
    degraded: having('Degraded'),
    progressing: having('Progressing'),
    desiredTotal: 0,
    updated: 0,
  };
}

function workReason({ available, total: all, progressing, degraded }: Summary): string {
  if (available === all && progressing === 0 && degraded === 0) return 'AsExpected';
  return progressing > 0 && degraded === 0 ? 'Processing' : 'NotAsExpected';
}

/** The status of a ManifestWorkReplicaSet; `now` is RFC 3339. */
export function replicaSetStatus(
  before: ReplicaSetStatus | undefined,
  passes: readonly PlacementPass[],
  now: string,
): ReplicaSetStatus {
  const placementSummary = passes.map((pass) => {
    const { name } = pass.placement.metadata;
    const { decisionGroups = [], numberOfSelectedClusters = 0 } = pass.placement.status ?? {};
    return {
      name,
      availableDecisionGroups: `${decisionGroups.length} (${pass.clusters} / ${numberOfSelectedClusters} clusters applied)`,
      summary: summaryOf(pass),
    };
  });
  const sum = (field: keyof Summary): number => total(placementSummary, ({ summary }) => summary[field]);
  const summary: Summary = {
    total: sum('total'),
    applied: sum('applied'),
    available: sum('available'),
    degraded: sum('degraded'),
    progressing: sum('progressing'),
    desiredTotal: 0,
    updated: 0,
  };
  const selected = total(passes, ({ placement }) => placement.status?.numberOfSelectedClusters ?? 0);
  const complete = selected === total(passes, ({ succeeded }) => succeeded);
  const reason = workReason(summary);
  const conditions = [
    verdict(
      'PlacementVerified',
      summary.total > 0,
      summary.total > 0 ? 'AsExpected' : 'PlacementDecisionEmpty',
    ),
    verdict('PlacementRolledOut', complete, complete ? 'Complete' : 'Progressing'),
    verdict('ManifestworkApplied', reason === 'AsExpected', reason),
  ].reduce((list, condition) => setCondition(list, condition, now), before?.conditions);
  return { ...before, summary, placementSummary, ...(conditions === undefined ? {} : { conditions }) };
}
