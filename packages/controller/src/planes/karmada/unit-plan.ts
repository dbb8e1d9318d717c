import type { Decision } from '../../engine/decision.ts';
import type { PlacementProblem } from '../../engine/problem.ts';
import type { KubeObject } from '../../kube/resource.ts';
import type { FoundRecord } from '../shared/annotations.ts';
import type { CommonAction, CommonContext, CommonPlan, VerdictOn } from '../shared/unit-plan.ts';
import type { StepRecord } from './annotations.ts';
import type { CandidateContext } from './candidates.ts';
import type { MemberCluster } from './member.ts';
import type { AppliedPins } from './move/pins.ts';
import type { StepWrite } from './move/step-state.ts';

/** The one thing to do about a unit now. */
export type UnitAction = CommonAction<StepRecord, StepWrite>;

/** What a plan depends on besides the unit itself. */
export interface PlanContext extends Omit<CandidateContext, 'map'>, CommonContext {
  readonly map: CandidateContext['map'] | null;
  readonly fleet: readonly MemberCluster[];
  /** Within the unit's part of scarce room; `claims` is false for one that would not act. */
  readonly decide: (problem: PlacementProblem, claims: boolean) => Decision;
  /** Pins of a unit as stored. */
  readonly pins: (unit: string) => readonly KubeObject[];
  /** Works that may belong to a binding. */
  readonly works: (binding: KubeObject) => Iterable<KubeObject>;
  /** Caps of a unit as stored. */
  readonly caps: (unit: string) => readonly KubeObject[];
  /** What the Works of a binding were rendered with, by cluster. */
  readonly applied: (binding: KubeObject) => ReadonlyMap<string, AppliedPins>;
}

/** Everything that is to be said and done about a unit at one moment. */
export interface UnitPlan extends CommonPlan<UnitAction, StepRecord, MemberCluster> {
  readonly found: FoundRecord | null;
}

/** What a look at the unit adds to the plan. */
export type Verdict = VerdictOn<UnitPlan>;
