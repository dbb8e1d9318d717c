import type { DataQuality, ZoneCode } from '@windvane/carbon-map';

/** What the controller may do for a workload, after the hub's ceiling. */
export type EffectiveMode = 'act' | 'observe' | 'off';

export type PlacementState =
  | 'Pending'
  | 'Steady'
  | 'Moving'
  | 'Blocked'
  | 'Observing'
  | 'Frozen'
  | 'Restoring'
  | 'Waiting'
  | 'Dispatched'
  | 'Done';

export type MisconfiguredReason =
  | 'UnknownKey'
  | 'BadValue'
  | 'NoEffect'
  | 'Contradiction'
  | 'UnresolvedLocation'
  | 'PriceMissing';

export type BlockedReason =
  | 'RealTime'
  | 'ServesTraffic'
  | 'NoPolicy'
  | 'SharedPolicy'
  | 'ConsentRequired'
  | 'UnsupportedPolicy'
  | 'LazyPolicy'
  | 'ClaimedJob'
  | 'Stateful'
  | 'MemberAutoscaler'
  | 'OverrideConflict'
  | 'TooFewReplicas'
  | 'FieldConflict'
  | 'RevertedByOther'
  | 'StaleData'
  | 'NoData'
  | 'NotReadyCluster'
  | 'InsufficientCapacity'
  | 'NoClusterCount'
  | 'TooFewClusters'
  | 'NotDispatched'
  | 'SuspendedTemplate'
  | 'Frozen';

export type PlacementReason = MisconfiguredReason | BlockedReason;

/** A Kubernetes condition (metav1.Condition). Instants are RFC 3339. */
export interface Condition {
  readonly type: 'Ready' | 'Progressing' | 'Misconfigured' | 'Blocked';
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
  readonly observedGeneration?: number;
}

export interface SplitEntry {
  readonly cluster: string;
  readonly zone: ZoneCode | null;
  readonly replicas: number;
  /** 0..1 */
  readonly share: number;
  readonly gramsPerKwh: number | null;
  readonly reason: string;
}

/** The short form of the engine's decision that is kept in the status. */
export interface DecisionSummary {
  readonly id: string;
  readonly at: string;
  readonly target: Readonly<Record<string, number>>;
  /** Relative gain, 0..1. */
  readonly gain: number;
  /** Duration text, for example `10m`. */
  readonly moveCost: string;
  readonly confidence: number;
  readonly runnerUp: string | null;
  readonly text: string;
}

export interface MoveRecord {
  readonly decision: string;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly result: 'completed' | 'rolled-back' | 'ended' | null;
  readonly from: Readonly<Record<string, number>>;
  readonly to: Readonly<Record<string, number>>;
}

/** The value of the field before Windvane first wrote it. */
export interface FoundValue {
  readonly present: boolean;
  /** The field's value as JSON, null when it was absent. */
  readonly value: unknown;
}

/** How far a Job is that Windvane dispatches. */
export type JobPhase = 'Waiting' | 'Dispatched' | 'Done';

/** When and where a Job is dispatched. Stored before its policy is made. Instants are RFC 3339. */
export interface DispatchRecord {
  /** UID of the Job: one of the same name that comes later starts anew. */
  readonly job: string;
  /** From then on it waits no longer. */
  readonly latestStart: string;
  /** As planned; null while nothing can be planned, and once it was dispatched. */
  readonly plannedStart: string | null;
  /** The PropagationPolicy that is made for it, and its one cluster; null while it waits. */
  readonly policy: string | null;
  readonly cluster: string | null;
  /** When the policy was made; null before. */
  readonly dispatchedAt: string | null;
  /** Seconds after its latest start, when it was dispatched; 0 in time. */
  readonly lateSeconds: number;
}

/** What `kubectl get cpl` prints: one scalar per column. */
export interface StatusSummary {
  /** The cluster with the lowest intensity of those that may hold replicas, with its zone. */
  readonly cleanest: string | null;
  /** `frankfurt 5, ireland 3` */
  readonly split: string;
  /** Mean over the replicas, rounded. */
  readonly gramsPerKwh: number | null;
  readonly saved: string;
}

/** Emissions so far, so that a restart goes on counting. Rates hold from `at` until the next entry. */
export interface Accounting {
  readonly at: string;
  readonly actualGrams: number;
  readonly foundGrams: number;
  readonly actualGramsPerHour: number;
  readonly foundGramsPerHour: number;
}

/** `.status` of a CarbonPlacement (windvane.dev/v1alpha1), one per opted-in workload, named `<name>-<kind in lower case>`. */
export interface CarbonPlacementStatus {
  readonly mode: EffectiveMode;
  readonly state: PlacementState;
  /** Reason of the True condition among Misconfigured and Blocked, else null. */
  readonly reason: PlacementReason | null;
  readonly data: DataQuality;
  readonly replicas: number;
  readonly split: readonly SplitEntry[];
  readonly decision: DecisionSummary | null;
  readonly step: Readonly<Record<string, unknown>> | null;
  /** The last ten, newest last. */
  readonly moves: readonly MoveRecord[];
  readonly found: FoundValue | null;
  readonly saved: { readonly grams: number; readonly percent: number } | null;
  readonly hold: {
    readonly reason: 'Restored' | 'RevertedByOther';
    readonly annotationsHash: string;
    readonly at: string;
  } | null;
  readonly conditions: readonly Condition[];
  readonly observedGeneration: number;
  readonly summary?: StatusSummary;
  readonly accounting?: Accounting | null;
  /** When the moves of the last 24 hours began. */
  readonly moveStarts?: readonly string[];
  /** Of Jobs alone. */
  readonly dispatch?: DispatchRecord;
}
