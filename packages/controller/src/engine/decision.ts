import type { Instant, Millis } from '@windvane/carbon-map';

/** The rule that kept a cluster's share from being better, in the words of the status. */
export type BindingConstraint =
  | 'none'
  | 'not-ready'
  | 'outside-locations'
  | 'avoid'
  | 'no-data'
  | 'no-price'
  | 'max-share'
  | 'headroom'
  | 'min-replicas'
  | 'max-step';

/** Why one cluster got what it got. */
export interface ClusterEvidence {
  readonly cluster: string;
  /** Mean intensity over the judged horizon in gCO2eq per kWh (PUE included); null without data. */
  readonly meanGramsPerKwh: number | null;
  /** 1 is best under the objective; null when the cluster cannot be judged. */
  readonly rank: number | null;
  readonly constraint: BindingConstraint;
  /** Share of the whole unit that the move aims at, 0..1. */
  readonly targetShare: number;
  /** One sentence for people. */
  readonly reason: string;
}

export type DecisionOutcome =
  /** A step is worth taking now: `next` differs from what stands. */
  | 'move'
  /** What stands is the best under the limits. */
  | 'keep'
  /** Something better exists, but a limit says not now; `heldBy` names it. Nothing is to be written. */
  | 'hold'
  /** No decision is possible; `heldBy` says why. */
  | 'refuse';

export type HeldBy =
  | 'min-gain'
  | 'move-cost'
  | 'cooldown'
  | 'max-moves-per-day'
  | 'pair-change'
  | 'fleet-limit'
  | 'no-ready-cluster'
  | 'no-data'
  | 'no-price'
  | 'headroom'
  | 'indivisible';

/** One workload after the next step. */
export interface WorkloadDivision {
  readonly key: string;
  readonly current: Readonly<Record<string, number>>;
  readonly next: Readonly<Record<string, number>>;
}

/** A decision carries its evidence: status, events, API, command line and console all print this value. */
export interface Decision {
  /** Same inputs, same id. */
  readonly id: string;
  readonly unit: string;
  readonly at: Instant;
  readonly mapVersion: number;
  readonly outcome: DecisionOutcome;
  readonly heldBy: HeldBy | null;
  /** Shares of the whole unit, summing to 1, that the move aims at. */
  readonly target: Readonly<Record<string, number>>;
  /**
   * Weights (1..1000; more only for a unit of more than 1,000 replicas) of the next step, for every cluster that shall
   * hold replicas, in ascending order of names. Unless the outcome is `move` they describe what stands and are not to
   * be written. Empty only for `refuse`, and while nothing stands anywhere.
   */
  readonly weights: Readonly<Record<string, number>>;
  /** What the plane makes of `weights`, per workload. */
  readonly divisions: readonly WorkloadDivision[];
  /**
   * Relative gain of `target` over what stands, 0..1, before the cost of the move, and the time it was judged on. The
   * move pays when `share` exceeds what `moveCost` takes of that time.
   */
  readonly gain: { readonly share: number; readonly horizon: Millis };
  /** True when the outcome continues the move that `history.movingTo` names; false when that one was given up. */
  readonly continues: boolean;
  /** True when `divisions` reach `target`, so that no further step follows. */
  readonly last: boolean;
  readonly moveCost: Millis;
  /** 0..1: how far the forecasts behind the gain can be trusted. */
  readonly confidence: number;
  /** The best alternative that was not taken, and why it lost. */
  readonly runnerUp: { readonly cluster: string; readonly reason: string } | null;
  readonly clusters: readonly ClusterEvidence[];
  /** One or two sentences for people: what is done and why. */
  readonly text: string;
}
