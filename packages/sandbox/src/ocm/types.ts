import type { JsonObject, KubeObject } from '../runtime/client/object.ts';
import type { Condition } from '../runtime/conditions.ts';
import type { LabelSelector, LabelSelectorTerm } from '../runtime/labels.ts';

type TaintEffect = 'NoSelect' | 'PreferNoSelect' | 'NoSelectIfNew';

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: TaintEffect;
  readonly timeAdded?: string | null;
}

interface ManagedClusterSpec {
  readonly hubAcceptsClient?: boolean;
  readonly leaseDurationSeconds?: number;
  readonly taints?: readonly Taint[];
}

export interface ManagedClusterStatus {
  readonly conditions?: readonly Condition[];
  readonly capacity?: Readonly<Record<string, string | number>>;
  readonly allocatable?: Readonly<Record<string, string | number>>;
  readonly version?: { readonly kubernetes?: string };
  readonly clusterClaims?: readonly { readonly name: string; readonly value: string }[];
}

export type ManagedCluster = KubeObject<ManagedClusterSpec, ManagedClusterStatus>;

interface ManagedClusterSetSpec {
  readonly clusterSelector?: {
    readonly selectorType?: 'ExclusiveClusterSetLabel' | 'LabelSelector';
    readonly labelSelector?: LabelSelector;
  };
}

interface WithConditions {
  readonly conditions?: readonly Condition[];
}

export type ManagedClusterSet = KubeObject<ManagedClusterSetSpec, WithConditions>;
export type ManagedClusterSetBinding = KubeObject<{ readonly clusterSet?: string }, WithConditions>;

interface ClaimSelector {
  readonly matchExpressions?: readonly LabelSelectorTerm[];
}

export interface ClusterSelector {
  readonly labelSelector?: LabelSelector;
  readonly claimSelector?: ClaimSelector;
  readonly celSelector?: { readonly celExpressions?: readonly string[] };
}

export interface Toleration {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: TaintEffect;
  readonly tolerationSeconds?: number;
}

export interface AddOnScore {
  readonly resourceName: string;
  readonly scoreName: string;
}

export interface ScoreCoordinate {
  readonly type: 'BuiltIn' | 'AddOn';
  readonly builtIn?: string;
  readonly addOn?: AddOnScore;
}

interface DecisionGroup {
  readonly groupName: string;
  readonly groupClusterSelector: Omit<ClusterSelector, 'celSelector'>;
}

export interface PlacementSpec {
  readonly clusterSets?: readonly string[];
  readonly numberOfClusters?: number;
  readonly predicates?: readonly { readonly requiredClusterSelector?: ClusterSelector }[];
  readonly prioritizerPolicy?: {
    readonly mode?: string;
    readonly configurations?: readonly {
      readonly scoreCoordinate?: ScoreCoordinate;
      readonly weight?: number;
    }[];
  };
  readonly tolerations?: readonly Toleration[];
  readonly decisionStrategy?: {
    readonly groupStrategy?: {
      readonly decisionGroups?: readonly DecisionGroup[];
      readonly clustersPerDecisionGroup?: string | number;
    };
  };
}

export interface DecisionGroupStatus {
  readonly decisionGroupIndex: number;
  readonly decisionGroupName: string;
  readonly decisions: readonly string[];
  readonly clusterCount: number;
}

export interface PlacementStatus {
  readonly numberOfSelectedClusters?: number;
  readonly decisionGroups?: readonly DecisionGroupStatus[];
  readonly conditions?: readonly Condition[];
}

export type Placement = KubeObject<PlacementSpec, PlacementStatus>;

interface ClusterDecision {
  readonly clusterName: string;
  readonly reason: string;
}

export type PlacementDecision = KubeObject<JsonObject, { readonly decisions?: readonly ClusterDecision[] }>;

interface ScoreStatus {
  readonly scores?: readonly { readonly name: string; readonly value: number }[];
  readonly validUntil?: string;
}

export type AddOnPlacementScore = KubeObject<JsonObject, ScoreStatus>;

export interface ConditionRule {
  readonly condition: string;
  readonly type: 'WellKnownConditions' | 'CEL';
  readonly celExpressions?: readonly string[];
  readonly message?: string;
  readonly messageExpression?: string;
}

export interface FeedbackRule {
  readonly type: 'WellKnownStatus' | 'JSONPaths';
  readonly jsonPaths?: readonly { readonly name: string; readonly path: string }[];
}

export interface ManifestConfig {
  readonly resourceIdentifier: {
    readonly group?: string;
    readonly resource: string;
    readonly name: string;
    readonly namespace?: string;
  };
  readonly conditionRules?: readonly ConditionRule[];
  readonly feedbackRules?: readonly FeedbackRule[];
}

export interface WorkSpec {
  readonly workload?: { readonly manifests?: readonly KubeObject[] };
  readonly manifestConfigs?: readonly ManifestConfig[];
  readonly deleteOption?: { readonly propagationPolicy?: string };
  readonly executor?: object;
}

export interface ResourceMeta {
  readonly ordinal: number;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly resource: string;
  readonly name: string;
  readonly namespace: string;
}

export interface FeedbackValue {
  readonly name: string;
  readonly fieldValue: {
    readonly type: 'Integer' | 'String' | 'Boolean';
    readonly integer?: number;
    readonly string?: string;
    readonly boolean?: boolean;
  };
}

export interface ManifestStatus {
  readonly resourceMeta: ResourceMeta;
  readonly conditions: readonly Condition[];
  readonly statusFeedback?: { readonly values?: readonly FeedbackValue[] };
}

export interface WorkStatus extends WithConditions {
  readonly resourceStatus?: { readonly manifests?: readonly ManifestStatus[] };
}

export type ManifestWork = KubeObject<WorkSpec, WorkStatus>;

interface Rollout {
  readonly maxFailures?: string | number;
  readonly minSuccessTime?: string;
  readonly progressDeadline?: string;
  readonly maxConcurrency?: string | number;
  readonly mandatoryDecisionGroups?: readonly {
    readonly groupName?: string;
    readonly groupIndex?: number;
  }[];
}

export interface RolloutStrategy {
  readonly type?: 'All' | 'Progressive' | 'ProgressivePerGroup';
  readonly all?: Rollout;
  readonly progressive?: Rollout;
  readonly progressivePerGroup?: Rollout;
}

export interface ReplicaSetSpec {
  readonly cascadeDeletionPolicy?: 'Background' | 'Foreground';
  readonly manifestWorkTemplate?: WorkSpec;
  readonly placementRefs: readonly { readonly name: string; readonly rolloutStrategy?: RolloutStrategy }[];
}

export interface Summary {
  readonly total: number;
  readonly applied: number;
  readonly available: number;
  readonly degraded: number;
  readonly progressing: number;
  readonly desiredTotal: number;
  readonly updated: number;
}

export interface ReplicaSetStatus extends WithConditions {
  readonly summary?: Summary;
  readonly placementSummary?: readonly {
    readonly name: string;
    readonly availableDecisionGroups: string;
    readonly summary: Summary;
  }[];
}

export type ManifestWorkReplicaSet = KubeObject<ReplicaSetSpec, ReplicaSetStatus>;
