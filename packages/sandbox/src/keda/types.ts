import type { KubeObject } from '../runtime/client/object.ts';
import type { Condition } from '../runtime/conditions.ts';

/** KEDA's kinds, as far as the stand-in reads or writes them. */

export interface Trigger {
  readonly type: string;
  readonly name?: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly metricType?: 'AverageValue' | 'Value' | 'Utilization';
  readonly useCachedMetrics?: boolean;
}

interface ScalingModifiers {
  readonly formula?: string;
  readonly target?: string;
  readonly activationTarget?: string;
  readonly metricType?: 'AverageValue' | 'Value';
}

export interface ScalingRules {
  readonly policies?: readonly {
    readonly type: string;
    readonly value: number;
    readonly periodSeconds: number;
  }[];
  readonly selectPolicy?: 'Max' | 'Min' | 'Disabled';
  readonly stabilizationWindowSeconds?: number;
  readonly tolerance?: string | number;
}

export interface Behavior {
  readonly scaleUp?: ScalingRules;
  readonly scaleDown?: ScalingRules;
}

export interface ScaledObjectSpec {
  readonly scaleTargetRef: { readonly apiVersion?: string; readonly kind?: string; readonly name: string };
  readonly pollingInterval?: number;
  readonly cooldownPeriod?: number;
  readonly initialCooldownPeriod?: number;
  readonly idleReplicaCount?: number;
  readonly minReplicaCount?: number;
  readonly maxReplicaCount?: number;
  readonly advanced?: {
    readonly horizontalPodAutoscalerConfig?: { readonly behavior?: Behavior; readonly name?: string };
    readonly scalingModifiers?: ScalingModifiers;
  };
  readonly triggers: readonly Trigger[];
}

export interface ScaledObjectStatus {
  readonly conditions?: readonly Condition[];
  readonly lastActiveTime?: string;
  readonly externalMetricNames?: readonly string[];
  readonly hpaName?: string;
  readonly triggersTypes?: string;
  readonly pausedReplicaCount?: number;
}

export type ScaledObject = KubeObject<ScaledObjectSpec, ScaledObjectStatus>;

interface ScaledJobSpec {
  readonly jobTargetRef: object;
  readonly pollingInterval?: number;
  readonly minReplicaCount?: number;
  readonly maxReplicaCount?: number;
  readonly triggers: readonly Trigger[];
  readonly rollout?: { readonly strategy?: string };
  readonly scalingStrategy?: { readonly strategy?: string; readonly multipleScalersCalculation?: string };
}

export interface ScaledJobStatus {
  readonly conditions?: readonly Condition[];
  readonly lastActiveTime?: string;
  readonly triggersTypes?: string;
}

export type ScaledJob = KubeObject<ScaledJobSpec, ScaledJobStatus>;

export interface HpaMetric {
  readonly type: 'External';
  readonly external: {
    readonly metric: { readonly name: string; readonly selector: object };
    readonly target: {
      readonly type: 'AverageValue' | 'Value';
      readonly averageValue?: string;
      readonly value?: string;
    };
  };
}

export interface HpaSpec {
  readonly scaleTargetRef: { readonly apiVersion: string; readonly kind: string; readonly name: string };
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly metrics: readonly HpaMetric[];
  readonly behavior?: Behavior;
}

export type Hpa = KubeObject<HpaSpec>;

/** A workload with a number of replicas. */
export type Workload = KubeObject<{ readonly replicas?: number; readonly template?: unknown }>;
