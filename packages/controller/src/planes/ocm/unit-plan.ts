import type { Instant } from '@windvane/carbon-map';
import type { Decision } from '../../engine/decision.ts';
import type { ClusterOption, PlacementProblem } from '../../engine/problem.ts';
import type { MapContext } from '../shared/intensity.ts';
import type { CommonAction, CommonContext, CommonPlan, VerdictOn } from '../shared/unit-plan.ts';
import type { Classes } from './classes.ts';
import type { StepWrite } from './move/evidence.ts';
import type { StepRecord } from './move/step-record.ts';
import type { HubClusters } from './scheduler/feasible.ts';
import type { AddOnScores } from './scheduler/prioritizers.ts';
import type { ScoreWrite } from './scores/board.ts';

/** The one thing to do about a unit now. */
export type UnitAction =
  | CommonAction<StepRecord, StepWrite>
  /** Take the Placement over: every score, then the prioritizer policy. What OCM has decided for stays decided for. */
  | { readonly kind: 'steer'; readonly writes: readonly ScoreWrite[] }
  /** Scores of clusters that came, went or changed what they may be chosen for. */
  | { readonly kind: 'tend'; readonly writes: readonly ScoreWrite[] }
  /** A patch left Windvane as an owner of `numberOfClusters`: give that up. */
  | { readonly kind: 'disown' };

/** What a plan depends on besides the unit itself. */
export interface PlanContext extends Omit<MapContext, 'map'>, CommonContext {
  readonly map: MapContext['map'] | null;
  readonly now: Instant;
  readonly hub: HubClusters;
  readonly decide: (problem: PlacementProblem) => Decision;
  /** Score of a cluster under a Placement's name, as stored. */
  readonly score: (cluster: string, name: string) => number | undefined;
  readonly addOnScores: AddOnScores;
  /** How many Placements have decided for each cluster. */
  readonly usage: ReadonlyMap<string, number>;
  readonly classes: Classes;
}

/** Everything that is to be said and done about a unit; its candidates are clusters that OCM considers or decided for. */
export interface UnitPlan extends CommonPlan<UnitAction, StepRecord, ClusterOption> {
  /** Of a Placement that is only observed, for people: what OCM chooses, and would choose under Windvane. */
  readonly observed: string | null;
}

/** What a look at the unit adds to the plan. */
export type Verdict = VerdictOn<UnitPlan> & Partial<Pick<UnitPlan, 'observed'>>;
