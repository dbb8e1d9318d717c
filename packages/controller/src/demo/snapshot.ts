import type { Instant, Trend, ZoneCode } from '@windvane/carbon-map';
import type { EffectiveMode, PlacementReason, PlacementState } from '../status/carbon-placement.ts';
import type { Happening, Replicas } from './happening.ts';
import type { Emissions } from './ledger.ts';

/** One row of the table's upper part. */
export interface ClusterRow {
  readonly name: string;
  readonly zone: ZoneCode;
  readonly gramsPerKwh: number | null;
  readonly trend: Trend | null;
}

/** One column of the table's upper part, and one row of the lower one. */
export interface WorkloadRow {
  readonly namespace: string;
  readonly name: string;
  readonly kind: string;
  readonly about: string;
  readonly mode: EffectiveMode;
  readonly state: PlacementState;
  readonly reason: PlacementReason | null;
  /** Replicas that run now. */
  readonly replicas: Replicas;
  readonly candidates: readonly string[];
  /** Why it is left alone; null when it is not. */
  readonly refusal: string | null;
  readonly emissions: Emissions;
}

/** Everything that one moment of the demo shows. */
export interface Snapshot {
  readonly at: Instant;
  readonly hour: number;
  readonly hours: number;
  /** Where the numbers come from. */
  readonly source: string;
  readonly clusters: readonly ClusterRow[];
  readonly workloads: readonly WorkloadRow[];
  /** Newest last. */
  readonly happenings: readonly Happening[];
  readonly moves: number;
  readonly total: Emissions;
}
