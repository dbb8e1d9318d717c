import type { Instant, ZoneCode, ZoneState } from '@windvane/carbon-map';
import type { HourlyHistory } from '@windvane/controller/carbon';

/** Where a zone's numbers come from, best first. `disk` is what the hub said last, while it does not answer. */
export type Origin = 'hub' | 'disk' | 'own' | 'baseline';

/** What is known of one zone's grid: past, present and expected, in one pair of signal and basis. Never changed. */
export interface ZoneOutlook {
  readonly origin: Origin;
  readonly state: ZoneState;
  readonly history: HourlyHistory | null;
}

/** What the hub wants of one workload in this cluster. */
export interface WorkloadShare {
  /** 0..1 */
  readonly share: number;
  /** When it last became 0; null when that is not known. */
  readonly since: Instant | null;
}

/** Everything that a decision may look at, as of one moment. Never changed: a newer one takes its place. */
export interface ScalerSnapshot {
  /** Version of the hub's map; 0 without one. */
  readonly version: number;
  readonly zones: ReadonlyMap<ZoneCode, ZoneOutlook>;
  /** By {@link workloadKey}. */
  readonly shares: ReadonlyMap<string, WorkloadShare>;
  /** The last time that the hub answered; null if it never did. */
  readonly contactAt: Instant | null;
}

/** The workload that a ScaledObject scales; a ScaledJob is its own. */
export interface WorkloadRef {
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
}

/** One text per workload. A name of Kubernetes holds no slash. */
export function workloadKey({ namespace, kind, name }: WorkloadRef): string {
  return `${namespace}/${kind}/${name}`;
}

/** What the API server says of the object that a trigger belongs to. */
export interface ScaledFacts {
  readonly createdAt: Instant;
  readonly workload: WorkloadRef;
  /** `spec.maxReplicaCount`; null when unset. */
  readonly maxReplicaCount: number | null;
}

/** A snapshot of nothing: what a scaler starts with. */
export const EMPTY_SNAPSHOT: ScalerSnapshot = {
  version: 0,
  zones: new Map(),
  shares: new Map(),
  contactAt: null,
};
