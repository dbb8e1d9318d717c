import type { JsonObject, KubeObject } from '../runtime/client/object.ts';
import type { Condition } from '../runtime/conditions.ts';
import type { LabelSelector, LabelSelectorTerm } from '../runtime/labels.ts';

export interface ClusterAffinity {
  readonly labelSelector?: LabelSelector;
  readonly fieldSelector?: { readonly matchExpressions?: readonly LabelSelectorTerm[] };
  readonly clusterNames?: readonly string[];
  readonly exclude?: readonly string[];
}

interface ClusterAffinityTerm extends ClusterAffinity {
  readonly affinityName: string;
}

export interface Toleration {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
}

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
  readonly timeAdded?: string;
}

interface SpreadConstraint {
  readonly spreadByField?: string;
  readonly spreadByLabel?: string;
  readonly maxGroups?: number;
  readonly minGroups?: number;
}

interface ReplicaScheduling {
  readonly replicaSchedulingType?: 'Duplicated' | 'Divided';
  readonly replicaDivisionPreference?: 'Aggregated' | 'Weighted';
  readonly weightPreference?: {
    readonly staticWeightList?: readonly {
      readonly targetCluster: ClusterAffinity;
      readonly weight: number;
    }[];
    readonly dynamicWeight?: string;
  };
}

export interface Placement {
  readonly clusterAffinity?: ClusterAffinity;
  readonly clusterAffinities?: readonly ClusterAffinityTerm[];
  readonly clusterTolerations?: readonly Toleration[];
  readonly spreadConstraints?: readonly SpreadConstraint[];
  readonly replicaScheduling?: ReplicaScheduling;
}

export interface ResourceSelector {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly labelSelector?: LabelSelector;
}

interface Suspension {
  readonly dispatching?: boolean;
  readonly dispatchingOnClusters?: { readonly clusterNames?: readonly string[] };
}

export interface PropagationSpec {
  readonly resourceSelectors: readonly ResourceSelector[];
  readonly placement?: Placement;
  readonly priority?: number;
  readonly activationPreference?: string;
  readonly conflictResolution?: string;
  readonly propagateDeps?: boolean;
  readonly schedulerName?: string;
  readonly suspension?: Suspension;
  readonly preserveResourcesOnDeletion?: boolean;
  readonly failover?: JsonObject;
}

/** A PropagationPolicy or a ClusterPropagationPolicy. */
export type Policy = KubeObject<PropagationSpec>;

export interface Overriders {
  readonly plaintext?: readonly {
    readonly operator: string;
    readonly path: string;
    readonly value?: unknown;
  }[];
  readonly labelsOverrider?: readonly MapOverrider[];
  readonly annotationsOverrider?: readonly MapOverrider[];
}

export interface MapOverrider {
  readonly operator: string;
  readonly value: Readonly<Record<string, string>>;
}

export interface OverrideSpec {
  readonly resourceSelectors?: readonly ResourceSelector[];
  readonly overrideRules?: readonly {
    readonly targetCluster?: ClusterAffinity;
    readonly overriders: Overriders;
  }[];
  readonly targetCluster?: ClusterAffinity;
  readonly overriders?: Overriders;
}

/** An OverridePolicy or a ClusterOverridePolicy. */
export type OverridePolicy = KubeObject<OverrideSpec>;

export interface TargetCluster {
  readonly name: string;
  readonly replicas?: number;
}

export interface ReplicaRequirements {
  readonly resourceRequest?: Readonly<Record<string, string>>;
  readonly nodeClaim?: JsonObject;
}

export interface BindingSpec {
  readonly resource: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly namespace?: string;
    readonly name: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
  };
  readonly replicas?: number;
  readonly replicaRequirements?: ReplicaRequirements;
  readonly clusters?: readonly TargetCluster[];
  readonly placement?: Placement;
  readonly propagateDeps?: boolean;
  readonly schedulerName?: string;
  readonly conflictResolution?: string;
  readonly preserveResourcesOnDeletion?: boolean;
  readonly failover?: JsonObject;
  readonly suspension?: Suspension;
  readonly rescheduleTriggeredAt?: string;
}

export type Health = 'Healthy' | 'Unhealthy' | 'Unknown';

export interface AggregatedStatusItem {
  readonly clusterName: string;
  readonly status?: JsonObject;
  readonly applied: boolean;
  readonly appliedMessage?: string;
  readonly health: Health;
}

interface BindingStatus {
  readonly schedulerObservedGeneration?: number;
  readonly schedulerObservingAffinityName?: string;
  readonly lastScheduledTime?: string;
  readonly conditions?: readonly Condition[];
  readonly aggregatedStatus?: readonly AggregatedStatusItem[];
}

/** A ResourceBinding or a ClusterResourceBinding. */
export type Binding = KubeObject<BindingSpec, BindingStatus>;

interface WorkSpec {
  readonly workload: { readonly manifests: readonly KubeObject[] };
  readonly suspendDispatching?: boolean;
  readonly preserveResourcesOnDeletion?: boolean;
}

export interface ManifestStatus {
  readonly identifier: {
    readonly ordinal: number;
    readonly group?: string;
    readonly version: string;
    readonly kind: string;
    readonly resource: string;
    readonly namespace?: string;
    readonly name: string;
  };
  readonly status?: JsonObject;
  readonly health?: Health;
}

interface WorkStatus {
  readonly conditions?: readonly Condition[];
  readonly manifestStatuses?: readonly ManifestStatus[];
}

export type Work = KubeObject<WorkSpec, WorkStatus>;

interface ClusterSpec {
  readonly provider?: string;
  readonly region?: string;
  readonly zone?: string;
  readonly zones?: readonly string[];
  readonly syncMode: 'Push' | 'Pull';
  readonly taints?: readonly Taint[];
}

interface ClusterStatus {
  readonly conditions?: readonly Condition[];
  readonly apiEnablements?: readonly {
    readonly groupVersion: string;
    readonly resources?: readonly { readonly name: string; readonly kind: string }[];
  }[];
  readonly kubernetesVersion?: string;
  readonly nodeSummary?: JsonObject;
  readonly resourceSummary?: {
    readonly allocatable?: Readonly<Record<string, string>>;
    readonly allocated?: Readonly<Record<string, string>>;
    readonly allocating?: Readonly<Record<string, string>>;
  };
}

export type Cluster = KubeObject<ClusterSpec, ClusterStatus>;
