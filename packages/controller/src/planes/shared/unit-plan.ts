import type { DataQuality, Millis } from '@windvane/carbon-map';
import type { Decision } from '../../engine/decision.ts';
import type { UnitOptions } from '../../optin/options.ts';
import type {
  BlockedReason,
  CarbonPlacementStatus,
  EffectiveMode,
  MisconfiguredReason,
} from '../../status/carbon-placement.ts';
import type { Finding } from '../../status/conditions.ts';
import type { Shunned } from './annotations.ts';
import type { Divided } from './fleet-limits.ts';

/** What may be done about a unit on every plane. */
export type CommonAction<Step, Write> =
  | { readonly kind: 'none' }
  /** Take the next step, or the first of a new move. */
  | {
      readonly kind: 'begin';
      readonly decision: Decision;
      readonly step: Step;
      /** Another move that had begun is given up for it. */
      readonly replaces: boolean;
    }
  /** The next write of the step under way. */
  | { readonly kind: 'proceed'; readonly write: Write; readonly message: string }
  /** The move is over. */
  | {
      readonly kind: 'finish';
      readonly result: 'completed' | 'ended' | 'rolled-back';
      readonly message: string;
    }
  /** Somebody took back the field that Windvane writes: give up the step and stay away. */
  | { readonly kind: 'yield'; readonly by: string };

/** What a plan depends on besides the unit itself and its plane. */
export interface CommonContext {
  /** The hub's ceiling. */
  readonly ceiling: 'observe' | 'act';
  /** Why everything is frozen; null when it is not. */
  readonly frozen: string | null;
  readonly hubDefaults: Readonly<Record<string, string>>;
  /** Why the fleet's limits do not allow this step now; null when they do. */
  readonly fleetLimit: (unit: string, decision: Divided) => string | null;
}

/** Everything that is to be said and done about a unit at one moment. */
export interface CommonPlan<Action, Step, Candidate> {
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
  readonly candidates: readonly Candidate[];
  readonly step: Step | null;
  /** Clusters left alone after a failed step, and until when. */
  readonly shunned: Shunned;
  readonly hold: CarbonPlacementStatus['hold'];
  readonly action: Action;
  readonly requeueAfter: Millis | null;
}

/** What a look at a unit adds to its plan. */
export type VerdictOn<Plan extends CommonPlan<unknown, unknown, unknown>> = Partial<
  Pick<Plan, 'blocked' | 'pending' | 'moving' | 'decision' | 'action' | 'requeueAfter' | 'hold' | 'mode'>
>;
