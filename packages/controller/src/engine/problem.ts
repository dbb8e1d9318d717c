import type {
  DataQuality,
  ForecastPoint,
  Instant,
  Millis,
  SignalPair,
  UnderOldPair,
  ZoneCode,
} from '@windvane/carbon-map';

export type Objective = 'carbon' | 'cost' | 'blended';

/**
 * What became of a forecast of one zone that was made on a past day: what may still happen to today's. In gCO2eq per
 * kWh before PUE.
 */
export interface PastForecast {
  /** Hours that the forecast covered, the one in which it was made included. */
  readonly hours: number;
  /** Hours over which its revisions were followed. */
  readonly steps: number;
  /**
   * `changes[(step - 1) * hours + hour]`: how much more than at first was expected for `hour` after `step` hours. Hours
   * before `step` had passed by then and hold 0.
   */
  readonly changes: Float32Array;
}

/**
 * A price for all hours, or one for each hour from that of the problem's `at` on. A list is known without gaps as far
 * as it goes; beyond its end its last day repeats. An empty one is no price. Negative prices are real.
 */
export type HourlyPrice = number | readonly number[];

/** One cluster as the engine sees it. Names are unique within a problem; order carries no meaning. */
export interface ClusterOption {
  readonly name: string;
  /** Null when the cluster's location is not known: neither fed nor drained. */
  readonly zone: ZoneCode | null;
  /** Ready and not tainted against the unit. A cluster that is not ready is never fed. */
  readonly ready: boolean;
  /** Inside the unit's `locations`. One that is not is left by guarded steps. */
  readonly allowed: boolean;
  /** Marked `avoid`, or it failed a move recently: drained gently, never fed. */
  readonly avoid: boolean;
  /** Present intensity in gCO2eq per kWh times the cluster's PUE; null without data. */
  readonly gramsPerKwh: number | null;
  /** Expected intensity (PUE included) from the present hour on, at `forecastResolution`; empty without a forecast. */
  readonly forecast: readonly ForecastPoint[];
  /** Power usage effectiveness, which `gramsPerKwh` and `forecast` already include; 1 when not given. */
  readonly pue?: number;
  /**
   * Forecasts made at this hour of past days, without gaps, the most recent first and the same days for every cluster; shared by all
   * clusters and units of the zone. Left out while too little history is known.
   */
  readonly pastForecasts?: readonly PastForecast[];
  /**
   * After the map changed its pair, what is known under the one that it left (PUE included): a difference may come from
   * counting otherwise. Left out when it did not change, or readings are newer everywhere.
   */
  readonly oldPair?: UnderOldPair;
  /** All-in price of one replica for an hour here, in the hub's currency; null when not configured. */
  readonly pricePerReplicaHour: HourlyPrice | null;
  /**
   * Price of a kWh in the zone, in the hub's currency. It counts, times power and PUE, where no `pricePerReplicaHour`
   * is given: that one holds the electricity already.
   */
  readonly pricePerKwh?: HourlyPrice | null;
  /** Replicas of this unit that still fit beside everything else; null when not known. */
  readonly headroomReplicas: number | null;
  /** Other units that this room is shared with, when `headroomReplicas` is only the unit's part of it. */
  readonly sharedWith?: number;
  /** Largest share of the unit that may stand here, 0..1. */
  readonly maxShare: number;
}

/** Limits of one unit, from annotations and the hub's configuration. Shares and percentages are 0..1. */
export interface UnitLimits {
  /** Replicas kept in every allowed cluster that has some; 0 lets clusters be left. */
  readonly minReplicas: number;
  /** Largest part of the unit moved in one step; at least one replica always may. */
  readonly maxStep: number;
  /** Least relative gain that is worth a move. */
  readonly minGain: number;
  /** Work that a moved replica loses. */
  readonly moveCost: Millis;
  /** Rest between the end of a move and the start of the next. */
  readonly cooldown: Millis;
  readonly maxMovesPerDay: number;
}

/** The workloads that one decision places. All limits hold for each of them. */
export interface WorkloadSize {
  /** `namespace/name`, unique within the unit. */
  readonly key: string;
  readonly replicas: number;
  /** UID that breaks ties in Karmada's division; empty breaks them by ascending name. */
  readonly uid: string;
  /**
   * Replicas per cluster now, as the plane reports them. Empty before the first placement, which is free of steps,
   * floors and move costs. A sum other than `replicas` is scaled to it.
   */
  readonly current: Readonly<Record<string, number>>;
}

/** What the unit did before this decision. */
export interface UnitHistory {
  /** End of the last completed move; null if there was none. */
  readonly lastMoveAt: Instant | null;
  /** Moves begun during the last 24 hours. */
  readonly movesLastDay: number;
  /** Target shares of a move in flight; null when at rest. A move is decision to completion, whatever its steps. */
  readonly movingTo: Readonly<Record<string, number>> | null;
}

/** Everything that a decision depends on. The engine reads no clock, no random number and nothing else. */
export interface PlacementProblem {
  readonly unit: string;
  readonly at: Instant;
  readonly objective: Objective;
  readonly mapVersion: number;
  readonly pair: SignalPair;
  readonly data: DataQuality;
  readonly forecastResolution: Millis;
  readonly clusters: readonly ClusterOption[];
  readonly workloads: readonly WorkloadSize[];
  readonly limits: UnitLimits;
  readonly history: UnitHistory;
  /** Carbon price in the hub's currency per kg, for `blended`. */
  readonly carbonPricePerKg: number;
  /** Power of one replica in watts, for money and savings. */
  readonly wattsPerReplica: number;
}
