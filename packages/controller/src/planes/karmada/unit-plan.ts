import type { DataQuality, Millis } from '@windvane/carbon-map';
import type { Decision } from '../../engine/decision.ts';
import type { PlacementProblem } from '../../engine/problem.ts';
import type { KubeObject } from '../../kube/resource.ts';
import type { UnitOptions } from '../../optin/options.ts';
import type {
  BlockedReason,
  CarbonPlacementStatus,
  EffectiveMode,
  MisconfiguredReason,
} from '../../status/carbon-placement.ts';
import type { Finding } from '../../status/conditions.ts';
import type { FoundRecord, Shunned } from '../shared/annotations.ts';
import type { StepRecord } from './annotations.ts';
import type { CandidateContext } from './candidates.ts';
import type { MemberCluster } from './member.ts';
import type { AppliedPins } from './move/pins.ts';
import type { StepWrite } from './move/step-state.ts';

/** The one thing to do about a unit now. */
export type UnitAction =
  | { readonly kind: 'none' }
  /** Take the next step, or the first of a new move. */
  | {
      readonly kind: 'begin';
      readonly decision: Decision;
      readonly step: StepRecord;
      /** Another move that had begun is given up for it. */
      readonly replaces: boolean;
    }
  /** The move is over. */
  | {
      readonly kind: 'finish';
      readonly result: 'completed' | 'ended' | 'rolled-back';
      readonly message: string;
    }
  /** The next write of the step under way. */
  | { readonly kind: 'proceed'; readonly write: StepWrite; readonly message: string }
  /** Somebody took the weights back: give up the step and stay away. */
  | { readonly kind: 'yield'; readonly by: string };

/** What a plan depends on besides the unit itself. */
export interface PlanContext extends Omit<CandidateContext, 'map'> {
  readonly map: CandidateContext['map'] | null;
  /** The hub's ceiling. */
  readonly ceiling: 'observe' | 'act';
  /** Why everything is frozen; null when it is not. */
  readonly frozen: string | null;
  readonly fleet: readonly MemberCluster[];
  readonly hubDefaults: Readonly<Record<string, string>>;
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
  /** Why the fleet's limits do not allow this step now; null when they do. */
  readonly fleetLimit: (unit: string, decision: Decision) => string | null;
}

/** Everything that is to be said and done about a unit at one moment. */
export interface UnitPlan {
  readonly options: UnitOptions;
  readonly optInHash: string;
  readonly mode: EffectiveMode;
  readonly frozen: string | null;
  readonly misconfigured: Finding<MisconfiguredReason> | null;
  readonly blocked: Finding<BlockedReason> | null;
  readonly pending: string | null;
  readonly moving: string | null;
  readonly decision: Decision | null;
  readonly data: DataQuality;
  readonly candidates: readonly MemberCluster[];
  readonly found: FoundRecord | null;
  readonly step: StepRecord | null;
  /** Clusters left alone after a failed step, and until when. */
  readonly shunned: Shunned;
  readonly hold: CarbonPlacementStatus['hold'];
  readonly action: UnitAction;
  readonly requeueAfter: Millis | null;
}
