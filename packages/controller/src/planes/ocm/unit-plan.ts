import type { DataQuality, Instant, Millis } from '@windvane/carbon-map';
import type { Decision } from '../../engine/decision.ts';
import type { ClusterOption, PlacementProblem } from '../../engine/problem.ts';
import type { UnitOptions } from '../../optin/options.ts';
import type {
  BlockedReason,
  CarbonPlacementStatus,
  EffectiveMode,
  MisconfiguredReason,
} from '../../status/carbon-placement.ts';
import type { Finding } from '../../status/conditions.ts';
import type { Shunned } from '../shared/annotations.ts';
import type { MapContext } from '../shared/intensity.ts';
import type { Classes } from './classes.ts';
import type { StepRecord } from './move/step-record.ts';
import type { StepWrite } from './move/step-state.ts';
import type { HubClusters } from './scheduler/feasible.ts';
import type { AddOnScores } from './scheduler/prioritizers.ts';
import type { ScoreWrite } from './scores/board.ts';

/** The one thing to do about a unit now. */
export type UnitAction =
  | { readonly kind: 'none' }
  /** Take the Placement over: every score, then the prioritizer policy. What OCM has decided for stays decided for. */
  | { readonly kind: 'steer'; readonly writes: readonly ScoreWrite[] }
  /** Scores of clusters that came, went or changed what they may be chosen for. */
  | { readonly kind: 'tend'; readonly writes: readonly ScoreWrite[] }
  /** Take the next step, or the first of a new move. */
  | {
      readonly kind: 'begin';
      readonly decision: Decision;
      readonly step: StepRecord;
      /** Another move that had begun is given up for it. */
      readonly replaces: boolean;
    }
  /** The next write of the step under way. */
  | { readonly kind: 'proceed'; readonly write: StepWrite; readonly message: string }
  /** The move is over. */
  | {
      readonly kind: 'finish';
      readonly result: 'completed' | 'ended' | 'rolled-back';
      readonly message: string;
    }
  /** Somebody took the prioritizer policy back: stay away. */
  | { readonly kind: 'yield'; readonly by: string }
  /** A patch left Windvane as an owner of `numberOfClusters`: give that up. */
  | { readonly kind: 'disown' };

/** What a plan depends on besides the unit itself. */
export interface PlanContext extends Omit<MapContext, 'map'> {
  readonly map: MapContext['map'] | null;
  readonly now: Instant;
  /** The hub's ceiling. */
  readonly ceiling: 'observe' | 'act';
  /** Why everything is frozen; null when it is not. */
  readonly frozen: string | null;
  readonly hub: HubClusters;
  readonly hubDefaults: Readonly<Record<string, string>>;
  readonly decide: (problem: PlacementProblem) => Decision;
  /** Score of a cluster under a Placement's name, as stored. */
  readonly score: (cluster: string, name: string) => number | undefined;
  readonly addOnScores: AddOnScores;
  /** How many Placements have decided for each cluster. */
  readonly usage: ReadonlyMap<string, number>;
  /** Why the fleet's limits do not allow this step now; null when they do. */
  readonly fleetLimit: (unit: string, decision: Decision) => string | null;
  readonly classes: Classes;
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
  /** Clusters that OCM would consider or has decided for, as the engine sees them. */
  readonly candidates: readonly ClusterOption[];
  readonly step: StepRecord | null;
  /** Clusters left alone after a failed step, and until when. */
  readonly shunned: Shunned;
  readonly hold: CarbonPlacementStatus['hold'];
  readonly action: UnitAction;
  readonly requeueAfter: Millis | null;
}

/** What a look at the unit adds to the plan. */
export type Verdict = Partial<
  Pick<UnitPlan, 'blocked' | 'pending' | 'moving' | 'decision' | 'action' | 'requeueAfter' | 'hold' | 'mode'>
>;
